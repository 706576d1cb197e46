"""OCPP 1.6: local authorization lists, sent and learned of (TC_042, TC_043)."""

from typing import Any, cast

from csms.authorization.list_plan import ListEntry, ListPart
from csms.authorization.lists import note_sent, note_version
from csms.authorization.service import Decision
from csms.commands.commands import SendLocalList
from csms.gateway.asking import Asked, Json
from csms.gateway.v16.core import id_tag_info
from csms.gateway.wire import without_none
from csms.ocpp.timestamps import parse_timestamp
from csms.work import Work


def send_local_list(command: SendLocalList) -> Json:
    """SendLocalList as 1.6 says it; without entries there is no list in it."""
    return without_none(
        listVersion=command.version,
        localAuthorizationList=[_written(entry) for entry in command.entries] or None,
        updateType="Full" if command.is_full else "Differential",
    )


def _written(entry: ListEntry) -> Json:
    if entry.status is None:
        return {"idTag": entry.id_token}
    return {"idTag": entry.id_token, "idTagInfo": id_tag_info(Decision(entry.status, entry.expires_at, entry.group))}


async def learn_version(work: Work, asked: Asked) -> None:
    """TC_042: -1 is no lists at all, 0 an empty one."""
    version = asked.answer.get("listVersion")
    if isinstance(version, int):
        await note_version(work, asked.ref, version, asked.at)


async def learn_sent(work: Work, asked: Asked) -> None:
    """TC_043: what the station took is what it holds."""
    version, sent = asked.payload.get("listVersion"), asked.payload.get("localAuthorizationList")
    if isinstance(version, int):
        entries = cast(list[Any], sent) if isinstance(sent, list) else []
        read = [entry for item in entries if (entry := _read(item)) is not None]
        part = ListPart(version, asked.payload.get("updateType") == "Full", tuple(read))
        await note_sent(work, asked.ref, part, str(asked.answer.get("status", "")), asked.at)


def _read(item: Any) -> ListEntry | None:
    """An entry as sent, which a person may have typed."""
    if not isinstance(item, dict):
        return None
    entry = cast(Json, item)
    id_tag, info = entry.get("idTag"), entry.get("idTagInfo")
    if not isinstance(id_tag, str):
        return None
    if not isinstance(info, dict):
        return ListEntry(id_tag, "", None)
    said = cast(Json, info)
    return ListEntry(
        id_tag, "", str(said.get("status", "")), parse_timestamp(said.get("expiryDate")), said.get("parentIdTag")
    )


LESSONS = {"GetLocalListVersion": learn_version, "SendLocalList": learn_sent}

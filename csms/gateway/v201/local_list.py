"""OCPP 2.x: local authorization lists, sent and learned of (D01, D02)."""

from typing import Any, cast

from csms.authorization.list_plan import ListEntry, ListPart
from csms.authorization.lists import note_sent, note_version
from csms.authorization.service import Decision
from csms.commands.commands import SendLocalList
from csms.gateway.asking import Asked, Json
from csms.gateway.v201.core import id_token_info
from csms.gateway.wire import without_none
from csms.ocpp.timestamps import parse_timestamp
from csms.work import Work


def send_local_list(command: SendLocalList) -> Json:
    """SendLocalList as 2.x says it; without entries there is no list in it, for it must not be empty (D_04)."""
    return without_none(
        versionNumber=command.version,
        updateType="Full" if command.is_full else "Differential",
        localAuthorizationList=[_written(entry) for entry in command.entries] or None,
    )


def _written(entry: ListEntry) -> Json:
    id_token: Json = {"idToken": entry.id_token, "type": entry.id_token_type}
    if entry.status is None:
        return {"idToken": id_token}
    info = id_token_info(Decision(entry.status, entry.expires_at, entry.group))
    return {"idToken": id_token, "idTokenInfo": info}


async def learn_version(work: Work, asked: Asked) -> None:
    """D_08, D_09: 0 is no list. MicroOcpp answers with the name that 1.6 gave it (quirk 77)."""
    version = asked.answer.get("versionNumber", asked.answer.get("listVersion"))
    if isinstance(version, int):
        await note_version(work, asked.ref, version, asked.at)


async def learn_sent(work: Work, asked: Asked) -> None:
    """D_01 to D_04: what the station took is what it holds."""
    version, sent = asked.payload.get("versionNumber"), asked.payload.get("localAuthorizationList")
    if isinstance(version, int):
        entries = cast(list[Any], sent) if isinstance(sent, list) else []
        read = [entry for item in entries if (entry := _read(item)) is not None]
        part = ListPart(version, asked.payload.get("updateType") == "Full", tuple(read))
        await note_sent(work, asked.ref, part, str(asked.answer.get("status", "")), asked.at)


def _read(item: Any) -> ListEntry | None:
    """An entry as sent, which a person may have typed."""
    token = _dict(_dict(item).get("idToken"))
    value, info = token.get("idToken"), _dict(item).get("idTokenInfo")
    if not isinstance(value, str):
        return None
    kind = str(token.get("type", ""))
    if not isinstance(info, dict):
        return ListEntry(value, kind, None)
    said = cast(Json, info)
    expires_at = parse_timestamp(said.get("cacheExpiryDateTime"))
    return ListEntry(
        value, kind, str(said.get("status", "")), expires_at, _dict(said.get("groupIdToken")).get("idToken")
    )


def _dict(item: Any) -> Json:
    return cast(Json, item) if isinstance(item, dict) else {}


LESSONS = {"GetLocalListVersion": learn_version, "SendLocalList": learn_sent}

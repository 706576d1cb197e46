"""Transaction messages that break their schema: refused to the station, kept for the operator (TR_50)."""

from typing import Any, cast

import orjson
from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import MessageParked
from csms.gateway.archive import frame_row, keep_frame
from csms.gateway.context import Services
from csms.ocpp.events import Reply
from csms.stations.ref import StationRef
from csms.work import Work
from models import ParkedMessage

_TRANSACTIONAL = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})


def is_transactional(action: str | None) -> bool:
    """Whether money may hang on the message."""
    return action in _TRANSACTIONAL


async def park_refused(services: Services, ref: StationRef, refusal: Reply) -> None:
    """Keep the refused message before its refusal is sent: the station may give up on it."""
    now = services.clock.now()
    action, code = refusal.action or "", refusal.code or ""
    message_id, payload, reason = _read(refusal)
    row = frame_row(
        ref,
        at=now,
        from_station=True,
        message_id=message_id,
        action=action,
        text=refusal.call_text,
        answer_text=refusal.text,
        outcome=code,
        latency_ms=None,
    )

    async def unit(work: Work) -> None:
        keep_frame(work, ref, row)
        if await _is_waiting(work, ref, action, payload):
            return
        work.session().add(
            ParkedMessage(
                tenant_id=ref.tenant_id,
                station_id=ref.id,
                received_at=now,
                action=action,
                reason=reason,
                payload=payload,
                proposal="Correct the message and take it in by hand",
            )
        )
        work.announce(MessageParked(tenant_id=ref.tenant_id, station_id=ref.id, at=now, action=action, reason=reason))

    await services.committer.run(unit)


async def _is_waiting(work: Work, ref: StationRef, action: str, payload: dict[str, Any]) -> bool:
    """Whether the same message waits already: stations repeat what was refused, every few seconds, for ever."""
    latest = (
        select(col(ParkedMessage.payload))
        .where(
            col(ParkedMessage.station_id) == ref.id,
            col(ParkedMessage.action) == action,
            col(ParkedMessage.resolved_at).is_(None),
        )
        .order_by(col(ParkedMessage.id).desc())
        .limit(20)
    )
    return payload in (await work.session().execute(latest)).scalars().all()


def _read(refusal: Reply) -> tuple[str, dict[str, Any], str]:
    """Id and payload of the message, and why it was refused. It was a CALL with an action, so it can be read."""
    message: list[Any] = orjson.loads(refusal.call_text.replace("\\u0000", ""))
    error: list[Any] = orjson.loads(refusal.text)
    payload = cast(dict[str, Any], message[3]) if isinstance(message[3], dict) else {"payload": message[3]}
    return str(message[1]), payload, f"{refusal.code}: {error[3]}"

"""Messages that were acknowledged but cannot be placed: kept for an operator, with what we would do about them."""

from dataclasses import asdict
from typing import Any

import orjson
from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import MessageParked
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.transactions.reports import EventReport, MeterReport, StopReport
from csms.work import Work
from models import ParkedMessage

Report = StopReport | MeterReport | EventReport


def park(
    work: Work,
    ref: StationRef,
    action: str,
    report: Report,
    reason: str,
    proposal: str,
    transaction_id: int | None = None,
) -> None:
    """Keep `report`. `reason` and `proposal` are sentences for an operator; it contradicts `transaction_id`, if any."""
    row = {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "received_at": report.received_at,
        "action": action,
        "reason": reason,
        "payload": _payload(report),
        "proposal": proposal,
        "transaction_id": transaction_id,
        "resolved_at": None,
        "resolution": "",
        "resolved_by": "",
        "note": "",
    }
    work.append(ParkedMessage, row)
    work.announce(
        MessageParked(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=report.received_at,
            cause_id=current_cause(),
            action=action,
            reason=reason,
        )
    )


async def is_parked(work: Work, ref: StationRef, action: str, report: Report) -> bool:
    """Whether the same report was parked already: a station repeats what it thinks was lost."""
    waiting = await work.session().scalars(
        select(col(ParkedMessage.payload))
        .where(
            col(ParkedMessage.station_id) == ref.id,
            col(ParkedMessage.action) == action,
        )
        .order_by(col(ParkedMessage.id).desc())
        .limit(100)
    )
    payload = _payload(report)
    return any(parked == payload for parked in waiting)


def _payload(report: Report) -> dict[str, Any]:
    """The report as JSON, without when it came: that differs when it comes again."""
    document: dict[str, Any] = orjson.loads(orjson.dumps(asdict(report), default=str))
    del document["received_at"]
    return document

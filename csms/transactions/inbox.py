"""The repair inbox: messages that were acknowledged and could not be placed, each with what could be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import same_token
from csms.transactions.meter import Moment
from csms.transactions.reports import MeterReport, StopReport, TokenRef
from models import ParkedMessage, Transaction

MAX_CANDIDATES = 20


class Remedy(StrEnum):
    """What can be done about a parked message."""

    ASSIGN = "assign"
    """Give it to a transaction."""
    CREATE = "create"
    """Record a transaction from it."""
    DISMISS = "dismiss"


@dataclass(frozen=True, slots=True)
class Proposal:
    """What Voltdeck would do, and why; `transaction_id` for ASSIGN."""

    remedy: Remedy
    words: str
    transaction_id: int | None = None


async def waiting_messages(
    session: AsyncSession, *, station_id: int | None = None, before_id: int | None = None, limit: int = 50
) -> list[ParkedMessage]:
    """Messages of the tenant in scope, or of a station, that wait for a decision, newest first.

    `before_id` is the last one already seen, for the next page.
    """
    query = select(ParkedMessage).where(col(ParkedMessage.resolved_at).is_(None))
    return await _page(session, query, station_id, before_id, limit)


async def resolved_messages(
    session: AsyncSession, *, station_id: int | None = None, before_id: int | None = None, limit: int = 50
) -> list[ParkedMessage]:
    """What became of earlier ones, newest first."""
    query = select(ParkedMessage).where(col(ParkedMessage.resolved_at).is_not(None))
    return await _page(session, query, station_id, before_id, limit)


async def _page(
    session: AsyncSession, query: Any, station_id: int | None, before_id: int | None, limit: int
) -> list[ParkedMessage]:
    if station_id is not None:
        query = query.where(col(ParkedMessage.station_id) == station_id)
    if before_id is not None:
        query = query.where(col(ParkedMessage.id) < before_id)
    found = await session.execute(query.order_by(col(ParkedMessage.id).desc()).limit(limit))
    return list(found.scalars())


async def propose(session: AsyncSession, message: ParkedMessage) -> Proposal:
    """What to do about a message, by what is known now: more may have arrived since it was parked."""
    if message.transaction_id is not None:
        return Proposal(Remedy.DISMISS, message.proposal)
    if message.action == "StopTransaction":
        return await _propose_for_stop(session, message, stop_report(message))
    return await _propose_for_meter_values(session, message, meter_report(message))


async def _propose_for_stop(session: AsyncSession, message: ParkedMessage, report: StopReport) -> Proposal:
    """The one open transaction that it can end; else the session it tells of (quirk 39)."""
    meant = [row for row in await open_at(session, message.station_id) if _can_end(row, report)]
    if len(meant) == 1:
        words = f"End session {meant[0].id}, which began at {meant[0].started_at:%Y-%m-%d %H:%M} UTC"
        return Proposal(Remedy.ASSIGN, words, meant[0].id)
    return Proposal(Remedy.CREATE, message.proposal)


def _can_end(row: Transaction, report: StopReport) -> bool:
    if row.started_at > report.at:
        return False
    if report.meter_wh is not None and row.start_energy_wh is not None and report.meter_wh < row.start_energy_wh:
        return False
    return report.token is None or same_token(report.token.value, row.id_token)


async def _propose_for_meter_values(session: AsyncSession, message: ParkedMessage, report: MeterReport) -> Proposal:
    ref = report.transaction_ref
    named = [row for row in await open_at(session, message.station_id) if str(ref) in (row.ocpp_id, str(row.id))]
    if named:
        return Proposal(Remedy.ASSIGN, f"Add the values to session {named[0].id}, which they name", named[0].id)
    return Proposal(Remedy.DISMISS, "Dismiss the values: they name neither an EVSE nor a session that there is")


async def open_at(session: AsyncSession, station_id: int) -> Sequence[Transaction]:
    """Open transactions of a station, newest first."""
    query = (
        select(Transaction)
        .where(col(Transaction.station_id) == station_id, col(Transaction.is_open))
        .order_by(col(Transaction.id).desc())
        .limit(MAX_CANDIDATES)
    )
    return (await session.execute(query)).scalars().all()


def stop_report(message: ParkedMessage) -> StopReport:
    """The StopTransaction as it was parked."""
    told = message.payload
    return StopReport(
        transaction_ref=told["transaction_ref"],
        token=None if told["token"] is None else TokenRef(told["token"]["value"], told["token"]["type"]),
        meter_wh=told["meter_wh"],
        at=datetime.fromisoformat(told["at"]),
        received_at=message.received_at,
        reason=told["reason"],
        moments=moments_in(message),
    )


def meter_report(message: ParkedMessage) -> MeterReport:
    """The MeterValues as they were parked."""
    told = message.payload
    return MeterReport(told["evse_number"], told["transaction_ref"], moments_in(message), message.received_at)


def moments_in(message: ParkedMessage) -> list[Moment]:
    """The meter values that a parked message brought."""
    moments = cast(list[dict[str, Any]], message.payload.get("moments") or [])
    return [_moment(moment) for moment in moments]


def _moment(told: dict[str, Any]) -> Moment:
    values: dict[str, Any] = told | {"sampled_at": datetime.fromisoformat(told["sampled_at"])}
    return Moment(**values)

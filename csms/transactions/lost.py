"""Transactions that seem to have lost their end: worked out from facts and one now, no timer (DS_28, DS_40)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.transactions.machine import CLOSED_BY_OPERATOR
from csms.transactions.restore import Loaded, load
from models import ChargingStation, Connector, Transaction

CONTRADICTED_AFTER = timedelta(minutes=5)
"""A stop comes within this time after the connector is Available, if it comes by itself (quirk 41)."""
SILENT_AFTER = timedelta(days=1)
"""Nothing heard of a transaction of a connected station for so long."""
AWAY_AFTER = timedelta(days=7)
"""A station that is away may be charging and tell later; not for ever."""
MAX_OPEN = 10_000


class Condition(StrEnum):
    """How a transaction stands."""

    OPEN = "open"
    SUSPECTED_LOST = "suspected_lost"
    """Its end was lost on the way, by all appearance. It stays open and is not billed until someone decides."""
    CLOSED_BY_OPERATOR = "closed_by_operator"
    """A person gave it up. A real end that comes after all still wins."""
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a transaction, its connector and its station."""

    is_open: bool
    remarks: tuple[str, ...]
    started_at: datetime
    heard_at: datetime
    """The latest moment that the station spoke of, by its own clock."""
    received_at: datetime
    """When its start came, which may be long after it happened."""
    is_online: bool
    connector_status: str = "Unknown"
    connector_since: datetime | None = None
    told_ongoing: bool | None = None
    told_queued: bool | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """The condition of a transaction; `why` is a sentence for people, empty when there is nothing to say."""

    condition: Condition
    why: str = ""


def verdict_of(facts: Facts, now: datetime) -> Verdict:
    """How a transaction stands at `now`."""
    if not facts.is_open:
        is_closed = CLOSED_BY_OPERATOR in facts.remarks
        return Verdict(Condition.CLOSED_BY_OPERATOR if is_closed else Condition.ENDED)
    why = _why_lost(facts, now)
    return Verdict(Condition.SUSPECTED_LOST, why) if why else Verdict(Condition.OPEN)


def _why_lost(facts: Facts, now: datetime) -> str:
    if facts.told_ongoing is False:
        later = "; what is missing is still to come" if facts.told_queued else " and has nothing more to tell"
        return f"The station says that it is over{later}."
    if "superseded" in facts.remarks:
        return "Another session began at the same EVSE; the end of this one has not arrived."
    if is_contradicted(facts, now) and facts.heard_at - CONTRADICTED_AFTER <= cast(datetime, facts.connector_since):
        return "The connector is free, but the end of the session has not arrived."
    silence = now - max(facts.heard_at, facts.received_at)
    if silence > (SILENT_AFTER if facts.is_online else AWAY_AFTER):
        return f"The station has not spoken of it for {silence.days} days."
    return ""


def is_contradicted(facts: Facts, now: datetime) -> bool:
    """DS_40: the station calls the connector Available, and has for minutes, while its session is open."""
    since = facts.connector_since
    return (
        facts.is_open
        and facts.is_online
        and facts.connector_status == "Available"
        and since is not None
        and since >= facts.started_at
        and now - since > CONTRADICTED_AFTER
    )


@dataclass(frozen=True, slots=True)
class Judged:
    """An open transaction and its verdict."""

    transaction: Transaction
    facts: Facts
    verdict: Verdict


async def judge_open(session: AsyncSession, now: datetime, station_id: int | None = None) -> list[Judged]:
    """All open transactions in scope, or a station's, newest first, each judged at `now`."""
    where: list[Any] = [col(Transaction.is_open)]
    if station_id is not None:
        where.append(col(Transaction.station_id) == station_id)
    loaded = await load(session, *where, limit=MAX_OPEN)
    return await _judged(session, loaded, now)


async def lost_transactions(session: AsyncSession, now: datetime, station_id: int | None = None) -> list[Judged]:
    """Those of the open transactions whose end seems to be lost."""
    judged = await judge_open(session, now, station_id)
    return [each for each in judged if each.verdict.condition is Condition.SUSPECTED_LOST]


async def verdict_on(session: AsyncSession, transaction_id: int, now: datetime) -> Verdict | None:
    """How one transaction stands; None for one that is unknown, or another tenant's."""
    loaded = await load(session, col(Transaction.id) == transaction_id, limit=1)
    judged = await _judged(session, loaded, now)
    return judged[0].verdict if judged else None


async def _judged(session: AsyncSession, loaded: Any, now: datetime) -> list[Judged]:
    station_ids = {row.station_id for row, _ in loaded}
    if not station_ids:
        return []
    online = await _online(session, station_ids)
    connectors = await _connectors(session, station_ids)
    judged: list[Judged] = []
    for row, entry in cast(list[Loaded], loaded):
        connector = connectors.get((row.station_id, row.evse_number, row.connector_number))
        state = entry.state
        facts = Facts(
            is_open=row.is_open,
            remarks=tuple(row.remarks),
            started_at=row.started_at,
            heard_at=max(filter(None, (row.started_at, state.progress.at, state.state_at))),
            received_at=row.start_received_at,
            is_online=online.get(row.station_id, False),
            connector_status=connector.status if connector else "Unknown",
            connector_since=connector.status_at if connector else None,
            told_ongoing=row.told_ongoing,
            told_queued=row.told_queued,
        )
        judged.append(Judged(row, facts, verdict_of(facts, now)))
    return judged


async def _online(session: AsyncSession, station_ids: set[int]) -> dict[int, bool]:
    query = select(ChargingStation).where(col(ChargingStation.id).in_(station_ids))
    return {cast(int, row.id): row.is_online for row in (await session.execute(query)).scalars()}


async def _connectors(session: AsyncSession, station_ids: set[int]) -> dict[tuple[int, int, int], Connector]:
    query = select(Connector).where(col(Connector.station_id).in_(station_ids))
    rows = (await session.execute(query)).scalars()
    return {(row.station_id, row.evse_number, row.number): row for row in rows}

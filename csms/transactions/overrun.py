"""Whether a running transaction has used up what its token, driver or group may use (E16, DS_30)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.authorization.decision import decide
from csms.authorization.limits import used_up
from csms.authorization.prepaid import allowance_of
from csms.stations.ref import StationRef
from csms.transactions.adhoc import paid_in_advance
from csms.transactions.limits import NO_LIMIT, OwnLimit, combined
from csms.transactions.restore import load
from csms.transactions.running import Running
from csms.transactions.use import books_of, use_of
from models import ChargingStation, Transaction


@dataclass(frozen=True, slots=True)
class Verdict:
    """`is_limited`: there is something to watch. `reason`: which limit is reached, in a sentence; None for none."""

    ref: StationRef
    evse_number: int
    is_limited: bool
    reason: str | None
    is_told: bool
    """The station says that it knows a limit, and ends the session itself when it is reached (2.1)."""


async def overrun(session: AsyncSession, transaction_id: int, now: datetime) -> Verdict | None:
    """How a transaction of the tenant in scope stands at `now`; None when it runs no more."""
    found = await load(session, col(Transaction.id) == transaction_id, col(Transaction.is_open), limit=1)
    if not found:
        return None
    row, entry = found[0]
    identity = await session.scalar(
        select(col(ChargingStation.identity)).where(col(ChargingStation.id) == row.station_id)
    )
    ref = StationRef(row.station_id, row.tenant_id, row.location_id, identity or "")
    if not row.id_token:
        return Verdict(ref, row.evse_number, True, None, False)  # who pays for it is not known yet
    own = combined(
        await allowance_of(session, row.id_token, row.id_token_type),
        row.currency,
        await paid_in_advance(session, ref, row),
    )
    decision = await decide(session, row.id_token, now, type=row.id_token_type, station=ref)
    reason = _own_reason(own, entry, now)
    if reason is None and decision.allotments:
        books = await books_of(session, row.tenant_id)
        for each in decision.allotments:
            use = await use_of(session, each, now, books)
            reason = reason or used_up(each.kind, each.limits, use, books.currency)
    is_limited = own != NO_LIMIT or bool(decision.allotments)
    return Verdict(ref, row.evse_number, is_limited, reason, row.station_limit is not None)


def _own_reason(limit: OwnLimit, entry: Running, now: datetime) -> str | None:
    """Which limit of each transaction is reached."""
    cost = entry.cost(entry.state, now) or Decimal(0)
    if limit.max_energy_wh is not None and entry.state.energy_wh >= limit.max_energy_wh:
        return f"The session has taken the {Decimal(limit.max_energy_wh) / 1000:f} kWh that this card may take at once."
    if limit.max_cost is not None and cost >= limit.max_cost:
        return f"The session costs the {limit.max_cost:.2f} {entry.currency} that this card may spend, or has left."
    if limit.max_time_s is not None and entry.state.duration_s(now) >= limit.max_time_s:
        return "The session has lasted as long as a session of this card may."
    return None

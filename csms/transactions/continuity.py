"""Whether a meter goes on where it stood when the session before ended there (DS_12, DS_04). Asked once per start."""

from sqlalchemy import select
from sqlmodel import col

from csms.stations.history import record_event
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport
from csms.work import Work
from models import Severity, Transaction

TOLERANCE_WH = 500
"""What a meter may count on by itself: losses, standby, the Wh after the stop that the next start shows (quirk 51)."""
_OFF_BY_A_THOUSAND = 0.05
"""How near to a factor of 1000 two registers must be to be the same one in two units."""


async def continuity_remarks(work: Work, ref: StationRef, row: Transaction, start_wh: int) -> tuple[str, ...]:
    """The remark for a start register that does not follow from the end before it; told to operators, too.

    A register that begins anew is no remark: a meter may count each session, and may be replaced (DS_10).
    """
    before = await _before(work, ref, row)
    if before is None:
        return ()
    before_id, end_wh = before
    if end_wh >= 1000 and _is_off_by_a_thousand(end_wh, start_wh):
        return ("unit_doubtful",)
    missing_wh = start_wh - end_wh
    if missing_wh <= TOLERANCE_WH:
        return ()
    await record_event(work, ref, _event(row, before_id, missing_wh))
    return ("meter_gap",)


async def _before(work: Work, ref: StationRef, row: Transaction) -> tuple[int, int] | None:
    """Id and end register of the session that began there before this one, where it has ended with one."""
    found = await work.session().execute(
        select(col(Transaction.id), col(Transaction.end_energy_wh))
        .where(
            col(Transaction.station_id) == ref.id,
            col(Transaction.evse_number) == row.evse_number,
            col(Transaction.started_at) < row.started_at,
            col(Transaction.id) != row.id,
        )
        .order_by(col(Transaction.started_at).desc())
        .limit(1)
    )
    for before_id, end_wh in found:
        return None if before_id is None or end_wh is None else (before_id, end_wh)
    return None


def _is_off_by_a_thousand(end_wh: int, start_wh: int) -> bool:
    factor = max(start_wh, end_wh) / max(1, min(start_wh, end_wh)) / 1000
    return abs(factor - 1) < _OFF_BY_A_THOUSAND


def _event(row: Transaction, before_id: int, missing_wh: int) -> EventReport:
    text = (
        f"The meter of EVSE {row.evse_number} counted {missing_wh / 1000:.1f} kWh between sessions {before_id} and "
        f"{row.id} that belong to neither: a session may be missing. Look in the repair inbox."
    )
    details = {"before": before_id, "transaction": row.id, "energy_wh": missing_wh}
    return EventReport("meter.gap", Severity.INFO, text, row.start_received_at, row.evse_number, 0, details)

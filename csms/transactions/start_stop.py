"""StartTransaction and StopTransaction of 1.6: never refused, and harmless when repeated (X16_01 to X16_09)."""

from typing import cast

from sqlalchemy import select
from sqlmodel import col

from csms.authorization.keys import same_token
from csms.authorization.service import Decision
from csms.authorization.sightings import note_shown
from csms.stations.ref import StationRef
from csms.transactions import bounds
from csms.transactions.admitting import as_starter
from csms.transactions.closing import remember, settle
from csms.transactions.credit import pay_from_credit
from csms.transactions.machine import Ended, News, advance, remarked, taken_back
from csms.transactions.metering import follow
from csms.transactions.opening import Opening, find_by_key, judge, open_transaction
from csms.transactions.origin import origin_by_token
from csms.transactions.parking import is_parked, park
from csms.transactions.reports import StartOutcome, StartReport, StopOutcome, StopReport
from csms.transactions.restore import Loaded, load
from csms.transactions.running import Running, StationTransactions
from csms.work import Work
from models import Connector, Transaction

CHARGING_STATES = {
    "Preparing": "EVConnected",
    "Charging": "Charging",
    "SuspendedEV": "SuspendedEV",
    "SuspendedEVSE": "SuspendedEVSE",
    "Finishing": "EVConnected",
}
"""1.6 connector status to 2.x charging state; the other statuses say nothing of a transaction (DS_40, DS_41)."""


async def start(work: Work, ref: StationRef, known: StationTransactions | None, report: StartReport) -> StartOutcome:
    """Open a transaction, or find the one an earlier copy of this message opened."""
    session = work.session()
    decision = cast(Decision, await judge(session, ref, report.token, report.received_at))
    found = await find_by_key(session, ref, _start_key(report))
    transaction = None if found is None else found[0]
    evse_number, token, at = bounds.evse(report.evse_number), report.token, report.received_at
    decision = await as_starter(session, ref, evse_number, decision, token, transaction, at)
    if found is not None:
        return StartOutcome(found[1].id, decision)
    opened = await open_transaction(work, ref, await _opening(work, ref, report, decision))
    await note_shown(work, ref, token.value, token.type, decision, at)
    if known is not None:
        remember(work, known, *opened.superseded, opened.entry)
    return StartOutcome(opened.entry.id, decision)


def _start_key(report: StartReport) -> str:
    """What a station repeats when it repeats a start: connector, token, time and meter, as it said them (X16_01)."""
    return f"{report.evse_number}|{report.token.value[:255]}|{report.at.isoformat()}|{report.meter_wh}"[:400]


async def _opening(work: Work, ref: StationRef, report: StartReport, decision: Decision) -> Opening:
    evse_number = bounds.evse(report.evse_number)
    token = report.token.value
    return Opening(
        start_key=_start_key(report),
        ocpp_id=None,
        evse_number=evse_number,
        connector_number=bounds.evse(report.connector_number) or 1,
        token=report.token,
        decision=decision,
        started_at=bounds.believable(report.at, report.received_at),
        received_at=report.received_at,
        meter_wh=bounds.register(report.meter_wh),
        charging_state=await _charging_state(work, ref, evse_number),
        origin=await origin_by_token(work.session(), ref, evse_number, token, report.received_at),
        remarks=_remarks(report, evse_number),
    )


async def _charging_state(work: Work, ref: StationRef, evse_number: int) -> str:
    """Many stations say Charging before they say that a transaction began."""
    status = await work.session().scalar(
        select(col(Connector.status))
        .where(col(Connector.station_id) == ref.id, col(Connector.evse_number) == evse_number)
        .limit(1)
    )
    return CHARGING_STATES.get(status or "", "EVConnected")


def _remarks(report: StartReport, evse_number: int) -> tuple[str, ...]:
    odd = {
        "clock_wrong": bounds.believable(report.at, report.received_at) != report.at,
        "offline": report.received_at - report.at > bounds.OFFLINE_AFTER,
        "connector_unknown": evse_number == 0,
        "meter_negative": report.meter_wh is not None and report.meter_wh < 0,
    }
    return tuple(remark for remark, holds in odd.items() if holds)


async def stop(work: Work, ref: StationRef, known: StationTransactions | None, report: StopReport) -> StopOutcome:
    """Close a transaction. One that cannot be found is parked; one that is closed keeps its first end (X16_05)."""
    decision = await judge(work.session(), ref, report.token, report.received_at)
    if decision is not None and report.token is not None:
        await note_shown(work, ref, report.token.value, report.token.type, decision, report.received_at)
    found, guessed = await _find(work, ref, report)
    if found is None:
        await _park(work, ref, report)
        return StopOutcome(decision)
    row, entry = found
    before = taken_back(entry.state)
    state, _ = follow(work, ref, entry.id, entry.evse_number, before, report.moments, report.received_at)
    at = bounds.believable(report.at, report.received_at)
    state, news = advance(state, Ended(at, bounds.register(report.meter_wh), report.reason[:24]))
    if guessed:
        state = remarked(state, "placed_by_guess")
    if News.REMARK in news and "conflicting_end" in state.remarks:
        await _park_second_end(work, ref, report, entry)
    if report.token is not None:
        row.stop_id_token = row.stop_id_token or report.token.value[:255]
    settle(work, ref, known, row, entry, state, news, at, report.received_at)
    await pay_from_credit(work.session(), row)
    return StopOutcome(decision)


async def _find(work: Work, ref: StationRef, report: StopReport) -> tuple[Loaded | None, bool]:
    """The transaction a stop is about, and whether we had to guess."""
    session, at_station = work.session(), col(Transaction.station_id) == ref.id
    if 0 < report.transaction_ref <= bounds.MAX_INT:
        found = await load(session, at_station, col(Transaction.id) == report.transaction_ref, limit=1)
        if found:
            return found[0], False
    # An offline start the station never got an id for (X16_03, quirk 38), or an id that is not ours.
    running = await load(session, at_station, col(Transaction.is_open))
    candidates = [loaded for loaded in running if _may_be_meant(loaded, report)]
    return (candidates[0], True) if len(candidates) == 1 else (None, False)


def _may_be_meant(loaded: Loaded, report: StopReport) -> bool:
    row, entry = loaded
    meter_wh, register_wh = report.meter_wh, entry.state.progress.register_wh or row.start_energy_wh
    if row.started_at > report.at or (
        None not in (meter_wh, register_wh) and cast(int, meter_wh) < cast(int, register_wh)
    ):
        return False
    if report.token is None:
        return report.transaction_ref <= 0
    return same_token(report.token.value, row.id_token)


async def _park_second_end(work: Work, ref: StationRef, report: StopReport, entry: Running) -> None:
    if await is_parked(work, ref, "StopTransaction", report):
        return
    reason = (
        f"Session {entry.id} ended with the meter at {entry.state.end_wh} Wh; "
        f"a second stop says {report.meter_wh} Wh. The first one holds"
    )
    park(work, ref, "StopTransaction", report, reason, "Dismiss the second end", entry.id)


async def _park(work: Work, ref: StationRef, report: StopReport) -> None:
    if await is_parked(work, ref, "StopTransaction", report):
        return
    reason = f"No open transaction {report.transaction_ref} at this station"
    token = f" by {report.token.value}" if report.token else ""
    proposal = (
        f"Record a session{token} that ended at {report.at:%Y-%m-%d %H:%M} UTC with the meter at {report.meter_wh} Wh"
    )
    park(work, ref, "StopTransaction", report, reason, proposal)

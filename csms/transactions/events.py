"""TransactionEvent of 2.x: in any order, any number of times, with or without a start (E01 to E15, DS_20 to DS_26)."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from csms.authorization.keys import same_token
from csms.authorization.service import Decision
from csms.authorization.sightings import note_shown
from csms.bus.events import TransactionDoubted
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.tariffs.pricing import ZERO as FREE
from csms.tariffs.service import tariff_for
from csms.transactions import bounds
from csms.transactions.adhoc import as_ordered
from csms.transactions.admitting import as_starter
from csms.transactions.closing import remember, settle
from csms.transactions.continuity import continuity_remarks
from csms.transactions.credit import pay_from_credit
from csms.transactions.machine import (
    TRANSACTION_END,
    ChargingStateReported,
    Ended,
    News,
    Numbered,
    Started,
    State,
    advance,
    remarked,
    taken_back,
)
from csms.transactions.metering import announce_progress, follow
from csms.transactions.moving import move_samples
from csms.transactions.opening import (
    Opening,
    find_by_key,
    flag_superseded,
    judge,
    open_transaction,
    unauthorized,
)
from csms.transactions.origin import Origin, origin_by_id
from csms.transactions.parking import is_parked, park
from csms.transactions.reports import EventOutcome, EventReport, TokenRef
from csms.transactions.restore import Loaded
from csms.transactions.rows import SET_STATE, state_row
from csms.transactions.running import Running, StationTransactions
from csms.transactions.signing import is_signed
from csms.work import Work
from models import Transaction


def record_quickly(work: Work, ref: StationRef, known: StationTransactions, report: EventReport) -> EventOutcome | None:
    """The usual Updated, which only brings meter values: no query. None when the event needs more than that."""
    entry = known.running.get(report.ocpp_id)
    if entry is None or not _is_usual(entry, report):
        return None
    before = entry.state
    state, remarkable = follow(
        work, ref, entry.id, entry.evse_number, before, report.moments, report.received_at, report.seq_no
    )
    is_numbered_by_meter = state.progress.at is not before.progress.at
    state, _ = advance(state, Numbered(report.seq_no))
    if remarkable or not is_numbered_by_meter:
        work.append(SET_STATE, state_row(ref, entry.id, state))
    at = bounds.believable(report.at, report.received_at)
    if state.progress is not before.progress:
        announce_progress(work, ref, entry, state, at)
    work.after_commit(lambda: known.moved(report.ocpp_id, state))
    return EventOutcome(None, entry.cost(state, at), entry.currency)


def _is_usual(entry: Running, report: EventReport) -> bool:
    state = entry.state
    return (
        report.kind == "Updated"
        and report.token is None
        and report.remote_start_id is None
        and report.charging_state in (None, state.charging_state)
        and report.evse_number in (None, entry.evse_number)
        and entry.evse_number > 0
        and report.seq_no <= bounds.MAX_INT
        and (not report.offline or "offline" in state.remarks)
        and state.sequence.is_next(report.seq_no)
    )


async def record(work: Work, ref: StationRef, known: StationTransactions | None, report: EventReport) -> EventOutcome:
    """Any TransactionEvent. An unknown transaction is created, partial unless this is its Started (DS_22)."""
    session = work.session()
    decision = await judge(session, ref, report.token, report.received_at)
    origin = await _origin(work, ref, report)
    found = await find_by_key(session, ref, report.ocpp_id)
    if decision is not None and report.token is not None:
        decision = await as_ordered(session, ref, decision, report, None if found is None else found[0])
        if report.kind != "Ended":  # whoever ends one begins none
            decision = await _as_starter(session, ref, report, report.token, decision, found)
        if found is None or report.kind != "Started":  # a repeated start tells nothing new
            await note_shown(work, ref, report.token.value, report.token.type, decision, report.received_at)
    superseded: list[Running] = []
    if found is None:
        opened = await open_transaction(work, ref, _opening(report, decision, origin))
        found, superseded = (opened.row, opened.entry), opened.superseded
    else:
        superseded = await _fill_in(work, ref, found, report, decision, origin)
    row, entry = found
    at = bounds.believable(report.at, report.received_at)
    _note_what_it_counted(row, report)
    gaps = entry.state.sequence.missing
    state, news = _advance(work, ref, entry, report)
    state = await _looked_back(work, ref, row, entry.state, state)
    state = await _contradicted(work, ref, found, state, news, report)
    settle(work, ref, known, row, entry, state, news, at, report.received_at)
    await pay_from_credit(session, row)
    if known is not None:
        remember(work, known, *superseded)
    doubted = [*superseded, *([entry] if not state.is_open and state.sequence.missing not in ((), gaps) else [])]
    for doubtful in doubted:
        work.announce(_doubted(ref, doubtful, report.received_at))
    cost = entry.cost(state, at) if state.is_open else row.cost or FREE
    return EventOutcome(decision, cost, row.currency)


async def _as_starter(
    session: AsyncSession,
    ref: StationRef,
    report: EventReport,
    token: TokenRef,
    decision: Decision,
    found: Loaded | None,
) -> Decision:
    evse_number, at, is_start = bounds.evse(report.evse_number), report.received_at, report.kind == "Started"
    transaction = None if found is None else found[0]
    return await as_starter(session, ref, evse_number, decision, token, transaction, at, repeated=is_start)


def _note_what_it_counted(row: Transaction, report: EventReport) -> None:
    """What only the station knows of the whole: how long energy flowed, and how it left the EV (E06 to E12)."""
    seconds = bounds.count(report.time_spent_charging_s)
    if seconds is not None:
        row.time_charging_s = seconds
    if report.kind == "Ended" and report.charging_state:
        row.end_charging_state = report.charging_state[:16]


async def _looked_back(work: Work, ref: StationRef, row: Transaction, before: State, state: State) -> State:
    """DS_12, as soon as the register at the start is known."""
    if state.start_wh is None or before.start_wh is not None or not row.evse_number:
        return state
    for remark in await continuity_remarks(work, ref, row, state.start_wh):
        state = remarked(state, remark)
    return state


async def _contradicted(
    work: Work, ref: StationRef, loaded: Loaded, state: State, news: list[News], report: EventReport
) -> State:
    """A second start or end that says something else is kept for an operator; the first holds (DS_23)."""
    row, entry = loaded
    told = "conflicting_end" if News.REMARK in news and "conflicting_end" in state.remarks else None
    if report.kind == "Started" and _is_another_start(row, entry, report):
        told, state = "conflicting_start", remarked(state, "conflicting_start")
    if told and not await is_parked(work, ref, "TransactionEvent", report):
        what = "end" if told == "conflicting_end" else "start"
        reason = f"The station told two different {what}s of session {entry.id}; the first one holds"
        park(work, ref, "TransactionEvent", report, reason, f"Dismiss the second {what}", entry.id)
    return state


def _is_another_start(row: Transaction, entry: Running, report: EventReport) -> bool:
    """The same transaction cannot start twice, at two times or by two tokens."""
    state, token = entry.state, report.token
    if "partial_start" in state.remarks or "clock_wrong" in state.remarks:
        return False
    is_other_token = token is not None and not same_token(token.value, row.id_token)
    return is_other_token or bounds.believable(report.at, report.received_at) != state.started_at


def _doubted(ref: StationRef, entry: Running, at: datetime) -> TransactionDoubted:
    """The station can say how this one stands (DS_20, DS_24)."""
    return TransactionDoubted(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        at=at,
        cause_id=current_cause(),
        transaction_id=entry.id,
        ocpp_id=entry.ocpp_id,
    )


async def _origin(work: Work, ref: StationRef, report: EventReport) -> Origin | None:
    remote_start_id = bounds.count(report.remote_start_id)
    return None if remote_start_id is None else await origin_by_id(work.session(), ref, remote_start_id)


def _opening(report: EventReport, decision: Decision | None, origin: Origin | None) -> Opening:
    return Opening(
        start_key=report.ocpp_id,
        ocpp_id=report.ocpp_id[:36],
        evse_number=bounds.evse(report.evse_number),
        connector_number=bounds.evse(report.connector_number) or 1,
        token=report.token,
        decision=decision,
        started_at=bounds.believable(report.at, report.received_at),
        received_at=report.received_at,
        origin=origin or _origin_elsewhere(report),
        remarks=_remarks(report),
    )


def _origin_elsewhere(report: EventReport) -> Origin | None:
    """A remoteStartId we never gave is kept as well: the station had it from somebody."""
    remote_start_id = bounds.count(report.remote_start_id)
    return None if remote_start_id is None else Origin(remote_start_id, None)


def _remarks(report: EventReport) -> tuple[str, ...]:
    odd = {
        "partial_start": report.kind != "Started",
        "offline": report.offline,
        "clock_wrong": bounds.believable(report.at, report.received_at) != report.at,
    }
    return tuple(remark for remark, holds in odd.items() if holds)


async def _fill_in(
    work: Work,
    ref: StationRef,
    loaded: Loaded,
    report: EventReport,
    decision: Decision | None,
    origin: Origin | None,
) -> list[Running]:
    """What a transaction did not say at first: EVSE, token, remote start (E02, E03). Returns what it supersedes."""
    row, entry = loaded
    if report.token is not None and decision is not None:
        _fill_in_token(loaded, report, decision)
    if row.remote_start_id is None and (origin or _origin_elsewhere(report)):
        row.remote_start_id = bounds.count(report.remote_start_id)
    if report.offline:
        entry.state = remarked(entry.state, "offline")
    evse_number = bounds.evse(report.evse_number)
    if row.evse_number == 0 and evse_number:
        return await _fill_in_evse(work, ref, loaded, evse_number, bounds.evse(report.connector_number) or 1)
    if evse_number not in (0, row.evse_number):
        entry.state = remarked(entry.state, "evse_changed")
    return []


def _fill_in_token(loaded: Loaded, report: EventReport, decision: Decision) -> None:
    """The first token is the starter's and pays; another one is the stopper's (DS_25)."""
    row, entry = loaded
    token = report.token
    if token is None:
        return
    value = token.value[:255]
    if not row.id_token_type and not row.id_token:
        row.id_token, row.id_token_type = value, token.type[:20]
        row.authorization_status, row.driver_id = decision.status, decision.driver_id
        row.authorization_reason = decision.reason
        row.id_token_id, row.token_group = decision.id_token_id, decision.group or None
        for remark in unauthorized(decision):
            entry.state = remarked(entry.state, remark)
    elif report.kind == "Ended" or report.trigger_reason == "StopAuthorized" or value != row.id_token:
        row.stop_id_token = value


async def _fill_in_evse(
    work: Work, ref: StationRef, loaded: Loaded, evse_number: int, connector_number: int
) -> list[Running]:
    row, entry = loaded
    await move_samples(work.session(), row, evse_number)
    row.evse_number = entry.evse_number = evse_number
    row.connector_number = connector_number
    tariff = await tariff_for(work.session(), ref, evse_number, connector_number, row.started_at)
    if tariff is not None:
        row.tariff_version_id, row.currency = tariff.tariff_version_id, tariff.currency
        entry.prices, entry.currency = tariff.prices, tariff.currency
    return await flag_superseded(work.session(), ref, entry.id, evse_number)


def _advance(work: Work, ref: StationRef, entry: Running, report: EventReport) -> tuple[State, list[News]]:
    """The state after everything the event says, its number last."""
    before = state = taken_back(entry.state) if report.kind == "Ended" else entry.state
    seq_no = bounds.count(report.seq_no)
    at = bounds.believable(report.at, report.received_at)
    is_newer = seq_no is None or state.sequence.is_newer(seq_no)
    told: list[News] = []
    if report.kind == "Started":
        state, news = advance(state, Started(at))
        told += news
    if report.charging_state and is_newer:
        # The number decides what is newer: a station may set its clock back in the middle.
        update = ChargingStateReported(report.charging_state[:16], max(at, state.state_at or at))
        state, news = advance(state, update)
        told += news
    state, _ = follow(work, ref, entry.id, entry.evse_number, state, report.moments, report.received_at, seq_no)
    if state.progress is not before.progress:
        told.append(News.METER)
    if report.kind == "Ended":
        meter_wh, signed = _end_register(report)
        state, news = advance(state, Ended(at, meter_wh, (report.stopped_reason or "Local")[:24], signed))
        told += news
    if seq_no is not None:
        state, _ = advance(state, Numbered(seq_no))
    return state, told


def _end_register(report: EventReport) -> tuple[int | None, bool]:
    """The register of Transaction.End (J10) and whether it is signed; None leaves the last sample to decide."""
    told = (moment for moment in reversed(report.moments) if moment.context == TRANSACTION_END)
    end = next((moment for moment in told if moment.energy_wh is not None), None)
    return (None, False) if end is None else (end.energy_wh, is_signed(end))

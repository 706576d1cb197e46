"""A transaction as a value: `advance(state, update)` decides what a report means, and touches nothing.

Reports may come twice, late and in any order. State never reopens, energy is never negative (E01 to E15, DS_10 to
DS_23), and what was odd is remarked rather than refused.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from csms.quick import quick
from csms.transactions.energy import POWER, REGISTERS, SAMPLES, SIGNED, Drop, Progress, is_absurd, measured
from csms.transactions.meter import Moment
from csms.transactions.sequence import Sequence
from csms.transactions.signing import is_signed
from csms.transactions.span import Span

NO_PROGRESS, NO_SEQUENCE, NO_SAMPLES = Progress(), Sequence(), Span()
TRANSACTION_BEGIN, TRANSACTION_END = "Transaction.Begin", "Transaction.End"
CLOSED_BY_OPERATOR = "closed_by_operator"
_OF_AN_END = frozenset((CLOSED_BY_OPERATOR, "conflicting_end", "ended_before_start", "energy_mismatch"))


@quick
@dataclass(frozen=True, slots=True)
class State:
    """What is known of a transaction; rebuilt from its row and its newest meter value (csms.transactions.restore)."""

    started_at: datetime
    start_wh: int | None = None
    """Meter register at the start."""
    is_open: bool = True
    charging_state: str = "EVConnected"
    state_at: datetime | None = None
    """The station's time of the charging state."""
    ended_at: datetime | None = None
    end_wh: int | None = None
    stop_reason: str | None = None
    progress: Progress = NO_PROGRESS
    sequence: Sequence = NO_SEQUENCE
    samples: Span = NO_SAMPLES
    """Where its meter values lie; those who store them see to it."""
    remarks: tuple[str, ...] = ()
    signed_start: bool = False
    """The meter signed what it said at the start (DS_11)."""

    @property
    def energy_wh(self) -> int:
        """Delivered so far, or in all once ended."""
        return self.progress.energy_wh

    def duration_s(self, at: datetime) -> int:
        """Whole seconds from the start to `at`, or to the end once ended; never negative."""
        return max(0, int(((self.ended_at or at) - self.started_at).total_seconds()))


@dataclass(frozen=True, slots=True)
class Started:
    """The start became known after the transaction itself (DS_22)."""

    at: datetime


@dataclass(frozen=True, slots=True)
class ChargingStateReported:
    """The station said a charging state at `at` (DS_45)."""

    charging_state: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Numbered:
    """An event carried this seqNo (DS_20). Apply it last: the others ask whether the event is newer than the state."""

    seq_no: int


@dataclass(frozen=True, slots=True)
class Ended:
    """The transaction ended at `at`, the register at `meter_wh` if that was said."""

    at: datetime
    meter_wh: int | None
    reason: str
    is_signed: bool = False
    """The meter signed it."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A person closed it: the station will not tell how it ended. If it does after all, that holds (DS_28)."""

    at: datetime


Update = Moment | Started | ChargingStateReported | Numbered | Ended | GivenUp


class News(StrEnum):
    """What an update changed."""

    METER = "meter"
    START = "start"
    STATE = "state"
    SEQUENCE = "sequence"
    END = "end"
    REMARK = "remark"


Result = tuple[State, tuple[News, ...]]
NOTHING: tuple[News, ...] = ()


def advance(state: State, update: Update) -> Result:
    """The state after `update`, and what is news about it: nothing for what was known already."""
    if isinstance(update, Moment):
        return _advance_meter(state, update)
    if isinstance(update, ChargingStateReported):
        return _advance_charging_state(state, update)
    if isinstance(update, Ended):
        return _end(state, update)
    if isinstance(update, Started):
        return _fill_in_start(state, update)
    if isinstance(update, GivenUp):
        return _give_up(state, update)
    sequence = state.sequence.after(update.seq_no)
    return (state, NOTHING) if sequence is state.sequence else (_sequenced(state, sequence), (News.SEQUENCE,))


def _sequenced(state: State, sequence: Sequence) -> State:
    """A gap is remarked as long as it lasts."""
    remarks = tuple(remark for remark in state.remarks if remark != "seq_gap")
    return replace(state, sequence=sequence, remarks=(*remarks, "seq_gap") if sequence.missing else remarks)


def remarked(state: State, remark: str) -> State:
    """`state` with a remark, once."""
    return state if remark in state.remarks else replace(state, remarks=(*state.remarks, remark))


def _advance_meter(state: State, moment: Moment) -> Result:
    if moment.context == TRANSACTION_BEGIN and state.start_wh is None and moment.energy_wh is not None:
        return _begin(state, moment.energy_wh, moment)
    if not state.is_open:
        return _late_sample(state, moment)
    progress = measured(state.progress, moment, state.start_wh, state.started_at)
    if progress is state.progress:
        return state, NOTHING
    moved = _progressed(state, progress)
    if progress.remark is None or (progress.remark == "unit_doubtful" and "unit_doubtful" in state.remarks):
        return moved, (News.METER,)
    return remarked(moved, progress.remark), (News.METER, News.REMARK)


def _progressed(state: State, progress: Progress) -> State:
    """`replace(state, progress=progress)` written out, for every sample of every session passes here."""
    return State(
        state.started_at,
        state.start_wh,
        state.is_open,
        state.charging_state,
        state.state_at,
        state.ended_at,
        state.end_wh,
        state.stop_reason,
        progress,
        state.sequence,
        state.samples,
        state.remarks,
        state.signed_start,
    )


def _begin(state: State, start_wh: int, moment: Moment) -> Result:
    """The register at the start, also when it comes after other samples."""
    state = replace(state, start_wh=start_wh, signed_start=is_signed(moment))
    progress = state.progress
    if progress.register_wh is None:
        state = replace(state, progress=measured(progress, moment, start_wh, state.started_at))
    elif progress.drop is None:
        state = _rebased(state, start_wh, progress.register_wh)
    return (state if state.is_open else _settled(state)), (News.START, News.METER)


def _rebased(state: State, start_wh: int, register_wh: int) -> State:
    """Energy since the start, now that its register is known; unless the two cannot be of one count."""
    progress, elapsed = state.progress, (state.progress.at or state.started_at) - state.started_at
    if register_wh < start_wh or is_absurd(register_wh - start_wh, elapsed):
        broken = replace(progress, drop=Drop(start_wh, 0), estimated=True)
        return remarked(
            replace(state, progress=broken), "meter_went_back" if register_wh < start_wh else "meter_jumped"
        )
    return replace(state, progress=replace(progress, energy_wh=register_wh - start_wh))


def _late_sample(state: State, moment: Moment) -> Result:
    """After the end a sample can only complete what the end did not say; it never revives (quirk 42)."""
    if state.end_wh is not None or state.ended_at is None or moment.sampled_at > state.ended_at:
        return state, NOTHING
    if moment.context == TRANSACTION_END and moment.energy_wh is not None:
        return _settled(replace(state, end_wh=moment.energy_wh), is_signed(moment)), (News.END,)
    progress = measured(state.progress, moment, state.start_wh, state.started_at)
    if progress.energy_wh == state.progress.energy_wh:
        return state, NOTHING
    return replace(state, progress=progress), (News.METER,)


def _advance_charging_state(state: State, update: ChargingStateReported) -> Result:
    if not state.is_open or (state.state_at is not None and update.at < state.state_at):
        return state, NOTHING
    news = NOTHING if update.charging_state == state.charging_state else (News.STATE,)
    return replace(state, charging_state=update.charging_state, state_at=update.at), news


def _fill_in_start(state: State, update: Started) -> Result:
    """Nothing to do unless the transaction was first seen in the middle; a second Started is the same one (DS_23)."""
    if "partial_start" not in state.remarks:
        return state, NOTHING
    remarks = tuple(remark for remark in state.remarks if remark != "partial_start")
    return replace(state, started_at=min(state.started_at, update.at), remarks=remarks), (News.START,)


def _give_up(state: State, update: GivenUp) -> Result:
    if not state.is_open:
        return state, NOTHING
    closed = replace(state, is_open=False, charging_state="Idle", ended_at=max(update.at, state.started_at))
    return _as_estimate(remarked(closed, CLOSED_BY_OPERATOR)), (News.END,)


def taken_back(state: State) -> State:
    """`state` as if it had never been closed by a person, for the station has something to say of its end (DS_28)."""
    return reopened(state) if CLOSED_BY_OPERATOR in state.remarks else state


def reopened(state: State) -> State:
    """`state` before its end, so that another end can take its place."""
    estimated = state.progress.drop is not None or state.progress.source == POWER
    return replace(
        state,
        is_open=True,
        ended_at=None,
        end_wh=None,
        stop_reason=None,
        progress=replace(state.progress, estimated=estimated),
        remarks=tuple(remark for remark in state.remarks if remark not in _OF_AN_END),
    )


def _end(state: State, update: Ended) -> Result:
    if not state.is_open:  # the first end holds; a different second one is worth a look
        differs = update.meter_wh is not None and state.end_wh is not None and update.meter_wh != state.end_wh
        told = remarked(state, "conflicting_end") if differs else state
        return told, NOTHING if told is state else (News.REMARK,)
    ended_at = update.at
    if ended_at < state.started_at:
        state, ended_at = remarked(state, "ended_before_start"), state.started_at
    ended = replace(
        state,
        is_open=False,
        charging_state="Idle",
        ended_at=ended_at,
        end_wh=update.meter_wh,
        stop_reason=update.reason,
    )
    return _settled(ended, update.is_signed), (News.END,)


def _settled(state: State, signed_end: bool = False) -> State:
    """The final energy, by the best source there is (DS_11)."""
    start_wh, end_wh = state.start_wh, state.end_wh
    if end_wh is None:
        return state
    if start_wh is None:
        return _up_to(state, end_wh)
    if end_wh < start_wh:
        return _as_estimate(remarked(_up_to(state, end_wh), "meter_went_back"))
    drop, duration = state.progress.drop, (state.ended_at or state.started_at) - state.started_at
    if drop is not None and drop.register_wh != start_wh:  # broken off on the way, not at the start
        return _up_to(state, end_wh)
    if is_absurd(end_wh - start_wh, duration):
        return _as_estimate(remarked(_up_to(state, end_wh), "meter_jumped"))
    return _by_registers(state, start_wh, end_wh, SIGNED if state.signed_start and signed_end else REGISTERS)


def _by_registers(state: State, start_wh: int, end_wh: int, source: str) -> State:
    energy_wh = end_wh - start_wh
    if _disagrees(state.progress, energy_wh, state.ended_at):
        state = remarked(state, "energy_mismatch")
    settled = replace(
        state.progress, energy_wh=energy_wh, register_wh=end_wh, source=source, estimated=False, remainder_wh=0.0
    )
    return replace(state, progress=settled)


def _up_to(state: State, end_wh: int) -> State:
    """The samples, and what the end register adds to the last of them."""
    progress = state.progress
    if progress.register_wh is None or end_wh < progress.register_wh:
        return state
    step_wh = end_wh - progress.register_wh
    if is_absurd(step_wh, (state.ended_at or state.started_at) - (progress.at or state.started_at)):
        return remarked(state, "meter_jumped")
    energy_wh, source = progress.energy_wh + step_wh, progress.source or SAMPLES
    return replace(state, progress=replace(progress, energy_wh=energy_wh, register_wh=end_wh, source=source))


def _as_estimate(state: State) -> State:
    return replace(state, progress=replace(state.progress, estimated=True))


def _disagrees(progress: Progress, energy_wh: int, ended_at: datetime | None) -> bool:
    """Whether the samples say something else than the registers, by more than 1 %, after the last sample (DS_11)."""
    if progress.source != SAMPLES or progress.at is None or ended_at is None:
        return False
    tolerance_wh = energy_wh / 100 + 10
    unsampled_wh = energy_wh - progress.energy_wh
    seconds = max(0.0, (ended_at - progress.at).total_seconds())
    expected_wh = 2 * (progress.power_w or 0.0) * seconds / 3600
    return unsampled_wh < -tolerance_wh or (progress.power_w is not None and unsampled_wh > expected_wh + tolerance_wh)

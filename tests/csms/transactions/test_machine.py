"""The state machine under every order, repetition and nonsense hypothesis can think of."""

from datetime import datetime, timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from csms.transactions.machine import ChargingStateReported, Ended, Numbered, Started, State, Update
from csms.transactions.meter import Moment
from csms.transactions.restore import state_of
from tests.csms.transactions.charger import T0
from tests.csms.transactions.rows import StoredRows

seconds = st.integers(-60, 600) | st.sampled_from([-200_000_000, -199_999_000, 90_000])  # a clock is set on the way
times = seconds.map(lambda number: T0 + timedelta(seconds=number))
registers = st.integers(-100, 5000) | st.sampled_from([0, 10**9, 10**14])
contexts = st.sampled_from(["Sample.Periodic", "Transaction.Begin", "Transaction.End", "Sample.Clock", "Trigger"])


class Interleavings(RuleBasedStateMachine):
    """Updates in any order, some again; energy stays sound, an end is an end, and the rows tell the state."""

    @initialize(start_wh=st.none() | registers, partial=st.booleans())
    def open(self, start_wh: int | None, partial: bool) -> None:
        self.state = State(T0, start_wh=start_wh, remarks=("partial_start",) if partial else ())
        self.rows = StoredRows(self.state)
        self.seen: list[Update] = []
        self.moments: dict[tuple[datetime, str], Moment] = {}
        self.ended_at: datetime | None = None

    def apply(self, update: Update) -> None:
        before = self.state
        self.state, news = self.rows.store(before, update)
        self.seen.append(update)
        assert news or self.state.energy_wh == before.energy_wh
        if not before.is_open:
            assert self.state.ended_at == self.ended_at
            assert self.state.stop_reason == before.stop_reason
            assert self.state.charging_state == before.charging_state
        self.ended_at = self.state.ended_at

    @rule(
        at=times,
        context=contexts,
        energy_wh=st.none() | registers,
        interval_wh=st.none() | st.integers(-10, 100),
        power_w=st.none() | st.floats(-1e5, 1e5),
    )
    def sample(
        self, at: datetime, context: str, energy_wh: int | None, interval_wh: int | None, power_w: float | None
    ) -> None:
        moment = Moment(at, context, energy_wh, energy_interval_wh=interval_wh, power_w=power_w)
        self.apply(self.moments.setdefault((at, context), moment))  # a meter says one thing of a moment

    @rule(state=st.sampled_from(["Charging", "SuspendedEV", "EVConnected"]), at=times)
    def report(self, state: str, at: datetime) -> None:
        self.apply(ChargingStateReported(state, at))

    @rule(at=times)
    def start(self, at: datetime) -> None:
        self.apply(Started(at))

    @rule(at=times, meter_wh=st.none() | registers)
    def end(self, at: datetime, meter_wh: int | None) -> None:
        self.apply(Ended(at, meter_wh, "Local"))

    @rule(seq_no=st.integers(0, 30) | st.just(2**31 - 1))
    def number(self, seq_no: int) -> None:
        self.apply(Numbered(seq_no))

    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        """What came before and comes again changes no energy, and not the state for long."""
        if not self.seen:
            return
        update = data.draw(st.sampled_from(self.seen))
        before = self.state
        self.apply(update)
        if isinstance(update, Moment) and update is self.seen[-1]:
            assert self.state.energy_wh >= 0
        if update is self.last_but_this():
            assert self.state.energy_wh == before.energy_wh

    def last_but_this(self) -> Update | None:
        return self.seen[-2] if len(self.seen) > 1 else None

    @invariant()
    def energy_is_sound(self) -> None:
        assert self.state.energy_wh >= 0
        assert type(self.state.energy_wh) is int
        assert self.state.duration_s(T0) >= 0
        assert len(self.state.remarks) == len(set(self.state.remarks))
        assert ("seq_gap" in self.state.remarks) == bool(self.state.sequence.missing)

    @invariant()
    def an_end_is_an_end(self) -> None:
        assert self.state.is_open == (self.state.ended_at is None)

    @invariant()
    def it_can_be_rebuilt(self) -> None:
        """From the row and the newest meter value that counted, as they would be stored by now."""
        rebuilt, state = state_of(self.rows.transaction, self.rows.newest()), self.state
        assert (rebuilt.is_open, rebuilt.remarks) == (state.is_open, state.remarks)
        assert (rebuilt.start_wh, rebuilt.end_wh) == (state.start_wh, state.end_wh)
        assert (rebuilt.sequence, rebuilt.samples) == (state.sequence, state.samples)
        told, progress = rebuilt.progress, state.progress
        assert (told.energy_wh, told.register_wh, told.at) == (progress.energy_wh, progress.register_wh, progress.at)
        assert (told.source, told.estimated, told.drop) == (progress.source, progress.estimated, progress.drop)

    @invariant()
    def every_sample_can_be_found(self) -> None:
        ranges = state_of(self.rows.transaction, None).samples.ranges()
        assert all(any(since <= at <= until for since, until in ranges) for at in self.rows.times())


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)

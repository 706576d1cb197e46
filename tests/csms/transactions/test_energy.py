"""Energy followed through sound and unsound meters (DS_10, DS_11, quirks 49 to 57)."""

from datetime import timedelta
from typing import Any

import pytest

from csms.transactions.machine import Ended, State, advance
from csms.transactions.meter import Moment
from tests.csms.transactions.charger import T0


def run(*samples: Any, start_wh: int | None = None, end_wh: int | None = None, column: str = "energy_wh") -> State:
    """A sample a minute, then the end."""
    state = State(T0, start_wh=start_wh)
    for minute, value in enumerate(samples, 1):
        columns = value if isinstance(value, dict) else {column: value}
        state, _ = advance(state, Moment(T0 + timedelta(minutes=minute), **columns))
    state, _ = advance(state, Ended(T0 + timedelta(minutes=len(samples) + 1), end_wh, "Local"))
    return state


def outcome(state: State) -> tuple[int, str, bool]:
    return state.energy_wh, state.progress.source, state.progress.estimated


@pytest.mark.parametrize(
    ("samples", "start_wh", "end_wh", "expected", "remarks"),
    [
        pytest.param((1100, 1200), 1000, 1300, (300, "registers", False), (), id="registers"),
        pytest.param((1100, 1200), None, None, (100, "samples", False), (), id="no-begin-no-end"),
        pytest.param((1100, 1200), None, 1300, (200, "samples", False), (), id="no-begin"),
        pytest.param((1100, 1200), 1000, None, (200, "samples", False), (), id="no-end"),
        pytest.param((), 1000, 1300, (300, "registers", False), (), id="no-samples"),
        pytest.param((), 1300, 1000, (0, "", True), ("meter_went_back",), id="end-below-start"),
        pytest.param((1500, 10, 60), 1000, 80, (570, "samples", True), ("meter_went_back",), id="replaced-meter"),
        pytest.param((100, 300), 0, 350, (350, "registers", False), (), id="counts-from-zero-each-session"),
        pytest.param(
            (100, 300), 9000, 9350, (350, "registers", False), ("samples_from_zero",), id="quirk-50-samples-from-zero"
        ),
        pytest.param(
            (900_000,),
            900_010,
            900_500,
            (490, "registers", False),
            ("meter_went_back",),
            id="quirk-51-start-above-sample",
        ),
        pytest.param(
            (901_000, 0, 901_100),
            900_000,
            901_200,
            (1200, "registers", False),
            ("meter_went_back", "meter_recovered"),
            id="one-nonsense-zero",
        ),
        pytest.param((1100, 9000), 1000, 1200, (200, "registers", False), ("energy_mismatch",), id="samples-say-more"),
    ],
)
def test_registers(
    samples: tuple[int, ...],
    start_wh: int | None,
    end_wh: int | None,
    expected: tuple[int, str, bool],
    remarks: tuple[str, ...],
):
    state = run(*samples, start_wh=start_wh, end_wh=end_wh)
    assert outcome(state) == expected
    assert state.remarks == remarks


def test_intervals_are_summed_never_subtracted():
    assert outcome(run(100, 50, 70, column="energy_interval_wh")) == (220, "intervals", False)


def test_power_is_integrated_when_nothing_better_is_said():
    state = run(*[6000.0] * 61, column="power_w")
    assert outcome(state) == (6000, "power", True)


def test_small_power_is_not_rounded_away():
    assert run(*[90.0] * 41, column="power_w").energy_wh == 60


def test_a_register_outranks_intervals_and_power():
    both = {"energy_wh": 1100, "energy_interval_wh": 999, "power_w": 1e6}
    assert outcome(run(both, start_wh=1000)) == (100, "samples", False)


def test_power_is_worked_out_from_energy_where_it_is_not_said():
    state, _ = advance(State(T0, start_wh=0), Moment(T0, energy_wh=0))
    state, _ = advance(state, Moment(T0 + timedelta(minutes=1), energy_wh=100))
    assert state.progress.power_w == 6000.0


@pytest.mark.parametrize("kind", ["Trigger", "Other"])
def test_ds_06_an_answer_to_a_question_never_bills(kind: str):
    state, _ = advance(State(T0, start_wh=0), Moment(T0, kind, energy_wh=500, power_w=7000.0))
    assert (state.energy_wh, state.progress.power_w) == (0, 7000.0)


def test_ds_04_an_absurd_jump_is_left_out():
    assert outcome(run(1100, 900_000_100, 900_000_300, start_wh=1000, end_wh=900_000_400)) == (400, "samples", True)
    assert outcome(run(1100, 900_000_000, 1200, start_wh=1000, end_wh=1300)) == (300, "registers", False)
    assert outcome(run(start_wh=0, end_wh=900_000_000)) == (0, "", True)
    assert outcome(run(900_000_000, 900_000_100, start_wh=0, end_wh=900_000_300)) == (300, "samples", True)
    assert outcome(run(900_000_000, 900_000_100, start_wh=0, end_wh=300)) == (300, "registers", False)


def test_a_large_session_is_no_jump():
    state, _ = advance(State(T0, start_wh=0), Moment(T0 + timedelta(hours=2), energy_wh=400_000))
    assert (state.energy_wh, state.remarks) == (400_000, ())

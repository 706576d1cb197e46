"""DS_51: what stations should do under their profiles, against a reference that samples, and by example."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from csms.smart_charging.composite import Installed, Running, composite_schedule, convert
from csms.smart_charging.profile import Profile, read_profile, seconds_of
from tests.csms.smart_charging import reference

START = datetime(2026, 3, 28, 12, tzinfo=UTC)  # a night in which Europe changes its clocks: 24 h stay 24 h
Json = dict[str, Any]


def read(profile: Json) -> Profile:
    return read_profile(profile, profile["evse"])


def profile(purpose: str, limit: Any, evse: int = 1, level: int = 0, **more: Any) -> Json:
    """A profile with one period without end, or with the periods in `limit`."""
    periods = limit if isinstance(limit, list) else [{"startPeriod": 0, "limit": limit}]
    schedule = {"id": 1, "chargingRateUnit": more.pop("unit", "A"), "chargingSchedulePeriod": periods}
    schedule |= {name: more.pop(name) for name in ("duration", "startSchedule") if name in more}
    kind = more.pop("kind", "Absolute" if "startSchedule" in schedule else "Relative")
    return {
        "id": 1,
        "evse": evse,
        "stackLevel": level,
        "chargingProfilePurpose": purpose,
        "chargingProfileKind": kind,
        "chargingSchedule": [schedule],
    } | more


def composite(
    profiles: list[Json], evse: int = 1, duration_s: int = 3600, unit: str = "A", running: Any = None
) -> list[tuple[int, str | None]]:
    """(start, limit) of each stretch."""
    installed = Installed(tuple(read(p) for p in profiles), (1, 2), running or {})
    stretches = composite_schedule(installed, evse, seconds_of(START), duration_s, unit)
    assert sum(stretch.duration_s for stretch in stretches) == duration_s
    return [(s.start_s, None if s.allowed.limit is None else str(s.allowed.limit)) for s in stretches]


def test_nothing_installed_limits_nothing() -> None:
    assert composite([]) == [(0, None)]
    assert composite([], duration_s=0) == []


def test_the_highest_valid_stack_level_counts_and_its_end_falls_to_the_lower() -> None:
    low = profile("TxDefaultProfile", 16)
    high = profile("TxDefaultProfile", 6, level=3, startSchedule="2026-03-28T12:10:00Z", duration=600)
    assert composite([low, high]) == [(0, "16"), (600, "6"), (1200, "16")]


def test_a_tx_profile_goes_before_any_default_but_only_of_its_transaction() -> None:
    default = profile("TxDefaultProfile", 6, level=9)
    mine = profile("TxProfile", 20, transactionId="t")
    running = {1: Running("t", seconds_of(START) - 60)}
    assert composite([default, mine], running=running) == [(0, "20")]
    assert composite([default, mine | {"transactionId": "u"}], running=running) == [(0, "6")]
    assert composite([default, mine]) == [(0, "6")]


def test_maximum_and_external_constraints_of_evse_and_station_take_the_least() -> None:
    default = profile("TxDefaultProfile", 16)
    top = profile("ChargingStationMaxProfile", 20, evse=0)
    imposed = profile("ChargingStationExternalConstraints", 10, evse=1, startSchedule="2026-03-28T12:30:00Z")
    assert composite([default, top, imposed]) == [(0, "16"), (1800, "10")]
    assert composite([default, top, imposed], evse=2) == [(0, "20")]


@pytest.mark.case("DS_50")
def test_ds_50_a_default_on_an_evse_goes_before_the_one_on_0_at_the_same_level_only() -> None:
    station = profile("TxDefaultProfile", 10, evse=0, level=1)
    own = profile("TxDefaultProfile", 16, evse=1, level=1)
    lower = profile("TxDefaultProfile", 8, evse=1, level=0)
    assert composite([station, own]) == [(0, "16")]
    assert composite([station, lower]) == [(0, "10")]
    assert composite([station, own], evse=2) == [(0, "10")]


def test_the_station_takes_what_its_evses_take_together() -> None:
    default = profile("TxDefaultProfile", 10, evse=0)
    top = profile("ChargingStationMaxProfile", 16, evse=0, startSchedule="2026-03-28T12:30:00Z")
    assert composite([default, top], evse=0) == [(0, "20"), (1800, "16")]
    assert composite([profile("TxDefaultProfile", 10, evse=1)], evse=0) == [(0, None)]


@pytest.mark.parametrize(("recurrence", "step"), [("Daily", 86_400), ("Weekly", 604_800)])
def test_recurring_profiles_are_anchored_at_their_start(recurrence: str, step: int) -> None:
    first = START - timedelta(seconds=step - 600)  # so that an occurrence begins ten minutes from now
    night = profile(
        "TxDefaultProfile",
        6,
        kind="Recurring",
        recurrencyKind=recurrence,
        startSchedule=first.isoformat(),
        duration=900,
    )
    stretches = [(0, None), (600, "6"), (1500, None)]
    assert composite([night]) == stretches
    assert composite([night], duration_s=step + 600) == stretches
    assert composite([night], duration_s=step + 1600) == [*stretches, (step + 600, "6"), (step + 1500, None)]


def test_a_recurring_profile_does_not_act_before_its_start() -> None:
    later = profile(
        "TxDefaultProfile", 6, kind="Recurring", recurrencyKind="Daily", startSchedule="2026-03-29T11:00:00Z"
    )
    assert composite([later], duration_s=86_400) == [(0, None), (82_800, "6")]


def test_validity_bounds_a_profile() -> None:
    bounded = profile("TxDefaultProfile", 6, validFrom="2026-03-28T12:01:00Z", validTo="2026-03-28T12:02:00Z")
    assert composite([bounded]) == [(0, None), (60, "6"), (120, None)]


def test_relative_profiles_begin_with_the_transaction() -> None:
    steps = [{"startPeriod": 0, "limit": 8}, {"startPeriod": 60, "limit": 6}]
    relative = profile("TxProfile", steps, transactionId="t", startSchedule="2030-01-01T00:00:00Z", kind="Relative")
    running = {1: Running("t", seconds_of(START) - 20)}
    assert composite([relative], running=running) == [(0, "8"), (40, "6")]


@pytest.mark.parametrize(
    ("limit", "phases", "unit", "to_unit", "expected"),
    [
        ("16", 3, "A", "W", "11040"),
        ("16", 1, "A", "W", "3680"),
        ("11000", 3, "W", "A", "15.9"),
        ("3680", 1, "W", "A", "16"),
        ("8.1", 1, "A", "A", "8.1"),
    ],
)
def test_amperes_and_watts(limit: str, phases: int, unit: str, to_unit: str, expected: str) -> None:
    assert convert(Decimal(limit), phases, unit, to_unit) == Decimal(expected)


def test_absent_phases_mean_three() -> None:
    assert composite([profile("TxDefaultProfile", 10)], unit="W") == [(0, "6900.0")]
    one = profile("TxDefaultProfile", [{"startPeriod": 0, "limit": 10, "numberPhases": 1}])
    assert composite([one], unit="W") == [(0, "2300.0")]


@pytest.mark.quirk(69)
def test_no_limit_goes_through_binary_floats() -> None:
    assert composite([profile("TxDefaultProfile", 8.1)]) == [(0, "8.1")]
    assert composite([profile("TxDefaultProfile", 8.1)], unit="W") == [(0, "5589.0")]


def test_what_json_allows_does_no_harm() -> None:
    huge = profile("TxDefaultProfile", 1e308, startSchedule="0001-01-01T00:00:00Z", duration=10**30)
    absurd = profile("TxDefaultProfile", -1, level=10**30, startSchedule="9999-12-31T23:59:59Z", duration=-5)
    empty = profile("ChargingStationMaxProfile", [], evse=0)
    [(_, limit)] = composite([huge, absurd, empty], unit="W")
    assert limit is not None
    assert composite([absurd, empty], evse=0) == [(0, None)]


# ---- against the reference

SECONDS = st.integers(-5_000, 5_000)
LIMITS = st.integers(0, 400).map(lambda tenths: tenths / 10)


@st.composite
def profiles_st(draw: st.DrawFn) -> Json:
    purposes = ["TxProfile", "TxDefaultProfile", "ChargingStationMaxProfile", "ChargingStationExternalConstraints"]
    purpose = draw(st.sampled_from(purposes))
    kind = draw(st.sampled_from(["Absolute", "Relative", "Recurring"]))
    starts = [0, *sorted(draw(st.sets(st.integers(1, 4_000), max_size=3)))]
    periods: list[Json] = []
    for start in starts:
        period: Json = {"startPeriod": start, "limit": draw(LIMITS)}
        if draw(st.booleans()):
            period["numberPhases"] = draw(st.integers(1, 3))
        periods.append(period)
    built = profile(purpose, periods, draw(st.integers(0, 2)), draw(st.integers(0, 3)), kind=kind)
    schedule = built["chargingSchedule"][0]
    schedule["chargingRateUnit"] = draw(st.sampled_from("AW"))
    if draw(st.booleans()):
        schedule["duration"] = draw(st.integers(1, 6_000))
    if kind != "Relative":
        back = timedelta(days=draw(st.integers(0, 15))) if kind == "Recurring" else timedelta()
        schedule["startSchedule"] = (START + timedelta(seconds=draw(SECONDS)) - back).isoformat()
    if kind == "Recurring":
        built["recurrencyKind"] = draw(st.sampled_from(["Daily", "Weekly"]))
    for bound in ("validFrom", "validTo"):
        if draw(st.integers(0, 3)) == 0:
            built[bound] = (START + timedelta(seconds=draw(SECONDS))).isoformat()
    if purpose == "TxProfile":
        built["transactionId"] = draw(st.sampled_from(["a", "b"]))
    return built


def place(profile_: Json) -> tuple[Any, ...]:
    return tuple(profile_.get(name) for name in ("evse", "stackLevel", "chargingProfilePurpose", "transactionId"))


@pytest.mark.case("DS_51")
@settings(max_examples=50, deadline=None)
@given(
    installed=st.lists(profiles_st(), max_size=6, unique_by=place),  # as DS_50 leaves them
    evse=st.integers(0, 2),
    unit=st.sampled_from("AW"),
    began=st.dictionaries(st.integers(1, 2), st.tuples(st.sampled_from(["a", "b"]), st.integers(-4_000, 0))),
    duration_s=st.integers(1, 4_000),
)
def test_ds_51_as_a_reference_that_looks_at_every_minute_and_every_edge(
    installed: list[Json], evse: int, unit: str, began: dict[int, tuple[str, int]], duration_s: int
) -> None:
    running = {number: Running(name, seconds_of(START) + since) for number, (name, since) in began.items()}
    begins = {number: (name, START + timedelta(seconds=since)) for number, (name, since) in began.items()}
    site = Installed(tuple(read(p) for p in installed), (1, 2), running)
    stretches = composite_schedule(site, evse, seconds_of(START), duration_s, unit)
    assert stretches[0].start_s == 0
    edges = {edge for s in stretches for edge in (s.start_s, s.start_s + s.duration_s - 1)}
    for second in sorted(edges | set(range(0, duration_s, 60))):
        at = START + timedelta(seconds=second)
        if evse == 0:
            expected = reference.allowed_station(installed, [1, 2], at, unit, START, begins)
        else:
            expected = reference.allowed(installed, evse, at, unit, START, begins)
        [stretch] = [s for s in stretches if s.start_s <= second < s.start_s + s.duration_s]
        limit = stretch.allowed.limit
        assert (None if limit is None else Fraction(limit)) == expected, (second, stretches)

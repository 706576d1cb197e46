"""Reading, building and judging charging profiles; units, vendor keys, comparisons and differences: all pure."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.errors import InvalidInputError
from csms.ocpp.codec import violation_of
from csms.ocpp.version import OcppVersion
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.comparing import compare, matches
from csms.smart_charging.composite import Allowed, Installed, Stretch
from csms.smart_charging.limits import StationLimits, choose_unit, limits_from, units_in
from csms.smart_charging.needs import excess, plan_for, read_ev_schedule, read_needs
from csms.smart_charging.profile import Period, is_readable, read_profile, seconds_of
from csms.smart_charging.profile16 import profile_in_2, profile_in_16
from csms.smart_charging.reconciling import Reported, differences
from csms.smart_charging.sanity import Circumstances, warnings_about
from csms.smart_charging.vendor_keys import amperes_in, static_limit_of, written
from models import ChargingProfile, StationVariable

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
Json = dict[str, Any]


def plan(**changes: Any) -> Json:
    values: Json = {"profile_id": 1, "purpose": "TxDefaultProfile", "unit": "A", "begins_at": NOW}
    return build_profile(ProfilePlan(**(values | {"periods": [Period(0, Decimal("6"))], "duration_s": 60} | changes)))


@pytest.mark.parametrize("version", ["1.6", "2.0.1", "2.1"])
@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "ChargingStationMaxProfile", "unit": "W"},
        {"kind": "Relative", "purpose": "TxProfile", "transaction_ocpp_id": "12"},
        {"kind": "Recurring", "recurrence": "Weekly", "valid_to": NOW + timedelta(days=9)},
        {"duration_s": None, "periods": [Period(0, Decimal("8.1"), 1), Period(9, Decimal("16.15"), 3)]},
    ],
)
def test_what_is_built_is_valid_in_every_version(version: str, changes: Json) -> None:
    profile = plan(**changes)
    payload: Json = {"evseId": 1, "chargingProfile": profile}
    if version == "1.6":
        payload = {"connectorId": 1, "csChargingProfiles": profile_in_16(profile)}
        back = profile_in_2(payload["csChargingProfiles"])
        assert read_profile(back, 1) == read_profile(profile, 1)
    assert violation_of(OcppVersion(version), "SetChargingProfile", "request", payload) is None


def test_only_1_6_profiles_of_one_schedule_and_a_number_can_be_said_in_1_6() -> None:
    profile = plan()
    with pytest.raises(InvalidInputError, match="exactly one schedule"):
        profile_in_16(profile | {"chargingSchedule": profile["chargingSchedule"] * 2})
    with pytest.raises(InvalidInputError, match="is a number"):
        profile_in_16(profile | {"transactionId": "abc"})


@pytest.mark.quirk(69)
def test_limits_keep_their_decimal() -> None:
    built = plan(periods=[Period(0, Decimal("8.19"))])
    assert built["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 8.1
    [period] = read_profile(built, 1).schedule.periods
    assert period.limit == Decimal("8.1")


@pytest.mark.parametrize("profile", [None, 5, {"id": "x"}, {"chargingSchedule": 3}, {"chargingSchedule": [7]}])
def test_what_is_no_profile_is_told_apart(profile: Any) -> None:
    assert not is_readable(profile)


@pytest.mark.quirk(27)
@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("Current", "A"),
        ("Power", "W"),
        ("Current,Power", "AW"),
        ("W", "W"),
        ("A,W", "AW"),
        ("current, power", "AW"),
        ("", ""),
        ("Furlongs", ""),
    ],
)
def test_units_as_stations_write_them(text: str, units: str) -> None:
    assert units_in(text) == set(units)


@pytest.mark.parametrize(
    ("units", "kind", "chosen"),
    [("", "AC", "A"), ("", "DC", "W"), ("AW", "DC", "W"), ("W", "AC", "W"), ("A", "DC", "A")],
)
def test_ds_54_the_unit_to_send(units: str, kind: str, chosen: str) -> None:
    assert choose_unit(StationLimits(units=frozenset(units)), kind) == chosen


def test_limits_of_either_version() -> None:
    def said(component: str, **values: str) -> list[StationVariable]:
        return [
            StationVariable(station_id=1, component=component, variable=name, value=value, reported_at=NOW)
            for name, value in values.items()
        ]

    of_16 = said("", ChargeProfileMaxStackLevel="8", ChargingScheduleMaxPeriods="24", MaxChargingProfilesInstalled="x")
    assert limits_from(of_16) == StationLimits(8, 24, None)
    of_2 = said("SmartChargingCtrlr", ProfileStackLevel="3", PeriodsPerSchedule="10", Entries="4", RateUnit="A")
    assert limits_from(of_2) == StationLimits(3, 10, 4, frozenset("A"))


def installed(profile_id: int, purpose: str = "TxDefaultProfile", level: int = 0, evse: int = 1) -> ChargingProfile:
    return ChargingProfile(
        station_id=1, evse_number=evse, profile_id=profile_id, stack_level=level, purpose=purpose, kind="Absolute",
        profile={}, updated_at=NOW,
    )  # fmt: skip


def codes(profile: Json, evse_number: int = 1, with_start: bool = False, **where: Any) -> set[str]:
    circumstances = Circumstances(NOW, evse_number, with_start=with_start, **where)
    found = warnings_about(profile, circumstances)
    assert all(warning.text.endswith(".") for warning in found)
    return {warning.code for warning in found}


def changed(**schedule: Any) -> Json:
    profile = plan()
    return profile | {"chargingSchedule": [profile["chargingSchedule"][0] | schedule]}


def test_a_sound_profile_has_no_warnings() -> None:
    assert codes(plan()) == set()


@pytest.mark.parametrize(
    ("profile", "code"),
    [
        (changed(chargingSchedulePeriod=[{"startPeriod": 5, "limit": 6}]), "first_period"),
        (changed(chargingSchedulePeriod=[{"startPeriod": 0, "limit": 6}] * 2), "period_order"),
        (changed(chargingSchedulePeriod=[{"startPeriod": 0, "limit": 6.15}]), "decimals"),
        (changed(chargingSchedulePeriod=[{"startPeriod": 0, "limit": -6}]), "negative"),
        (changed(chargingSchedulePeriod=[{"startPeriod": 0, "limit": 0}]), "zero"),
        (changed(chargingSchedulePeriod=[{"startPeriod": 0, "limit": 6, "phaseToUse": 1}]), "phase_to_use"),
        (changed(startSchedule=None), "no_start"),
        (plan() | {"chargingProfileKind": "Relative"}, "relative_start"),
        (plan() | {"chargingProfileKind": "Recurring"}, "recurrence"),
        (plan() | {"recurrencyKind": "Daily"}, "recurrence"),
        (plan() | {"validFrom": "2026-11-22T13:00:00Z"}, "gap"),
        (plan() | {"validTo": "2026-11-22T11:00:00Z"}, "never_valid"),
        (plan(purpose="ChargingStationExternalConstraints"), "external_purpose"),
        (plan(purpose="ChargingStationMaxProfile"), "max_on_evse"),
        (plan(purpose="TxProfile"), "tx_without_transaction"),
        (plan(transaction_ocpp_id="1"), "transaction_without_tx"),
    ],
)
def test_ds_52_oddities(profile: Json, code: str) -> None:
    assert code in codes(profile)


def test_ds_52_oddities_of_place_and_company() -> None:
    tx = plan(purpose="TxProfile", transaction_ocpp_id="1")
    assert codes(tx, 0) == {"tx_on_station"}
    assert codes(tx, with_start=True) == {"start_with_transaction"}
    assert codes(plan(purpose="TxProfile"), with_start=True) == set()
    assert codes(plan(purpose="ChargingStationMaxProfile", kind="Relative"), 0) == {"max_relative"}
    assert codes(plan(), in_use=[installed(1, "ChargingStationMaxProfile", evse=0)]) == {"id_in_use"}
    assert codes(plan(stack_level=1, duration_s=None), in_use=[installed(2)]) == {"endless"}
    assert codes(plan(stack_level=1), in_use=[installed(2)]) == set()


def test_x16_18_limits_of_the_station() -> None:
    limits = StationLimits(2, 1, 2, frozenset("W"), 4)
    long = changed(chargingSchedulePeriod=[{"startPeriod": 0, "limit": 6}, {"startPeriod": 1, "limit": 7}])
    full = [installed(2), installed(3)]
    assert codes(long | {"stackLevel": 3}, limits=limits, in_use=full) == {
        "periods", "unit", "stack_level", "profiles", "id_range",
    }  # fmt: skip
    assert codes(plan(stack_level=2, unit="W", profile_id=5), limits=limits) == {"top_level"}


@pytest.mark.quirk(68)
@pytest.mark.parametrize(
    ("vendor", "key", "value"),
    [
        ("EVBox", "evb_MaximumStationCurrent", "165"),
        ("EV-BOX B.V.", "evb_MaximumStationCurrent", "165"),
        ("Keba AG", "MaxAvailableCurrent", "16500"),
    ],
)
def test_static_limits_in_the_makers_units(vendor: str, key: str, value: str) -> None:
    limit = static_limit_of(vendor)
    assert limit is not None
    assert (limit.key, written(limit, Decimal("16.5"))) == (key, value)
    assert amperes_in(limit, value) == Decimal("16.5")
    assert amperes_in(limit, "?") is None
    assert static_limit_of("Bench") is None


def told(*periods: tuple[int, str | None]) -> list[Period]:
    return [Period(start, None if limit is None else Decimal(limit)) for start, limit in periods]


def expected(*stretches: tuple[int, int, str | None]) -> list[Stretch]:
    return [Stretch(start, span, Allowed(None if x is None else Decimal(x))) for start, span, x in stretches]


@pytest.mark.parametrize(
    ("said", "agrees"),
    [
        (told((0, "10"), (60, "6")), True),
        (told((0, "10.1"), (64, "5.9")), True),  # within 0.1 and 4 s
        (told((0, "10"), (65, "6")), False),
        (told((0, "10.2"), (60, "6")), False),
        (told((0, None)), False),
        (told((0, "0"), (60, "6")), False),
    ],
)
def test_ds_51_told_and_expected_are_compared_piece_by_piece(said: list[Period], agrees: bool) -> None:
    pieces = compare(expected((0, 60, "10"), (60, 40, "6")), said, 100)
    assert matches(pieces) is agrees
    assert sum(piece.duration_s for piece in pieces) == 100


def test_where_nothing_is_expected_whatever_is_told_is_right() -> None:
    [piece] = compare(expected((0, 10, None)), told((0, "48")), 10)
    assert piece.agrees
    assert piece.as_json()["difference"] is None
    assert compare([], told((0, "48")), -1) == ()


def reported(profile: Json, source: str = "CSO") -> Reported:
    return Reported(1, source, profile)


def test_ds_53_differences() -> None:
    same, lost, other = plan(), plan(profile_id=2), plan(profile_id=3)
    tells = same | {"validFrom": "2026-11-22T11:59:00Z", "validTo": "2026-11-22T12:01:00.000Z"}
    found = differences(
        [reported(same), reported(lost), reported(other)],
        [reported(tells), reported(other | {"stackLevel": 5}), reported(plan(profile_id=4), "EMS")],
    )
    assert [(difference.kind, difference.profile_id) for difference in found] == [
        ("missing", 2),
        ("different", 3),
        ("unknown", 4),
    ]


def test_ds_53_what_stations_fill_in_is_no_difference() -> None:
    ours = plan(kind="Relative", duration_s=None)
    [schedule] = ours["chargingSchedule"]
    filled = schedule | {"chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0, "numberPhases": 3}]}
    libocpp = {"validFrom": "1970-01-01T00:00:00.000Z", "validTo": "2262-04-11T23:46:49.854Z"}
    assert differences([reported(ours)], [reported(ours | libocpp | {"chargingSchedule": [filled]})]) == []


def needs(**more: Any) -> Json:
    ac = {"energyAmount": 9000, "evMinCurrent": 6, "evMaxCurrent": 32, "evMaxVoltage": 400}
    return {
        "evseId": 1,
        "chargingNeeds": {"requestedEnergyTransfer": "AC_three_phase", "acChargingParameters": ac},
    } | more


def test_needs_get_as_much_as_ev_and_limits_allow_in_as_few_periods_as_the_ev_takes() -> None:
    starts = [(seconds, limit) for seconds, limit in ((0, "20"), (60, "10"), (120, "16"), (180, "8"), (240, "40"))]
    periods = [{"startPeriod": seconds, "limit": float(limit)} for seconds, limit in starts]
    top = plan(purpose="ChargingStationMaxProfile", duration_s=None)
    top["chargingSchedule"][0]["chargingSchedulePeriod"] = periods
    site = Installed((read_profile(top, 0),), (1,))
    plan_ = plan_for(read_needs(needs()), site, 1, NOW, "A", evse_max_power_w=22_080)
    assert [(p.start_s, str(p.limit)) for p in plan_.periods] == [
        (0, "20.0"), (60, "10.0"), (120, "16.0"), (180, "8.0"), (240, "32.0"),
    ]  # fmt: skip
    assert plan_.duration_s == 86_400
    few = plan_for(read_needs(needs(maxScheduleTuples=3)), site, 1, NOW, "A", max_periods=2)
    assert [(p.start_s, str(p.limit), p.phases) for p in few.periods] == [(0, "20.0", 3), (60, "8.0", 3)]


def test_dc_needs_are_planned_in_watts() -> None:
    dc = {"requestedEnergyTransfer": "DC", "dcChargingParameters": {"evMaxCurrent": 200, "evMaxVoltage": 400}}
    wanted = read_needs({"evseId": 1, "chargingNeeds": dc})
    plan_ = plan_for(wanted, Installed(()), 1, NOW, "W", evse_max_power_w=50_000)
    assert [(p.limit, p.phases) for p in plan_.periods] == [(Decimal(50_000), None)]
    assert plan_for(wanted, Installed(()), 1, NOW, "W").periods[0].limit == Decimal(80_000)
    assert plan_for(read_needs({}), Installed(()), 1, NOW, "A").periods[0].limit == Decimal(10**9)


def test_k16_an_ev_schedule_beyond_the_limits_is_found_wherever_it_is() -> None:
    site = Installed((read_profile(plan(duration_s=None), 1),), (1,))
    base = seconds_of(NOW)

    def judged(*periods: tuple[int, float], **more: Any) -> Any:
        told_ = [{"startPeriod": start, "limit": limit} for start, limit in periods]
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": told_} | more
        return excess(read_ev_schedule(schedule), base, site, 1)

    assert judged((0, 6.0), (60, 6.1)) is None
    assert judged((0, 6.0), (60, 7.0)) == (60, Decimal("7.0"), Decimal("6.0"))
    assert judged((0, 6.0), (60, 7.0), duration=60) is None
    assert judged((0, 7.0), startSchedule="2026-11-22T11:00:00Z", duration=60) is None  # before our profile began

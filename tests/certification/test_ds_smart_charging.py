"""Smart charging beyond the lab's cases: stack rules, sanity, reconciliation, units, and what chargers really do."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.commands.commands import SetChargingProfile
from csms.commands.limiting import Limiting, LimitOutcome
from csms.smart_charging.advising import LimitWish, next_profile_id
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.profile import Period
from csms.smart_charging.queries import doubtful_profiles, overdrawn, profile_warnings
from csms.stations.ref import StationRef
from models import (
    ChargingNeeds,
    ChargingProfile,
    ChargingProfileReport,
    CompositeSchedule,
    MeterValue,
    StationVariable,
    Transaction,
)
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

Json = dict[str, Any]


def plan(lab: Lab, profile_id: int, purpose: str = "TxDefaultProfile", limit: str = "6.0", **changes: Any) -> Json:
    values: Json = {"begins_at": lab.platform.clock.now(), "periods": [Period(0, Decimal(limit))], "unit": "A"}
    return build_profile(ProfilePlan(profile_id, purpose, **(values | changes)))


async def install(lab: Lab, station: BenchStation, evse_number: int, profile: Json) -> None:
    asking = lab.ask(station, SetChargingProfile(evse_number, profile))
    await station.answer(await station.expect("SetChargingProfile"), {"status": "Accepted"})
    assert (await asking).succeeded


async def profiles(lab: Lab, station: BenchStation) -> list[tuple[int, str]]:
    return [(row.profile_id, row.state) for row in await lab.rows(ChargingProfile, station_id=station.ref.id)]


async def variables(lab: Lab, ref: StationRef, component: str = "", **values: str) -> None:
    now = lab.platform.clock.now()
    await lab.add(
        *(
            StationVariable(station_id=ref.id, component=component, variable=name, value=value, reported_at=now)
            for name, value in values.items()
        )
    )


@pytest.mark.case("DS_50")
async def test_ds_50_stack_rules(lab: Lab) -> None:
    async with lab.station() as station:
        await install(lab, station, 1, plan(lab, 1))
        await install(lab, station, 1, plan(lab, 2))  # same purpose, level and connector
        assert await profiles(lab, station) == [(1, "replaced"), (2, "installed")]
        await install(lab, station, 1, plan(lab, 3, stack_level=1))  # another level stacks
        await install(lab, station, 0, plan(lab, 4))  # so does connector 0
        await install(lab, station, 2, plan(lab, 5))
        assert (await profiles(lab, station))[1:] == [(number, "installed") for number in (2, 3, 4, 5)]
        await install(lab, station, 0, plan(lab, 3, "ChargingStationMaxProfile"))  # an id is unique in the station
        assert (await profiles(lab, station))[2] == (3, "replaced")


@pytest.mark.case("DS_52", "X16_18")
async def test_ds_52_x16_18_oddities_are_warned_of_and_sent_all_the_same(lab: Lab) -> None:
    async with lab.station() as station:
        await variables(
            lab,
            station.ref,
            ChargeProfileMaxStackLevel="1",
            ChargingScheduleMaxPeriods="1",
            MaxChargingProfilesInstalled="1",
            ChargingScheduleAllowedChargingRateUnit="Power",
        )
        await install(lab, station, 1, plan(lab, 1, unit="W"))
        odd = plan(lab, 2, stack_level=2, periods=[Period(0, Decimal(6)), Period(60, Decimal(7))])
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                found = await profile_warnings(session, station.ref.id, 1, odd, lab.platform.clock.now())
        assert {warning.code for warning in found} >= {"stack_level", "periods", "profiles", "unit"}
        await install(lab, station, 1, odd)
        assert (await profiles(lab, station))[-1] == (2, "installed")


def limiting(lab: Lab) -> Limiting:
    return Limiting(lab.platform.commands, lab.platform.database, lab.platform.clock)


def set_limit(lab: Lab, station: BenchStation, wish: LimitWish) -> "asyncio.Task[LimitOutcome]":
    return asyncio.create_task(limiting(lab).set_limit(lab.operator, station.ref.id, wish))


async def take(station: BenchStation, status: str) -> Json:
    """Answer the next profile; returns it."""
    asked = await station.expect("SetChargingProfile")
    await station.answer(asked, {"status": status})
    return asked.payload["csChargingProfiles"]


async def tell(lab: Lab, station: BenchStation, limit: float, unit: str = "A") -> None:
    """Answer the next GetCompositeSchedule with one limit throughout."""
    asked = await station.expect("GetCompositeSchedule")
    now = lab.platform.clock.now().isoformat()
    periods = [{"startPeriod": 0, "limit": limit}]
    schedule = {"duration": 300, "chargingRateUnit": unit, "chargingSchedulePeriod": periods}
    await station.answer(asked, {"status": "Accepted", "scheduleStart": now, "chargingSchedule": schedule})


@pytest.mark.case("DS_54", "X16_18")
@pytest.mark.quirk(27)
@pytest.mark.parametrize(
    ("units", "unit", "limit"), [("Power", "W", 11040.0), ("Current", "A", 16.0), ("Current,Power", "A", 16.0)]
)
async def test_ds_54_a_unit_that_the_station_takes(lab: Lab, units: str, unit: str, limit: float) -> None:
    async with lab.station() as station:
        await variables(lab, station.ref, ChargingScheduleAllowedChargingRateUnit=units)
        setting = set_limit(lab, station, LimitWish(1, Decimal(16)))
        schedule = (await take(station, "Accepted"))["chargingSchedule"]
        assert (schedule["chargingRateUnit"], schedule["chargingSchedulePeriod"][0]["limit"]) == (unit, limit)
        await tell(lab, station, limit, unit)
        outcome = await setting
        assert outcome.confirmed is True
        assert outcome.profile is not None


@pytest.mark.quirk(67)
async def test_a_limit_is_tried_in_other_ways_until_the_station_follows_it(lab: Lab) -> None:
    async with lab.station(vendor="Odd", model="One") as station:
        await variables(lab, station.ref, ChargingScheduleAllowedChargingRateUnit="Current")
        setting = set_limit(lab, station, LimitWish(1, Decimal(10)))
        first = await take(station, "Rejected")
        second = await take(station, "Accepted")
        assert (first["chargingProfileKind"], second["chargingProfileKind"]) == ("Absolute", "Relative")
        await tell(lab, station, 10.0)
        outcome = await setting
        assert [result.answer_status for result in outcome.attempts] == ["Rejected", "Accepted"]
        assert outcome.confirmed is True
        again = set_limit(lab, station, LimitWish(2, Decimal(10)))  # what this model took last goes first
        assert (await take(station, "Accepted"))["chargingProfileKind"] == "Relative"
        await station.answer(await station.expect("GetCompositeSchedule"), {"status": "Rejected"})
        assert (await again).confirmed is None


@pytest.mark.quirk(67)
async def test_a_profile_that_is_accepted_and_ignored_is_found_out(lab: Lab) -> None:
    async with lab.station() as station:
        await variables(lab, station.ref, ChargingScheduleAllowedChargingRateUnit="Current")
        setting = set_limit(lab, station, LimitWish(0, Decimal(10)))
        assert (await take(station, "Accepted"))["chargingProfilePurpose"] == "ChargePointMaxProfile"
        await tell(lab, station, 32.0)
        await station.answer(await station.expect("ClearChargingProfile"), {"status": "Accepted"})
        assert (await take(station, "Accepted"))["chargingProfilePurpose"] == "TxDefaultProfile"
        await tell(lab, station, 32.0)
        await station.answer(await station.expect("ClearChargingProfile"), {"status": "Accepted"})
        assert (await take(station, "Accepted"))["chargingProfilePurpose"] == "ChargePointMaxProfile"
        outcome = await setting
        assert outcome.confirmed is False
        assert (await profiles(lab, station))[-1][1] == "installed"  # better a limit in doubt than none


async def test_a_station_without_smart_charging_is_asked_once(lab: Lab) -> None:
    async with lab.station() as station:
        setting = set_limit(lab, station, LimitWish(1, Decimal(10)))
        await station.answer(await station.expect("SetChargingProfile"), {"status": "NotSupported"})
        outcome = await setting
        assert (len(outcome.attempts), outcome.profile) == (1, None)


@pytest.mark.case("DS_53")
async def test_ds_53_after_a_restart_what_is_missing_is_sent_again(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        kept, lost = plan(lab, 1), plan(lab, 2, "ChargingStationMaxProfile", "16.0")
        await install(lab, station, 1, kept)
        await install(lab, station, 0, lost)
        await station.boot()
        asked = await station.expect("GetChargingProfiles")
        assert asked.payload["chargingProfile"] == {}
        told = {"requestId": asked.payload["requestId"], "chargingLimitSource": "CSO", "evseId": 1}
        assert await station.call("ReportChargingProfiles", {**told, "chargingProfile": [kept]}) == {}
        await station.answer(asked, {"status": "Accepted"})  # the parts were faster than the answer
        again = await station.expect("SetChargingProfile")
        assert again.payload == {"evseId": 0, "chargingProfile": lost}
        await station.answer(again, {"status": "Accepted"})

        async def squared() -> bool:
            return await profiles(lab, station) == [(1, "installed"), (2, "replaced"), (2, "installed")]

        await lab.until(squared)
        report = await lab.row(ChargingProfileReport, station_id=station.ref.id)
        assert [(entry["kind"], entry["profile_id"]) for entry in report.differences] == [("missing", 2)]
        assert not station.was_asked("SetChargingProfile")


@pytest.mark.case("DS_53")
async def test_ds_53_a_report_that_a_person_asked_for_only_shows(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 1, plan(lab, 1))
        request = {"requestId": 5, "chargingProfile": {}}
        await lab.operate(station, "GetChargingProfiles", request, {"status": "NoProfiles"})
        assert await profiles(lab, station) == [(1, "missing")]
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                [doubtful] = await doubtful_profiles(session, station.ref.id)
        assert doubtful.profile_id == 1
        with tenant_scope(lab.blue.id):
            async with lab.platform.database.reading() as session:
                assert await doubtful_profiles(session, station.ref.id) == []
        await station.call("Heartbeat")
        assert not station.was_asked("SetChargingProfile")


@pytest.mark.case("DS_53")
async def test_ds_53_when_an_external_limit_goes_the_profiles_are_looked_over(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 1, plan(lab, 1))
        await station.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"})
        asked = await station.expect("GetChargingProfiles")
        await station.answer(asked, {"status": "NoProfiles"})

        async def noticed() -> bool:
            return await profiles(lab, station) == [(1, "missing")]

        await lab.until(noticed)
        assert not station.was_asked("SetChargingProfile")


@pytest.mark.case("DS_53")
async def test_ds_53_in_1_6_the_composite_schedule_stands_in_for_a_report(lab: Lab) -> None:
    async with lab.station() as station:
        await install(lab, station, 1, plan(lab, 1))
        await station.boot()
        await tell(lab, station, 32.0)
        again = await station.expect("SetChargingProfile")
        assert again.payload["csChargingProfiles"]["chargingProfileId"] == 1
        await station.answer(again, {"status": "Accepted"})
        row = await lab.row(CompositeSchedule, station_id=station.ref.id)
        assert row.matches is False
        assert row.periods[0]["difference"] == "26"


async def test_a_station_without_profiles_is_left_in_peace_after_a_restart(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await station.boot()
        await station.call("Heartbeat")
        assert not station.was_asked("GetChargingProfiles")


async def test_ids_are_free_and_above_those_of_external_constraints(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 1, plan(lab, 1))
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                assert await next_profile_id(session, station.ref.id) == 2
        await variables(lab, station.ref, "SmartChargingCtrlr", MaxExternalConstraintsId="1000")
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                assert await next_profile_id(session, station.ref.id) == 1001


@pytest.mark.quirk(67)
async def test_the_meter_is_the_last_judge(lab: Lab) -> None:
    async with lab.station() as station:
        token = await lab.token()
        now = lab.platform.clock.now()
        begin = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": now.isoformat()}
        transaction_id = (await station.call("StartTransaction", begin))["transactionId"]
        await install(lab, station, 1, plan(lab, 1, limit="10.0"))
        later = now + timedelta(minutes=5)
        await lab.add(
            MeterValue(
                station_id=station.ref.id,
                evse_number=1,
                transaction_id=transaction_id,
                sampled_at=later,
                received_at=later,
                power_w=11_000.0,
            )
        )
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                [found] = await overdrawn(session, station.ref.id)
        assert (found.evse_number, found.allowed_w, found.measured_w) == (1, Decimal(6900), Decimal(11_000))


async def test_numbers_without_bounds_do_no_harm(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        huge = 2**63 + 5
        schedule = {
            "id": huge,
            "duration": huge,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": huge, "limit": 1e300}],
        }
        profile = plan(lab, 1) | {"id": huge, "stackLevel": huge, "chargingSchedule": [schedule]}
        told = {"requestId": huge, "chargingLimitSource": "CSO", "evseId": huge, "chargingProfile": [profile]}
        assert await station.call("ReportChargingProfiles", told) == {}
        limit = {"evseId": huge, "chargingLimit": {"chargingLimitSource": "SO"}, "chargingSchedule": [schedule]}
        assert await station.call("NotifyChargingLimit", limit) == {}
        needs = {"evseId": huge, "chargingNeeds": {"requestedEnergyTransfer": "DC"}, "maxScheduleTuples": huge}
        assert (await station.call("NotifyEVChargingNeeds", needs))["status"] == "Processing"
        ev = {"timeBase": "0001-01-01T00:00:00Z", "evseId": huge, "chargingSchedule": schedule}
        assert (await station.call("NotifyEVChargingSchedule", ev))["status"] == "Accepted"
        assert len(await lab.rows(ChargingNeeds, station_id=station.ref.id)) == 1
        assert await lab.rows(Transaction, station_id=station.ref.id) == []

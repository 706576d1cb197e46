"""OCPP 2.1, block K: what it adds to smart charging."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.ocpp.timestamps import format_timestamp
from csms.smart_charging.advising import next_profile_id
from csms.smart_charging.dynamic import dynamic_updates
from csms.smart_charging.energy_transfer import set_charging_policy
from csms.smart_charging.priority import priorities
from csms.smart_charging.queries import expected_schedule
from models import (
    ChargingNeeds,
    ChargingProfile,
    DynamicUpdate,
    EvChargingSchedule,
    PriorityCharging,
    StationVariable,
)
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation
from tests.certification.transacting21 import begin, needs_of, profile_of, take_profile

Json = dict[str, Any]


async def install(lab: Lab, station: BenchStation, evse_number: int, profile: Json) -> ChargingProfile:
    """Send a profile as it is; returns the row that keeps it."""
    request = {"evseId": evse_number, "chargingProfile": profile}
    asked, result = await lab.operate(station, "SetChargingProfile", request, {"status": "Accepted"})
    assert asked.payload == request
    assert result.succeeded
    row = await lab.row(ChargingProfile, station_id=station.ref.id, profile_id=profile["id"])
    assert (row.state, row.evse_number, row.profile) == ("installed", evse_number, profile)
    return row


async def ask_for_profile(lab: Lab, station: BenchStation, needs: Json) -> Json:
    """Tell what the EV needs, take the profile that follows, and return it."""
    assert await station.call("NotifyEVChargingNeeds", needs) == {"status": "Accepted"}
    return await take_profile(lab, station)


async def ev_schedule(lab: Lab, station: BenchStation, profile: Json, **period: Any) -> str:
    told = {
        "timeBase": format_timestamp(lab.platform.clock.now()),
        "evseId": 1,
        "selectedChargingScheduleId": profile["chargingSchedule"][0]["id"],
        "chargingSchedule": {
            "id": 1,
            "duration": 600,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0} | period],
        },
    }
    answer = await station.call("NotifyEVChargingSchedule", told)
    return answer["status"]


@pytest.mark.parametrize(
    ("profile", "schedule", "period"),
    [
        pytest.param(
            {"maxOfflineDuration": 300, "invalidAfterOfflineDuration": True},
            {},
            {},
            id="K_100",
            marks=pytest.mark.case("TC_K_100_CSMS"),
        ),
        pytest.param({}, {}, {"operationMode": "ChargingOnly"}, id="K_101", marks=pytest.mark.case("TC_K_101_CSMS")),
        pytest.param(
            {},
            {"limitAtSoC": {"soc": 80, "limit": 3000.5}},
            {},
            id="K_102",
            marks=pytest.mark.case("TC_K_102_CSMS"),
        ),
        pytest.param(
            {"chargingProfilePurpose": "PriorityCharging"},
            {},
            {},
            id="K_104",
            marks=pytest.mark.case("TC_K_104_CSMS"),
        ),
        pytest.param(
            {},
            {"randomizedDelay": 120, "useLocalTime": True},
            {},
            id="K_106",
            marks=pytest.mark.case("TC_K_106_CSMS"),
        ),
    ],
)
async def test_k_100_to_k_106_new_fields(lab: Lab, profile: Json, schedule: Json, period: Json) -> None:
    async with lab.station("2.1") as station:
        wanted = profile_of(lab, 5, schedule=schedule, **profile)
        wanted["chargingSchedule"][0]["chargingSchedulePeriod"] = [{"startPeriod": 0, "limit": 4000.0} | period]
        row = await install(lab, station, 0, wanted)
        assert row.purpose == profile.get("chargingProfilePurpose", "TxDefaultProfile")


@pytest.mark.case("TC_K_109_CSMS")
async def test_k_109_ids_above_those_of_external_constraints(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        request = {"requestId": 1, "reportBase": "FullInventory"}
        await lab.operate(station, "GetBaseReport", request, {"status": "Accepted"})
        told = {
            "component": {"name": "SmartChargingCtrlr"},
            "variable": {"name": "MaxExternalConstraintsId"},
            "variableAttribute": [{"type": "Actual", "value": str(2**30 + 2**29)}],
        }
        report = {"requestId": 1, "seqNo": 0, "generatedAt": "2026-01-01T00:00:00Z", "reportData": [told]}
        assert await station.call("NotifyReport", report) == {}
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                own_id = await next_profile_id(session, station.ref.id)
        assert own_id == 2**30 + 2**29 + 1
        await install(lab, station, 1, profile_of(lab, own_id))
        await begin(lab, station)
        planned = await ask_for_profile(lab, station, needs_of("DC", "ScheduledControl"))
        assert planned["id"] > 2**30 + 2**29


@pytest.mark.case("TC_K_118_CSMS")
async def test_k_118_priority_charging(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station)
        await install(lab, station, 1, profile_of(lab, 1, 2000))
        await install(lab, station, 1, profile_of(lab, 2, 9000, chargingProfilePurpose="PriorityCharging"))

        async def may_take() -> list[Decimal | None]:
            with tenant_scope(lab.green.id):
                async with lab.platform.database.reading() as session:
                    now = lab.platform.clock.now() + timedelta(seconds=5)
                    stretches = await expected_schedule(session, station.ref.id, 1, now, 60, "W")
            return [stretch.allowed.limit for stretch in stretches]

        assert await may_take() == [2000]
        wanted = {"transactionId": ocpp_id, "activate": True}
        asked, result = await lab.operate(station, "UsePriorityCharging", wanted, {"status": "Accepted"})
        assert asked.payload == wanted
        assert result.succeeded
        told = {"transactionId": ocpp_id, "activated": True}
        assert await station.call("NotifyPriorityCharging", told) == {}
        row = await lab.row(PriorityCharging, station_id=station.ref.id)
        assert (row.transaction_ocpp_id, row.is_active, row.wanted, row.status) == (ocpp_id, True, True, "Accepted")
        assert await may_take() == [9000]
        assert await station.call("NotifyPriorityCharging", told | {"activated": False}) == {}
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                assert [known.is_active for known in await priorities(session, station.ref.id)] == [False]
        assert await may_take() == [2000]


@pytest.mark.case("TC_K_118_CSMS")
@pytest.mark.parametrize("status", ["Rejected", "NoProfile"])
async def test_k_118_priority_refused(lab: Lab, status: str) -> None:
    async with lab.station("2.1") as station:
        wanted = {"transactionId": "nobody-knows", "activate": True}
        _, result = await lab.operate(station, "UsePriorityCharging", wanted, {"status": status})
        assert result.answer_status == status
        row = await lab.row(PriorityCharging, station_id=station.ref.id)
        assert (row.is_active, row.wanted, row.status) == (False, True, status)


@pytest.mark.case("TC_K_113_CSMS", "TC_K_114_CSMS")
@pytest.mark.parametrize("planner", ["EVCC", "EVCC_SECC"])
async def test_k_113_k_114_scheduled_control(lab: Lab, planner: str) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station)
        needs = needs_of("DC", "ScheduledControl", mobilityNeedsMode=planner)
        profile = await ask_for_profile(lab, station, needs)
        assert (profile["chargingProfilePurpose"], profile["transactionId"]) == ("TxProfile", ocpp_id)
        assert profile["chargingProfileKind"] == "Absolute"
        [schedule] = profile["chargingSchedule"]
        assert schedule["chargingRateUnit"] == "W"
        [period] = schedule["chargingSchedulePeriod"]
        assert period["setpoint"] == period["limit"] == 11_000.0
        assert "dischargeLimit" not in period
        assert await ev_schedule(lab, station, profile, setpoint=period["setpoint"] - 500) == "Accepted"
        assert (await lab.row(EvChargingSchedule, station_id=station.ref.id)).accepted
        kept = await lab.row(ChargingNeeds, station_id=station.ref.id)
        assert kept.needs == needs


@pytest.mark.case("TC_K_114_CSMS")
async def test_k_114_an_ev_that_plans_beyond_its_limits(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        await begin(lab, station)
        profile = await ask_for_profile(lab, station, needs_of("DC", "ScheduledControl"))
        assert await ev_schedule(lab, station, profile, setpoint=20_000) == "Rejected"
        again = await take_profile(lab, station)
        assert await ev_schedule(lab, station, again, limit=8000) == "Accepted"


@pytest.mark.case("TC_K_115_CSMS")
async def test_k_115_dynamic_control(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        await begin(lab, station)
        profile = await ask_for_profile(lab, station, needs_of("AC_three_phase", "DynamicControl"))
        assert profile["chargingProfileKind"] == "Dynamic"
        assert profile["dynUpdateInterval"] > 0
        [schedule] = profile["chargingSchedule"]
        assert not {"startSchedule", "duration"} & schedule.keys()
        [period] = schedule["chargingSchedulePeriod"]
        assert (period["startPeriod"], period["setpoint"], period["limit"]) == (0, 11_000.0, 11_000.0)
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": profile["id"]})
        assert answer == {"status": "Accepted", "scheduleUpdate": {"limit": 11_000.0, "setpoint": 11_000.0}}


@pytest.mark.case("TC_K_117_CSMS")
async def test_k_117_the_schedule_is_adjusted(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        await begin(lab, station)
        first = await ask_for_profile(lab, station, needs_of("DC", "ScheduledControl"))
        assert await ev_schedule(lab, station, first, limit=9000) == "Accepted"
        less = needs_of("DC", "ScheduledControl", power=5000)
        second = await ask_for_profile(lab, station, less)
        assert second["id"] == first["id"]
        assert second["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 5000.0
        assert await ev_schedule(lab, station, second, limit=5000) == "Accepted"
        rows = await lab.rows(ChargingProfile, station_id=station.ref.id)
        assert [row.state for row in rows] == ["replaced", "installed"]
        assert [row.needs["chargingNeeds"] for row in await lab.rows(ChargingNeeds, station_id=station.ref.id)][
            -1
        ] == less["chargingNeeds"]


@pytest.mark.case("TC_K_113_CSMS")
async def test_k_113_needs_before_the_transaction_are_processing(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        needs = needs_of("DC", "ScheduledControl")
        assert await station.call("NotifyEVChargingNeeds", needs) == {"status": "Processing"}
        ocpp_id = await begin(lab, station)
        assert (await take_profile(lab, station))["transactionId"] == ocpp_id


@pytest.mark.case("TC_K_126_CSMS")
@pytest.mark.parametrize("why", ["policy", "station"])
async def test_k_126_no_profile(lab: Lab, why: str) -> None:
    async with lab.station("2.1") as station:
        if why == "policy":
            with tenant_scope(lab.green.id):
                await lab.platform.committer.run(
                    lambda work: set_charging_policy(work, station.ref.id, plans_for_evs=False)
                )
        else:
            said: Json = {"component": "SmartChargingCtrlr", "variable": "Enabled", "value": "false"}
            now = lab.platform.clock.now()
            await lab.add(StationVariable(station_id=station.ref.id, reported_at=now, **said))
        await begin(lab, station)
        answer = await station.call("NotifyEVChargingNeeds", needs_of("DC", "ScheduledControl"))
        assert answer["status"] == "NoChargingProfile"
        assert (await lab.row(ChargingNeeds, station_id=station.ref.id)).state == "no profile"
        await station.call("Heartbeat")
        assert not station.was_asked("SetChargingProfile")
        assert not await lab.rows(ChargingProfile, station_id=station.ref.id)


@pytest.mark.case("TC_K_121_CSMS")
async def test_k_121_a_station_pulls_values(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        wanted = profile_of(lab, 8, chargingProfileKind="Dynamic", dynUpdateInterval=60)
        await install(lab, station, 1, wanted)
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 99})
        assert answer["status"] == "Rejected"
        assert "scheduleUpdate" not in answer
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 8})
        assert answer == {"status": "Accepted", "scheduleUpdate": {"limit": 4000.0}}
        await install(lab, station, 0, profile_of(lab, 9, 2500, chargingProfilePurpose="ChargingStationMaxProfile"))
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 8})
        assert answer == {"status": "Accepted", "scheduleUpdate": {"limit": 2500.0}}
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 9})
        assert answer["status"] == "Rejected"
        kept = await lab.rows(DynamicUpdate, station_id=station.ref.id)
        assert [(row.profile_id, row.pulled, row.status, row.update) for row in kept] == [
            (99, True, "Rejected", {}),
            (8, True, "Accepted", {"limit": 4000.0}),
            (8, True, "Accepted", {"limit": 2500.0}),
            (9, True, "Rejected", {}),
        ]
        with tenant_scope(lab.blue.id):
            async with lab.platform.database.reading() as session:
                assert not await dynamic_updates(session, station.ref.id)

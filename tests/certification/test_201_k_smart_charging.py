"""OCPP 2.0.1, block K: smart charging."""

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.commands.commands import (
    ClearChargingProfile,
    GetChargingProfiles,
    GetCompositeSchedule,
    RequestStart,
    SetChargingProfile,
)
from csms.ocpp.timestamps import format_timestamp
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.profile import Period
from models import (
    ChargingLimit,
    ChargingNeeds,
    ChargingProfile,
    ChargingProfileReport,
    CompositeSchedule,
    EvChargingSchedule,
)
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

Json = dict[str, Any]
_transactions = itertools.count(1)


def plan(lab: Lab, profile_id: int, purpose: str, limit: str = "6.0", unit: str = "A", **changes: Any) -> Json:
    """A profile as our own builder makes it, for an hour from now on."""
    values: Json = {"duration_s": 3600, "begins_at": lab.platform.clock.now(), "periods": [Period(0, Decimal(limit))]}
    return build_profile(ProfilePlan(profile_id, purpose, unit, **(values | changes)))


def now_text(lab: Lab, **later: int) -> str:
    return format_timestamp(lab.platform.clock.now() + timedelta(**later))


async def install(lab: Lab, station: BenchStation, evse_number: int, profile: Json, **answer: Any) -> Json:
    """Send a profile by the typed command; returns what went over the wire."""
    asking = lab.ask(station, SetChargingProfile(evse_number, profile))
    asked = await station.expect("SetChargingProfile")
    await station.answer(asked, {"status": "Accepted"} | answer)
    await asking
    return asked.payload


async def transaction_event(lab: Lab, station: BenchStation, kind: str, ocpp_id: str, **more: Any) -> Json:
    body: Json = {
        "eventType": kind,
        "timestamp": now_text(lab),
        "triggerReason": "Authorized",
        "seqNo": {"Started": 0, "Updated": 1, "Ended": 2}[kind],
        "transactionInfo": {"transactionId": ocpp_id, "chargingState": "Charging"},
        "evse": {"id": 1, "connectorId": 1},
    }
    return await station.call("TransactionEvent", body | more)


async def start(lab: Lab, station: BenchStation) -> str:
    ocpp_id = f"tx-{next(_transactions)}"
    token = {"idToken": await lab.token(), "type": "ISO14443"}
    await transaction_event(lab, station, "Started", ocpp_id, idToken=token)
    return ocpp_id


async def profiles(lab: Lab, station: BenchStation) -> list[tuple[int, str]]:
    return [(row.profile_id, row.state) for row in await lab.rows(ChargingProfile, station_id=station.ref.id)]


@pytest.mark.parametrize(
    ("evse_number", "unit", "limit"),
    [
        pytest.param(1, "A", "6.0", marks=pytest.mark.case("TC_K_01_CSMS")),
        pytest.param(1, "W", "6000.0", marks=pytest.mark.case("TC_K_01_CSMS")),
        pytest.param(0, "A", "6.0", marks=pytest.mark.case("TC_K_10_CSMS")),
    ],
)
async def test_tc_k_01_tc_k_10_tx_default_profile(lab: Lab, evse_number: int, unit: str, limit: str) -> None:
    async with lab.station("2.0.1") as station:
        periods = [Period(0, Decimal(limit), 1), Period(600, Decimal(limit) * 2, 1)]
        wanted = plan(lab, 4, "TxDefaultProfile", unit=unit, periods=periods, stack_level=1, phase_to_use=2)
        sent = await install(lab, station, evse_number, wanted)
        profile = sent["chargingProfile"]
        [schedule] = profile["chargingSchedule"]
        assert sent["evseId"] == evse_number
        assert (profile["id"], profile["stackLevel"]) == (4, 1)
        assert (profile["chargingProfilePurpose"], profile["chargingProfileKind"]) == ("TxDefaultProfile", "Absolute")
        assert profile["validFrom"] < schedule["startSchedule"] < profile["validTo"]
        assert (schedule["duration"], schedule["chargingRateUnit"]) == (3600, unit)
        first = {"startPeriod": 0, "limit": float(limit), "numberPhases": 1, "phaseToUse": 2}
        second = {"startPeriod": 600, "limit": 2 * float(limit), "numberPhases": 1, "phaseToUse": 2}
        assert schedule["chargingSchedulePeriod"] == [first, second]
        assert not {"transactionId", "recurrencyKind"} & profile.keys()
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert (row.evse_number, row.state, row.source) == (evse_number, "installed", "CSO")
        assert row.profile == profile


@pytest.mark.case("TC_K_01_CSMS")
async def test_tc_k_01_phase_to_use_only_with_one_phase(lab: Lab) -> None:
    wanted = plan(lab, 4, "TxDefaultProfile", periods=[Period(0, Decimal(6), 3)], phase_to_use=2)
    assert wanted["chargingSchedule"][0]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 3}
    ]


@pytest.mark.case("TC_K_15_CSMS")
async def test_tc_k_15_a_station_without_smart_charging(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, SetChargingProfile(1, plan(lab, 4, "TxDefaultProfile")))
        await station.refuse(await station.expect("SetChargingProfile"), "NotSupported", "No smart charging")
        result = await asking
        assert (result.state, result.answer_status) == ("refused", "NotSupported")

        async def kept() -> bool:
            return await profiles(lab, station) == [(4, "rejected")]

        await lab.until(kept)
        assert (await station.call("Heartbeat"))["currentTime"]


@pytest.mark.case("TC_K_19_CSMS")
@pytest.mark.parametrize("recurrence", ["Daily", "Weekly"])
async def test_tc_k_19_recurring_profile(lab: Lab, recurrence: str) -> None:
    async with lab.station("2.0.1") as station:
        wanted = plan(lab, 5, "TxDefaultProfile", kind="Recurring", recurrence=recurrence, duration_s=7200)
        profile = (await install(lab, station, 1, wanted))["chargingProfile"]
        assert (profile["chargingProfileKind"], profile["recurrencyKind"]) == ("Recurring", recurrence)
        assert profile["chargingSchedule"][0]["startSchedule"].endswith("Z")
        assert await profiles(lab, station) == [(5, "installed")]


@pytest.mark.case("TC_K_02_CSMS")
@pytest.mark.parametrize(("unit", "limit"), [("A", "7.0"), ("W", "7000.0")])
async def test_tc_k_02_tx_profile_without_transaction(lab: Lab, unit: str, limit: str) -> None:
    async with lab.station("2.0.1") as station:
        wanted = plan(lab, 6, "TxProfile", limit, unit, kind="Relative", transaction_ocpp_id="nobody-knows")
        why = {"reasonCode": "TxNotFound", "additionalInfo": "no such transaction"}
        sent = await install(lab, station, 1, wanted, status="Rejected", statusInfo=why)
        schedule = sent["chargingProfile"]["chargingSchedule"][0]
        assert sent["evseId"] == 1
        assert sent["chargingProfile"]["chargingProfileKind"] == "Relative"
        assert "startSchedule" not in schedule
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": float(limit)}]
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert (row.state, row.reason) == ("rejected", "TxNotFound: no such transaction")


@pytest.mark.case("TC_K_60_CSMS")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_k_60_tx_profile_of_a_running_transaction(lab: Lab, kind: str) -> None:
    async with lab.station("2.0.1") as station:
        ocpp_id = await start(lab, station)
        sent = await install(lab, station, 1, plan(lab, 7, "TxProfile", kind=kind, transaction_ocpp_id=ocpp_id))
        profile = sent["chargingProfile"]
        assert (sent["evseId"], profile["transactionId"]) == (1, ocpp_id)
        assert ("startSchedule" in profile["chargingSchedule"][0]) is (kind == "Absolute")
        assert await profiles(lab, station) == [(7, "installed")]
        await transaction_event(lab, station, "Ended", ocpp_id, triggerReason="StopAuthorized")

        async def ended() -> bool:
            return await profiles(lab, station) == [(7, "ended")]

        await lab.until(ended)


@pytest.mark.case("TC_K_03_CSMS")
@pytest.mark.parametrize(("unit", "limit"), [("A", "8.0"), ("W", "8000.0")])
async def test_tc_k_03_charging_station_max_profile(lab: Lab, unit: str, limit: str) -> None:
    async with lab.station("2.0.1") as station:
        sent = await install(lab, station, 0, plan(lab, 8, "ChargingStationMaxProfile", limit, unit))
        profile = sent["chargingProfile"]
        assert (sent["evseId"], profile["chargingProfileKind"]) == (0, "Absolute")
        assert {"validFrom", "validTo"} <= profile.keys()
        assert "startSchedule" in profile["chargingSchedule"][0]
        assert profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == float(limit)


@pytest.mark.case("TC_K_04_CSMS")
async def test_tc_k_04_the_same_id_replaces(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        for limit in ("8.0", "6.0"):
            sent = await install(lab, station, 1, plan(lab, 9, "TxDefaultProfile", limit))
            assert sent["chargingProfile"]["id"] == 9
            assert sent["chargingProfile"]["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == float(limit)
        assert await profiles(lab, station) == [(9, "replaced"), (9, "installed")]


@pytest.mark.case("TC_K_70_CSMS")
async def test_tc_k_70_two_different_profiles(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 1, plan(lab, 9, "TxDefaultProfile"))
        await install(lab, station, 0, plan(lab, 10, "ChargingStationMaxProfile"))
        assert await profiles(lab, station) == [(9, "installed"), (10, "installed")]


@pytest.mark.parametrize(
    ("command", "payload", "left"),
    [
        pytest.param(
            ClearChargingProfile(profile_id=1),
            {"chargingProfileId": 1},
            [(1, "cleared"), (2, "installed")],
            marks=pytest.mark.case("TC_K_05_CSMS"),
        ),
        pytest.param(
            ClearChargingProfile(purpose="TxDefaultProfile", stack_level=3, evse_number=1),
            {"chargingProfileCriteria": {"evseId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 3}},
            [(1, "installed"), (2, "cleared")],
            marks=pytest.mark.case("TC_K_06_CSMS"),
        ),
    ],
)
async def test_tc_k_05_tc_k_06_clear(lab: Lab, command: ClearChargingProfile, payload: Json, left: Any) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 1, plan(lab, 1, "TxDefaultProfile"))
        await install(lab, station, 1, plan(lab, 2, "TxDefaultProfile", stack_level=3))
        asking = lab.ask(station, command)
        asked = await station.expect("ClearChargingProfile")
        assert asked.payload == payload
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert await profiles(lab, station) == left


@pytest.mark.case("TC_K_08_CSMS")
async def test_tc_k_08_nothing_to_clear(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, ClearChargingProfile(purpose="TxDefaultProfile", stack_level=1, evse_number=1))
        asked = await station.expect("ClearChargingProfile")
        assert "chargingProfileId" not in asked.payload
        await station.answer(asked, {"status": "Unknown"})
        result = await asking
        assert result.answer_status == "Unknown"
        assert result.error is not None
        assert "Unknown" in result.error


@pytest.mark.parametrize(
    ("command", "payload"),
    [
        pytest.param(
            GetChargingProfiles(1, evse_number=0),
            {"requestId": 1, "evseId": 0, "chargingProfile": {}},
            marks=pytest.mark.case("TC_K_29_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(2, evse_number=1),
            {"requestId": 2, "evseId": 1, "chargingProfile": {}},
            marks=pytest.mark.case("TC_K_30_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(3),
            {"requestId": 3, "chargingProfile": {}},
            marks=pytest.mark.case("TC_K_31_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(4, profile_ids=(1, 2)),
            {"requestId": 4, "chargingProfile": {"chargingProfileId": [1, 2]}},
            marks=pytest.mark.case("TC_K_32_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(5, evse_number=1, stack_level=0),
            {"requestId": 5, "evseId": 1, "chargingProfile": {"stackLevel": 0}},
            marks=pytest.mark.case("TC_K_33_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(6, evse_number=1, sources=("CSO",)),
            {"requestId": 6, "evseId": 1, "chargingProfile": {"chargingLimitSource": ["CSO"]}},
            marks=pytest.mark.case("TC_K_34_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(7, evse_number=1, purpose="TxDefaultProfile"),
            {"requestId": 7, "evseId": 1, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}},
            marks=pytest.mark.case("TC_K_35_CSMS"),
        ),
        pytest.param(
            GetChargingProfiles(8, evse_number=1, purpose="TxDefaultProfile", stack_level=0),
            {
                "requestId": 8,
                "evseId": 1,
                "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0},
            },
            marks=pytest.mark.case("TC_K_36_CSMS"),
        ),
    ],
)
async def test_tc_k_29_to_tc_k_36_get_charging_profiles(lab: Lab, command: GetChargingProfiles, payload: Json) -> None:
    async with lab.station("2.0.1") as station:
        default = plan(lab, 1, "TxDefaultProfile")
        await install(lab, station, 1, default)
        await install(lab, station, 0, top := plan(lab, 2, "ChargingStationMaxProfile", stack_level=1))
        asking = lab.ask(station, command)
        asked = await station.expect("GetChargingProfiles")
        assert asked.payload == payload
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        if command.evse_number != 1:
            await report(station, command.request_id, 0, [top], tbc=command.evse_number is None)
        if command.evse_number != 0:
            await report(station, command.request_id, 1, [default])
        kept = await lab.row(ChargingProfileReport, station_id=station.ref.id)
        both = command.evse_number is None
        assert (kept.state, kept.parts, len(kept.reported)) == ("complete", 1 + both, 1 + both)
        assert kept.criteria == payload
        assert kept.differences == []
        assert await profiles(lab, station) == [(1, "installed"), (2, "installed")]


async def report(
    station: BenchStation, request_id: int, evse_number: int, told: list[Json], source: str = "CSO", **more: Any
) -> None:
    payload = {"requestId": request_id, "chargingLimitSource": source, "evseId": evse_number, "chargingProfile": told}
    assert await station.call("ReportChargingProfiles", payload | more) == {}


@pytest.mark.case("TC_K_29_CSMS")
async def test_tc_k_29_no_profiles(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        request = {"requestId": 9, "evseId": 0, "chargingProfile": {}}
        _, result = await lab.operate(station, "GetChargingProfiles", request, {"status": "NoProfiles"})
        assert result.answer_status == "NoProfiles"
        assert (await lab.row(ChargingProfileReport, station_id=station.ref.id)).state == "no profiles"


@pytest.mark.case("TC_K_37_CSMS")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_k_37_remote_start_with_profile(lab: Lab, kind: str) -> None:
    token = await lab.token()
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, RequestStart(1, token, "ISO14443", 815, plan(lab, 11, "TxProfile", kind=kind)))
        asked = await station.expect("RequestStartTransaction")
        profile = asked.payload["chargingProfile"]
        assert asked.payload["evseId"] == 1
        assert asked.payload["idToken"] == {"idToken": token, "type": "ISO14443"}
        assert (profile["chargingProfilePurpose"], profile.get("transactionId")) == ("TxProfile", None)
        assert ("startSchedule" in profile["chargingSchedule"][0]) is (kind == "Absolute")
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert await profiles(lab, station) == [(11, "awaiting")]
        info = {"transactionId": "tx-remote", "remoteStartId": asked.payload["remoteStartId"]}
        started: Json = {"transactionInfo": info, "triggerReason": "RemoteStart"}
        await transaction_event(lab, station, "Started", "tx-remote", **started, idToken=asked.payload["idToken"])

        async def begun() -> bool:
            row = await lab.row(ChargingProfile, station_id=station.ref.id)
            return (row.state, row.transaction_ocpp_id) == ("installed", "tx-remote")

        await lab.until(begun)


@pytest.mark.parametrize(
    "evse_number",
    [
        pytest.param(1, marks=pytest.mark.case("TC_K_43_CSMS")),
        pytest.param(0, marks=pytest.mark.case("TC_K_44_CSMS")),
    ],
)
async def test_tc_k_43_tc_k_44_get_composite_schedule(lab: Lab, evse_number: int) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 0, plan(lab, 1, "ChargingStationMaxProfile", "16.0", duration_s=7200))
        await install(lab, station, 0, plan(lab, 2, "TxDefaultProfile", "9.0", duration_s=7200))
        asking = lab.ask(station, GetCompositeSchedule(evse_number, 600, "A"))
        asked = await station.expect("GetCompositeSchedule")
        assert asked.payload == {"evseId": evse_number, "duration": 600, "chargingRateUnit": "A"}
        limit = 9.0 if evse_number else 16.0  # two EVSEs may take 9 A each, the station no more than 16 A
        schedule = {
            "evseId": evse_number,
            "duration": 600,
            "scheduleStart": now_text(lab),
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}],
        }
        await station.answer(asked, {"status": "Accepted", "schedule": schedule})
        result = await asking
        assert result.answer == {"status": "Accepted", "schedule": schedule}
        row = await lab.row(CompositeSchedule, station_id=station.ref.id)
        assert (row.evse_number, row.unit, row.duration_s, row.matches) == (evse_number, "A", 600, True)
        assert [piece["told"] for piece in row.periods] == [f"{limit:g}"]


@pytest.mark.case("TC_K_48_CSMS", "TC_K_50_CSMS")
async def test_tc_k_48_tc_k_50_external_limit_set_and_cleared(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7.0}]}
        limit = {"chargingLimitSource": "EMS", "isGridCritical": True}
        assert await station.call("NotifyChargingLimit", {"chargingLimit": limit, "chargingSchedule": [schedule]}) == {}
        row = await lab.row(ChargingLimit, station_id=station.ref.id)
        assert (row.evse_number, row.source, row.is_grid_critical, row.cleared_at) == (0, "EMS", True, None)
        assert row.schedules == [schedule]
        assert await station.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}
        assert (await lab.row(ChargingLimit, station_id=station.ref.id)).cleared_at is not None
        assert not station.was_asked("SetChargingProfile")


@pytest.mark.case("TC_K_51_CSMS")
async def test_tc_k_51_external_limit_during_a_transaction(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        ocpp_id = await start(lab, station)
        notice = {"evseId": 1, "chargingLimit": {"chargingLimitSource": "EMS"}}
        assert await station.call("NotifyChargingLimit", notice) == {}
        changed = await transaction_event(lab, station, "Updated", ocpp_id, triggerReason="ChargingRateChanged")
        assert changed.keys() <= {"totalCost"}
        assert await station.call("ClearedChargingLimit", {"evseId": 1, "chargingLimitSource": "EMS"}) == {}
        changed = await transaction_event(
            lab, station, "Updated", ocpp_id, triggerReason="ChargingRateChanged", seqNo=2
        )
        assert changed.keys() <= {"totalCost"}
        assert (await lab.row(ChargingLimit, station_id=station.ref.id)).cleared_at is not None


@pytest.mark.case("TC_K_52_CSMS")
async def test_tc_k_52_external_constraints_in_a_report(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        request = {"requestId": 12, "chargingProfile": {"chargingLimitSource": ["EMS"]}}
        await lab.operate(station, "GetChargingProfiles", request, {"status": "Accepted"})
        constraint = plan(lab, 900, "ChargingStationExternalConstraints", "7.0")
        await report(station, 12, 0, [constraint], "EMS")
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert (row.source, row.purpose, row.state) == ("EMS", "ChargingStationExternalConstraints", "installed")
        kept = await lab.row(ChargingProfileReport, station_id=station.ref.id)
        assert [difference["kind"] for difference in kept.differences] == ["unknown"]
        assert await station.call("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}
        assert await profiles(lab, station) == [(900, "cleared")]


def needs_of(lab: Lab, current: int = 16, **changes: Any) -> Json:
    parameters = {"energyAmount": 20_000, "evMinCurrent": 6, "evMaxCurrent": current, "evMaxVoltage": 400}
    needs = {
        "requestedEnergyTransfer": "AC_three_phase",
        "departureTime": now_text(lab, hours=2),
        "acChargingParameters": parameters,
    }
    return {"evseId": 1, "maxScheduleTuples": 3, "chargingNeeds": needs} | changes


def ev_schedule(lab: Lab, limit: float) -> Json:
    return {
        "timeBase": now_text(lab),
        "evseId": 1,
        "chargingSchedule": {
            "id": 1,
            "duration": 3600,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit, "numberPhases": 3}],
        },
    }


async def planned(station: BenchStation, ocpp_id: str) -> Json:
    """Take the profile that the platform sends by itself."""
    asked = await station.expect("SetChargingProfile")
    assert asked.payload["evseId"] == 1
    profile = asked.payload["chargingProfile"]
    assert (profile["chargingProfilePurpose"], profile["transactionId"]) == ("TxProfile", ocpp_id)
    await station.answer(asked, {"status": "Accepted"})
    return profile


async def is_planned(lab: Lab, station: BenchStation) -> bool:
    rows = await lab.rows(ChargingNeeds, station_id=station.ref.id)
    return rows[-1].state == "planned" and rows[-1].profile_id is not None


@pytest.mark.case("TC_K_53_CSMS", "TC_K_57_CSMS")
async def test_tc_k_53_tc_k_57_ev_gets_a_profile_and_renegotiates(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        ocpp_id = await start(lab, station)
        assert (await station.call("NotifyEVChargingNeeds", needs_of(lab)))["status"] == "Accepted"
        profile = await planned(station, ocpp_id)
        [schedule] = profile["chargingSchedule"]
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 16.0, "numberPhases": 3}]
        assert 7000 <= schedule["duration"] <= 7200
        await lab.until(lambda: is_planned(lab, station))
        assert (await station.call("NotifyEVChargingSchedule", ev_schedule(lab, 16.0)))["status"] == "Accepted"
        row = await lab.row(EvChargingSchedule, station_id=station.ref.id)
        assert (row.accepted, row.transaction_ocpp_id) == (True, ocpp_id)
        assert (await transaction_event(lab, station, "Updated", ocpp_id)).keys() <= {"totalCost"}

        assert (await station.call("NotifyEVChargingNeeds", needs_of(lab, 10)))["status"] == "Accepted"  # K_57
        newer = await planned(station, ocpp_id)
        assert newer["id"] == profile["id"]
        assert newer["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 10.0
        await lab.until(lambda: is_planned(lab, station))
        assert (await station.call("NotifyEVChargingSchedule", ev_schedule(lab, 10.0)))["status"] == "Accepted"
        assert [row.state for row in await lab.rows(ChargingNeeds, station_id=station.ref.id)] == [
            "replaced",
            "planned",
        ]
        assert await profiles(lab, station) == [(newer["id"], "replaced"), (newer["id"], "installed")]


@pytest.mark.case("TC_K_53_CSMS")
async def test_tc_k_53_needs_before_the_transaction(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        assert (await station.call("NotifyEVChargingNeeds", needs_of(lab)))["status"] == "Processing"
        ocpp_id = await start(lab, station)
        await planned(station, ocpp_id)
        await lab.until(lambda: is_planned(lab, station))


@pytest.mark.case("TC_K_57_CSMS")
async def test_tc_k_57_plans_follow_one_another(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        ocpp_id = await start(lab, station)
        await station.call("NotifyEVChargingNeeds", needs_of(lab))
        first = await station.expect("SetChargingProfile")
        await station.call("NotifyEVChargingNeeds", needs_of(lab, 12))
        await station.call("NotifyEVChargingNeeds", needs_of(lab, 10))
        await station.answer(first, {"status": "Accepted"})
        newest = await planned(station, ocpp_id)
        assert newest["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 10.0
        await lab.until(lambda: is_planned(lab, station))
        await station.call("Heartbeat")
        assert not station.was_asked("SetChargingProfile"), "the plan was sent twice"


@pytest.mark.case("TC_K_55_CSMS")
async def test_tc_k_55_ev_schedule_exceeds_the_limits(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await install(lab, station, 0, plan(lab, 1, "ChargingStationMaxProfile", "12.0", duration_s=86_400))
        ocpp_id = await start(lab, station)
        assert (await station.call("NotifyEVChargingNeeds", needs_of(lab)))["status"] == "Accepted"
        profile = await planned(station, ocpp_id)
        assert profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 12.0
        await lab.until(lambda: is_planned(lab, station))
        assert (await station.call("NotifyEVChargingSchedule", ev_schedule(lab, 14.0)))["status"] == "Rejected"
        await planned(station, ocpp_id)
        row = await lab.row(EvChargingSchedule, station_id=station.ref.id)
        assert not row.accepted
        assert row.reason == "After 0 s it takes 14.0, but only 12.0 is allowed."
        assert (await station.call("NotifyEVChargingSchedule", ev_schedule(lab, 12.0)))["status"] == "Accepted"
        assert (await transaction_event(lab, station, "Updated", ocpp_id)).keys() <= {"totalCost"}


@pytest.mark.case("TC_K_58_CSMS", "TC_K_59_CSMS")
async def test_tc_k_58_tc_k_59_renegotiation_by_the_operator(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        ocpp_id = await start(lab, station)
        await station.call("NotifyEVChargingNeeds", needs_of(lab))
        first = await planned(station, ocpp_id)
        await lab.until(lambda: is_planned(lab, station))
        slower = plan(lab, 77, "TxProfile", "8.0", transaction_ocpp_id=ocpp_id, stack_level=first["stackLevel"])
        await install(lab, station, 1, slower)
        assert (await station.call("NotifyEVChargingSchedule", ev_schedule(lab, 8.0)))["status"] == "Accepted"
        assert await profiles(lab, station) == [(first["id"], "replaced"), (77, "installed")]

        assert (await station.call("NotifyEVChargingNeeds", needs_of(lab, 32)))["status"] == "Accepted"  # K_59
        newer = await planned(station, ocpp_id)
        assert newer["stackLevel"] != slower["stackLevel"]
        assert newer["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 8.0
        await lab.until(lambda: is_planned(lab, station))
        assert (await station.call("NotifyEVChargingSchedule", ev_schedule(lab, 8.0)))["status"] == "Accepted"
        assert (await transaction_event(lab, station, "Updated", ocpp_id)).keys() <= {"totalCost"}

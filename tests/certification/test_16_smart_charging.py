"""OCPP 1.6, Smart Charging, and what a 1.6 station says of its limits."""

from typing import Any

import pytest

from csms.commands.commands import ClearChargingProfile, RequestStart, SetChargingProfile
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.profile import Period, decimal_of
from models import ChargingProfile, CompositeSchedule, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

Json = dict[str, Any]


def plan(lab: Lab, profile_id: int, purpose: str, limit: str = "6.0", unit: str = "A", **changes: Any) -> Json:
    """A profile as our own builder makes it, for an hour from now on."""
    now = lab.platform.clock.now()
    values: Json = {"duration_s": 3600, "begins_at": now, "periods": [Period(0, decimal_of(float(limit)))]}
    return build_profile(ProfilePlan(profile_id, purpose, unit, **(values | changes)))


async def start(lab: Lab, station: BenchStation) -> int:
    token = await lab.token()
    answer = await station.call(
        "StartTransaction",
        {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": lab.platform.clock.now().isoformat()},
    )
    return answer["transactionId"]


async def install(lab: Lab, station: BenchStation, evse_number: int, profile: Json, status: str = "Accepted") -> Json:
    """Send a profile by the typed command; returns what went over the wire."""
    asking = lab.ask(station, SetChargingProfile(evse_number, profile))
    asked = await station.expect("SetChargingProfile")
    await station.answer(asked, {"status": status})
    result = await asking
    assert result.succeeded == (status == "Accepted")
    return asked.payload


async def states(lab: Lab, station: BenchStation) -> dict[int, str]:
    return {row.profile_id: row.state for row in await lab.rows(ChargingProfile, station_id=station.ref.id)}


@pytest.mark.case("TC_056_CSMS")
@pytest.mark.parametrize(("unit", "limit", "written"), [("A", "6.0", "6.0"), ("W", "6000.0", "6000.0")])
async def test_tc_056_tx_default_profile(lab: Lab, unit: str, limit: str, written: str) -> None:
    async with lab.station() as station:
        sent = await install(lab, station, 1, plan(lab, 7, "TxDefaultProfile", limit, unit, stack_level=2))
        profile = sent["csChargingProfiles"]
        schedule = profile["chargingSchedule"]
        assert sent["connectorId"] == 1
        assert (profile["chargingProfileId"], profile["stackLevel"]) == (7, 2)
        assert profile["chargingProfilePurpose"] == "TxDefaultProfile"
        assert profile["chargingProfileKind"] == "Absolute"
        assert profile["validFrom"] < schedule["startSchedule"] < profile["validTo"]
        assert (schedule["duration"], schedule["chargingRateUnit"]) == (3600, unit)
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": float(limit)}]
        assert f'"limit":{written}' in station.raw[-1]
        assert "transactionId" not in profile
        assert "recurrencyKind" not in profile
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert (row.evse_number, row.purpose, row.state) == (1, "TxDefaultProfile", "installed")
        assert row.tenant_id == lab.green.id
        assert row.profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == float(limit)


@pytest.mark.case("TC_056_CSMS")
async def test_tc_056_a_rejected_profile_is_kept_as_such(lab: Lab) -> None:
    async with lab.station() as station:
        await install(lab, station, 1, plan(lab, 7, "TxDefaultProfile"))
        await install(lab, station, 1, plan(lab, 7, "TxDefaultProfile", "5.0"), status="Rejected")
        old, new = await lab.rows(ChargingProfile, station_id=station.ref.id)
        assert (old.state, new.state) == ("installed", "rejected")


@pytest.mark.case("TC_057_CSMS")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_057_tx_profile(lab: Lab, kind: str) -> None:
    async with lab.station() as station:
        transaction_id = await start(lab, station)
        wanted = plan(lab, 8, "TxProfile", kind=kind, transaction_ocpp_id=str(transaction_id))
        sent = await install(lab, station, 1, wanted)
        profile = sent["csChargingProfiles"]
        assert sent["connectorId"] == 1
        assert (profile["chargingProfilePurpose"], profile["transactionId"]) == ("TxProfile", transaction_id)
        assert (profile["chargingProfileKind"], profile.get("recurrencyKind")) == (kind, None)
        absolute = kind == "Absolute"
        assert ("startSchedule" in profile["chargingSchedule"]) is absolute
        assert ("validFrom" in profile, "validTo" in profile) == (absolute, absolute)
        assert profile["chargingSchedule"]["duration"] == 3600
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert (row.transaction_ocpp_id, row.state) == (str(transaction_id), "installed")
        stop = {"transactionId": transaction_id, "meterStop": 5, "timestamp": lab.platform.clock.now().isoformat()}
        await station.call("StopTransaction", stop)
        await lab.until(lambda: _has_state(lab, station, 8, "ended"))  # DS_50


async def _has_state(lab: Lab, station: BenchStation, profile_id: int, state: str) -> bool:
    return (await states(lab, station)).get(profile_id) == state


@pytest.mark.case("TC_059_CSMS")
@pytest.mark.parametrize("kind", ["Absolute", "Relative"])
async def test_tc_059_remote_start_with_profile(lab: Lab, kind: str) -> None:
    token = await lab.token()
    async with lab.station() as station:
        command = RequestStart(1, token, "ISO14443", 4711, plan(lab, 9, "TxProfile", kind=kind))
        asking = lab.ask(station, command)
        asked = await station.expect("RemoteStartTransaction")
        assert (asked.payload["idTag"], asked.payload["connectorId"]) == (token, 1)
        profile = asked.payload["chargingProfile"]
        assert profile["chargingProfilePurpose"] == "TxProfile"
        assert "transactionId" not in profile
        assert "recurrencyKind" not in profile
        assert profile["chargingSchedule"]["chargingSchedulePeriod"][0]["startPeriod"] == 0
        assert ("startSchedule" in profile["chargingSchedule"]) is (kind == "Absolute")
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert await states(lab, station) == {9: "awaiting"}
        assert (await station.call("Authorize", {"idTag": token}))["idTagInfo"]["status"] == "Accepted"
        await station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"})
        begin = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": lab.platform.clock.now().isoformat()}
        started = await station.call("StartTransaction", begin)
        assert started["idTagInfo"]["status"] == "Accepted"
        await station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"})
        await lab.until(lambda: _has_state(lab, station, 9, "installed"))
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert row.transaction_ocpp_id == str(started["transactionId"])


@pytest.mark.case("TC_066_CSMS", "DS_51")
async def test_tc_066_get_composite_schedule(lab: Lab) -> None:
    async with lab.station() as station:
        await install(lab, station, 1, plan(lab, 3, "TxDefaultProfile", "10.0", duration_s=7200))
        start_at = lab.platform.clock.now().isoformat().replace("+00:00", "Z")
        periods = [{"startPeriod": 0, "limit": 10.0, "numberPhases": 3}, {"startPeriod": 200, "limit": 12.0}]
        answer = {
            "status": "Accepted",
            "connectorId": 1,
            "scheduleStart": start_at,
            "chargingSchedule": {"duration": 300, "chargingRateUnit": "A", "chargingSchedulePeriod": periods},
        }
        request = {"connectorId": 1, "duration": 300, "chargingRateUnit": "A"}
        asked, result = await lab.operate(station, "GetCompositeSchedule", request, answer)
        assert asked.payload == request
        assert result.succeeded
        assert result.answer == answer
        row = await lab.row(CompositeSchedule, station_id=station.ref.id)
        assert (row.evse_number, row.asked_duration_s, row.asked_unit, row.unit) == (1, 300, "A", "A")
        assert row.answer == answer
        assert row.matches is False
        same = {"start_s": 0, "duration_s": 200, "expected": "10", "told": "10", "difference": "0", "agrees": True}
        more = {"start_s": 200, "duration_s": 100, "expected": "10", "told": "12", "difference": "2", "agrees": False}
        assert row.periods == [same, more]


@pytest.mark.case("TC_066_CSMS")
@pytest.mark.parametrize(
    "answer",
    [
        {"status": "Rejected"},
        {"status": "Accepted"},
        {  # MicroOcpp, where no profile is installed (quirk 77)
            "status": "Accepted",
            "connectorId": 1,
            "scheduleStart": "2026-11-22T17:11:57.830Z",
            "chargingSchedule": {
                "duration": 300,
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": -1, "numberPhases": -1}],
            },
        },
    ],
)
async def test_tc_066_answers_without_limits_are_kept_too(lab: Lab, answer: Json) -> None:
    async with lab.station() as station:
        request = {"connectorId": 1, "duration": 300, "chargingRateUnit": "A"}
        _, result = await lab.operate(station, "GetCompositeSchedule", request, answer)
        assert result.answer_status == answer["status"]
        row = await lab.row(CompositeSchedule, station_id=station.ref.id)
        assert row.status == answer["status"]
        assert row.matches is (True if "chargingSchedule" in answer else None)


@pytest.mark.case("TC_067_CSMS")
async def test_tc_067_clear_charging_profile(lab: Lab) -> None:
    async with lab.station() as station:
        transaction_id = await start(lab, station)
        await install(lab, station, 0, plan(lab, 1, "ChargingStationMaxProfile", "16.0"))
        await install(lab, station, 1, plan(lab, 2, "TxDefaultProfile"))
        await install(lab, station, 1, plan(lab, 3, "TxProfile", transaction_ocpp_id=str(transaction_id)))
        assert await states(lab, station) == {1: "installed", 2: "installed", 3: "installed"}

        cleared = await clear(lab, station, ClearChargingProfile(profile_id=1))
        assert cleared == {"id": 1}
        assert await states(lab, station) == {1: "cleared", 2: "installed", 3: "installed"}

        wrong_level = ClearChargingProfile(evse_number=1, purpose="TxDefaultProfile", stack_level=5)
        await clear(lab, station, wrong_level, "Unknown")
        assert await states(lab, station) == {1: "cleared", 2: "installed", 3: "installed"}
        criteria = ClearChargingProfile(evse_number=1, purpose="TxDefaultProfile", stack_level=0)
        cleared = await clear(lab, station, criteria)
        assert cleared == {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
        assert await states(lab, station) == {1: "cleared", 2: "cleared", 3: "installed"}

        assert await clear(lab, station, ClearChargingProfile()) == {}
        assert await states(lab, station) == {1: "cleared", 2: "cleared", 3: "cleared"}
        assert (await lab.row(Transaction, id=transaction_id)).is_open


async def clear(lab: Lab, station: BenchStation, command: ClearChargingProfile, status: str = "Accepted") -> Json:
    asking = lab.ask(station, command)
    asked = await station.expect("ClearChargingProfile")
    await station.answer(asked, {"status": status})
    await asking
    return asked.payload


@pytest.mark.quirk(69)
async def test_limits_of_one_decimal_stay_what_they_are(lab: Lab) -> None:
    async with lab.station() as station:
        await install(lab, station, 1, plan(lab, 1, "TxDefaultProfile", "8.1"))
        assert '"limit":8.1' in station.raw[-1]
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        assert str(decimal_of(row.profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"])) == "8.1"


async def test_a_raw_request_is_kept_like_a_typed_one_and_an_error_rejects(lab: Lab) -> None:
    payload = {
        "connectorId": 0,
        "csChargingProfiles": {
            "chargingProfileId": 1,
            "stackLevel": 0,
            "chargingProfilePurpose": "ChargePointMaxProfile",
            "chargingProfileKind": "Relative",
            "chargingSchedule": {
                "chargingRateUnit": "A",
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 16.0}],
            },
        },
    }
    async with lab.station() as station:
        await lab.operate(station, "SetChargingProfile", payload, {"status": "Accepted"})
        asking = lab.ask(station, "SetChargingProfile", payload)
        await station.refuse(await station.expect("SetChargingProfile"), "NotSupported")
        assert not (await asking).succeeded
        await lab.until(lambda: _count(lab, station, 2))
        first, second = await lab.rows(ChargingProfile, station_id=station.ref.id)
        assert (first.purpose, first.state) == ("ChargingStationMaxProfile", "installed")
        assert (second.state, second.reason) == ("rejected", "NotSupported")


async def _count(lab: Lab, station: BenchStation, count: int) -> bool:
    return len(await lab.rows(ChargingProfile, station_id=station.ref.id)) == count


@pytest.mark.parametrize("profile", [None, [], {"chargingProfileId": "x"}, {"chargingSchedule": 5}])
async def test_requests_that_break_the_schema_teach_nothing(lab: Lab, profile: Any) -> None:
    async with lab.station(faultless=False) as station:
        payload = {"connectorId": 1, "csChargingProfiles": profile}
        asking = lab.ask(station, "SetChargingProfile", payload, validate=False)
        await station.answer(await station.expect("SetChargingProfile"), {"status": "Accepted"})
        assert (await asking).succeeded
        assert await states(lab, station) == {}

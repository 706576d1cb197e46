"""OCPP 2.1, block Q: energy both ways."""

from typing import Any

import pytest

from csms.ocpp.timestamps import format_timestamp
from csms.smart_charging.energy_transfer import set_energy_transfer, transfers_told
from csms.smart_charging.queries import limits_in_force, profiles_in_use
from csms.smart_charging.signals import frequency_signal
from models import (
    AllowedEnergyTransfer,
    ChargingNeeds,
    ChargingProfile,
    DynamicUpdate,
    FrequencySignal,
    IdToken,
    StationVariable,
)
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation
from tests.certification.transacting21 import begin, needs_of, profile_of, take_profile

Json = dict[str, Any]
BOTH_WAYS = ["DC", "DC_BPT"]


async def token_for(lab: Lab, allowed: list[str]) -> str:
    """A token of Green's that may use these ways."""
    value = await lab.token()
    row = await lab.row(IdToken, value=value)
    with tenant_scope(lab.green.id):
        await lab.platform.committer.run(lambda work: set_energy_transfer(work, row.id, allowed))
    return value


def tx_profile(lab: Lab, number: int, ocpp_id: str, *periods: Json, **fields: Any) -> Json:
    schedule = {"chargingSchedulePeriod": [{"startPeriod": 60 * i} | period for i, period in enumerate(periods)]}
    more = {"chargingProfilePurpose": "TxProfile", "transactionId": ocpp_id} | fields
    return profile_of(lab, number, schedule=schedule, **more)


async def install(lab: Lab, station: BenchStation, profile: Json) -> None:
    """Send a profile; it goes out as it is, is kept as it is, and people of its tenant see it."""
    request = {"evseId": 1, "chargingProfile": profile}
    asked, result = await lab.operate(station, "SetChargingProfile", request, {"status": "Accepted"})
    assert asked.payload == request
    assert result.succeeded
    with tenant_scope(lab.green.id):
        async with lab.platform.database.reading() as session:
            assert profile in [row.profile for row in await profiles_in_use(session, station.ref.id)]
    with tenant_scope(lab.blue.id):
        async with lab.platform.database.reading() as session:
            assert not await profiles_in_use(session, station.ref.id)


async def planned(lab: Lab, station: BenchStation, needs: Json) -> Json:
    """Tell needs that are accepted, and take the profile that follows; returns its only period."""
    assert await station.call("NotifyEVChargingNeeds", needs) == {"status": "Accepted"}
    [schedule] = (await take_profile(lab, station))["chargingSchedule"]
    [period] = schedule["chargingSchedulePeriod"]
    return period


@pytest.mark.case("TC_Q_102_CSMS")
async def test_q_102_allowed_energy_transfer(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        token = await token_for(lab, BOTH_WAYS)
        answer = await station.call("Authorize", {"idToken": {"idToken": token, "type": "ISO14443"}})
        assert answer["idTokenInfo"]["status"] == "Accepted"
        assert answer["allowedEnergyTransfer"] == BOTH_WAYS
        other = await station.call("Authorize", {"idToken": {"idToken": await lab.token(), "type": "ISO14443"}})
        assert "allowedEnergyTransfer" not in other
        unknown = await station.call("Authorize", {"idToken": {"idToken": "nobody", "type": "ISO14443"}})
        assert "allowedEnergyTransfer" not in unknown
        await begin(lab, station, token)
        period = await planned(lab, station, needs_of("DC_BPT", "ScheduledControl"))
        assert period["operationMode"] == "CentralSetpoint"
        assert (period["limit"], period["dischargeLimit"]) == (11_000.0, -7000.0)


@pytest.mark.case("TC_Q_103_CSMS")
@pytest.mark.parametrize("allowed", [None, ["DC"]])
async def test_q_103_needs_rejected(lab: Lab, allowed: list[str] | None) -> None:
    async with lab.station("2.1") as station:
        token = await lab.token() if allowed is None else await token_for(lab, allowed)
        await begin(lab, station, token)
        answer = await station.call("NotifyEVChargingNeeds", needs_of("DC_BPT", "ScheduledControl"))
        assert answer["status"] == "Rejected"
        assert answer["statusInfo"]["reasonCode"] == "EnergyTransfer"
        assert (await lab.row(ChargingNeeds, station_id=station.ref.id)).state == "rejected"
        await station.call("Heartbeat")
        assert not station.was_asked("SetChargingProfile")


@pytest.mark.case("TC_Q_107_CSMS", "TC_Q_102_CSMS")
async def test_q_107_charging_only_first(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station)
        period = await planned(lab, station, needs_of("DC", "ScheduledControl"))
        assert "dischargeLimit" not in period
        told = {"transactionId": ocpp_id, "allowedEnergyTransfer": BOTH_WAYS}
        asked, result = await lab.operate(station, "NotifyAllowedEnergyTransfer", told, {"status": "Accepted"})
        assert asked.payload == told
        assert result.succeeded
        row = await lab.row(AllowedEnergyTransfer, station_id=station.ref.id)
        assert (row.transaction_ocpp_id, row.allowed, row.status) == (ocpp_id, BOTH_WAYS, "Accepted")
        period = await planned(lab, station, needs_of("DC_BPT", "ScheduledControl"))
        assert period["dischargeLimit"] == -7000.0
        with tenant_scope(lab.blue.id):
            async with lab.platform.database.reading() as session:
                assert not await transfers_told(session, station.ref.id)


@pytest.mark.case("TC_Q_107_CSMS")
async def test_q_107_a_station_that_refuses_more(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station)
        told = {"transactionId": ocpp_id, "allowedEnergyTransfer": BOTH_WAYS}
        _, result = await lab.operate(station, "NotifyAllowedEnergyTransfer", told, {"status": "Rejected"})
        assert result.answer_status == "Rejected"
        answer = await station.call("NotifyEVChargingNeeds", needs_of("DC_BPT", "ScheduledControl"))
        assert answer["status"] == "Rejected"


@pytest.mark.case("TC_Q_108_CSMS")
async def test_q_108_central_setpoints_in_a_schedule(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        charge = {"setpoint": 5000.0, "limit": 7000.0, "dischargeLimit": -6000.0, "operationMode": "CentralSetpoint"}
        give = charge | {"setpoint": -4000.5, "setpointReactive": 100.0}
        await install(lab, station, tx_profile(lab, 11, ocpp_id, charge, give))
        clearing = {"chargingProfileId": 11}
        asked, _ = await lab.operate(station, "ClearChargingProfile", clearing, {"status": "Accepted"})
        assert asked.payload == clearing
        assert (await lab.row(ChargingProfile, station_id=station.ref.id)).state == "cleared"


@pytest.mark.case("TC_Q_109_CSMS")
async def test_q_109_setpoints_pushed(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        period = {"setpoint": 5000.0, "limit": 7000.0, "dischargeLimit": -6000.0, "operationMode": "CentralSetpoint"}
        dynamic = tx_profile(lab, 12, ocpp_id, period, chargingProfileKind="Dynamic")
        await install(lab, station, dynamic)
        update = {"chargingProfileId": 12, "scheduleUpdate": {"setpoint": -3000.5, "setpoint_L2": -1000.0}}
        asked, result = await lab.operate(station, "UpdateDynamicSchedule", update, {"status": "Accepted"})
        assert asked.payload == update
        assert result.succeeded
        row = await lab.row(ChargingProfile, station_id=station.ref.id, profile_id=12)
        [schedule] = row.profile["chargingSchedule"]
        now = {"startPeriod": 0} | period | {"setpoint": -3000.5, "setpoint_L2": -1000.0}
        assert schedule["chargingSchedulePeriod"] == [now]
        assert "dynUpdateTime" in row.profile

        unknown = {"chargingProfileId": 77, "scheduleUpdate": {"setpoint": 1.0}}
        _, result = await lab.operate(station, "UpdateDynamicSchedule", unknown, {"status": "Rejected"})
        assert result.answer_status == "Rejected"
        told = await lab.rows(DynamicUpdate, station_id=station.ref.id)
        assert [(one.profile_id, one.status, one.pulled) for one in told] == [
            (12, "Accepted", False),
            (77, "Rejected", False),
        ]
        asked, _ = await lab.operate(station, "ClearChargingProfile", {"chargingProfileId": 12}, {"status": "Accepted"})
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 12})
        assert answer["status"] == "Rejected"


@pytest.mark.case("TC_Q_110_CSMS")
async def test_q_110_setpoints_pulled(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        period = {"setpoint": -4000.5, "limit": 7000.0, "dischargeLimit": -6000.0, "operationMode": "CentralSetpoint"}
        dynamic = tx_profile(lab, 13, ocpp_id, period, chargingProfileKind="Dynamic", dynUpdateInterval=60)
        await install(lab, station, dynamic)
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 77})
        assert answer["status"] == "Rejected"
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 13})
        assert answer["status"] == "Accepted"
        assert answer["scheduleUpdate"] == {name: value for name, value in period.items() if name != "operationMode"}
        limit = {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": 1}
        schedule = {"id": 1, "chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 3000}]}
        assert await station.call("NotifyChargingLimit", limit | {"chargingSchedule": [schedule]}) == {}
        answer = await station.call("PullDynamicScheduleUpdate", {"chargingProfileId": 13})
        assert answer["scheduleUpdate"] == {"setpoint": -4000.5, "limit": 3000.0, "dischargeLimit": -6000.0}


@pytest.mark.parametrize(
    ("mode", "period"),
    [
        pytest.param(
            "ExternalSetpoint",
            {"limit": 8000.0, "dischargeLimit": -8000.0},
            marks=pytest.mark.case("TC_Q_111_CSMS"),
        ),
        pytest.param(
            "ExternalLimits",
            {"setpoint": 4000.0, "setpoint_L2": 10.0},
            marks=pytest.mark.case("TC_Q_112_CSMS"),
        ),
    ],
)
async def test_q_111_q_112_others_control(lab: Lab, mode: str, period: Json) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        await install(lab, station, tx_profile(lab, 14, ocpp_id, period | {"operationMode": mode}))
        theirs = {"startPeriod": 0, "limit": 6000.0, "setpoint": -2500.0, "dischargeLimit": -5000.0}
        schedule = {"id": 9, "chargingRateUnit": "W", "chargingSchedulePeriod": [theirs | {"operationMode": mode}]}
        told = {"chargingLimitSource": "EMS", "isLocalGeneration": True, "isGridCritical": False}
        notice = {"evseId": 1, "chargingLimit": told, "chargingSchedule": [schedule]}
        assert await station.call("NotifyChargingLimit", notice) == {}
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                [limit] = await limits_in_force(session, station.ref.id)
        assert (limit.evse_number, limit.source, limit.limit, limit.schedules) == (1, "EMS", told, [schedule])


CURVE = [{"frequency": 49.8, "power": 5000.0}, {"frequency": 50.0, "power": 0.0}, {"frequency": 50.2, "power": -5000.5}]
SIGNALS = [{"signal": -10, "power": -4000.0}, {"signal": 10, "power": 4000.0}]


@pytest.mark.parametrize(
    "period",
    [
        pytest.param(
            {"operationMode": "CentralFrequency", "setpoint": 2000.0, "v2xBaseline": 1500.5},
            marks=pytest.mark.case("TC_Q_117_CSMS"),
        ),
        pytest.param(
            {"operationMode": "LocalFrequency", "v2xBaseline": 1500.5, "v2xFreqWattCurve": CURVE},
            marks=pytest.mark.case("TC_Q_121_CSMS"),
        ),
    ],
)
async def test_q_117_q_121_frequency_support(lab: Lab, period: Json) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        await install(lab, station, tx_profile(lab, 15, ocpp_id, period, chargingProfileKind="Dynamic"))
        update = {"chargingProfileId": 15, "scheduleUpdate": {"setpoint": -1234.5}}
        asked, result = await lab.operate(station, "UpdateDynamicSchedule", update, {"status": "Accepted"})
        assert asked.payload == update
        assert result.succeeded
        row = await lab.row(ChargingProfile, station_id=station.ref.id)
        [schedule] = row.profile["chargingSchedule"]
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0} | period | {"setpoint": -1234.5}]


@pytest.mark.case("TC_Q_120_CSMS")
async def test_q_120_signals_for_frequency_restoration(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        period = {"operationMode": "CentralFrequency", "v2xBaseline": 0.0, "v2xSignalWattCurve": SIGNALS}
        await install(lab, station, tx_profile(lab, 16, ocpp_id, period))
        for signal in (-10, 0, 10):
            told = {"timestamp": format_timestamp(lab.platform.clock.now()), "signal": signal}
            asked, result = await lab.operate(station, "AFRRSignal", told, {"status": "Accepted"})
            assert asked.payload == told
            assert result.succeeded
        row = await lab.row(FrequencySignal, station_id=station.ref.id)
        assert (row.signal, row.count, row.status) == (10, 3, "Accepted")
        assert format_timestamp(row.signalled_at) == told["timestamp"]
        _, result = await lab.operate(station, "AFRRSignal", told, {"status": "Rejected"})
        assert result.answer_status == "Rejected"
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                newest = await frequency_signal(session, station.ref.id)
        assert newest is not None
        assert newest.status == "Rejected"
        with tenant_scope(lab.blue.id):
            async with lab.platform.database.reading() as session:
                assert await frequency_signal(session, station.ref.id) is None


@pytest.mark.case("TC_Q_124_CSMS")
async def test_q_124_local_load_balancing(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin(lab, station, await token_for(lab, BOTH_WAYS))
        names = ("UpperThreshold", "LowerThreshold", "UpperOffset", "LowerOffset")
        where = {"name": "V2XChargingCtrlr", "evse": {"id": 1}}
        variables = [
            {"component": where, "variable": {"name": f"LocalLoadBalancing.{name}"}, "attributeValue": str(value)}
            for value, name in enumerate(names, 100)
        ]
        taken = [
            {"component": where, "variable": data["variable"], "attributeStatus": "Accepted"} for data in variables
        ]
        asked, result = await lab.operate(
            station, "SetVariables", {"setVariableData": variables}, {"setVariableResult": taken}
        )
        assert asked.payload == {"setVariableData": variables}
        assert result.succeeded
        kept = await lab.rows(StationVariable, station_id=station.ref.id, component="V2XChargingCtrlr")
        assert {row.variable: row.value for row in kept} == {
            data["variable"]["name"]: data["attributeValue"] for data in variables
        }
        period = {"operationMode": "LocalLoadBalancing", "limit": 9000.0, "dischargeLimit": -9000.0}
        await install(lab, station, tx_profile(lab, 17, ocpp_id, period))

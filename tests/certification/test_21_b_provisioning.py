"""OCPP 2.1, B: network profiles with credentials, and resets over which a transaction lives on."""

import pytest

from models import ChargingProfile, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BOOT, BenchStation, Json
from tests.certification.transacting import begin_201, event
from tests.csms.gateway.stations import basic

URL = "wss://csms.example.test/ocpp"


@pytest.mark.case("TC_B_100_CSMS")
async def test_b_100_network_profile_with_identity_and_password(lab: Lab) -> None:
    password = "a-password-for-slot-2"
    async with lab.station("2.1") as station:
        data: Json = {"ocppVersion": "OCPP20", "ocppInterface": "Wired0", "ocppTransport": "JSON", "messageTimeout": 30}
        data |= {"ocppCsmsUrl": URL, "securityProfile": 1, "identity": station.ref.identity}
        payload = {"configurationSlot": 2, "connectionData": data | {"basicAuthPassword": password}}
        asked, result = await lab.operate(station, "SetNetworkProfile", payload, {"status": "Accepted"})
        assert asked.payload == payload
        assert result.succeeded
        ref = station.ref
    async with lab.station("2.1", ref=ref):
        pass  # it has not changed over yet
    async with lab.station("2.1", ref=ref, headers=basic(ref.identity, password)):
        pass


@pytest.mark.case("TC_B_105_CSMS")
async def test_b_105_network_configuration_by_variables(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        values = {"OcppCsmsUrl": URL, "OcppInterface": "Wired0", "OcppTransport": "JSON", "MessageTimeout": "30"}
        component = {"name": "NetworkConfiguration", "instance": "2"}
        parts = [{"component": component, "variable": {"name": name}} for name in values]
        asking = [{"attributeValue": value, **part} for value, part in zip(values.values(), parts, strict=True)]
        words = ["Accepted", "Accepted", "Rejected", "RebootRequired"]
        results = [{"attributeStatus": word, **part} for word, part in zip(words, parts, strict=True)]
        asked, result = await lab.operate(
            station, "SetVariables", {"setVariableData": asking}, {"setVariableResult": results}
        )
        assert asked.payload == {"setVariableData": asking}
        assert result.answer is not None
        assert [item["attributeStatus"] for item in result.answer["setVariableResult"]] == words


async def reset(lab: Lab, station: BenchStation) -> None:
    asked, result = await lab.operate(station, "Reset", {"type": "ImmediateAndResume"}, {"status": "Accepted"})
    assert asked.payload == {"type": "ImmediateAndResume"}
    assert result.succeeded
    boot: Json = BOOT["2.1"] | {"reason": "RemoteReset"}
    assert (await station.call("BootNotification", boot))["status"] == "Accepted"


@pytest.mark.case("TC_B_104_CSMS")
async def test_b_104_reset_without_a_transaction(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        await reset(lab, station)
        assert await lab.rows(Transaction, station_id=station.ref.id) == []


@pytest.mark.case("TC_B_103_CSMS")
async def test_b_103_a_transaction_lives_on_over_the_reset(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        ocpp_id = await begin_201(lab, station)
        await reset(lab, station)
        assert (await lab.row(Transaction, station_id=station.ref.id)).is_open
        await station.call("TransactionEvent", event("Updated", 1, "TxResumed", ocpp_id, chargingState="Charging"))
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.is_open, row.charging_state, row.last_seq_no) == (True, "Charging", 1)


@pytest.mark.case("TC_B_116_CSMS")
async def test_b_116_its_profile_is_sent_again(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        station.answers["GetChargingProfiles"] = {"status": "NoProfiles"}  # what became of ours, asked after each boot
        ocpp_id = await begin_201(lab, station)
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.0}]}
        profile: Json = {"id": 44, "stackLevel": 0, "chargingProfilePurpose": "TxProfile"}
        profile |= {"chargingProfileKind": "Relative", "chargingSchedule": [schedule], "transactionId": ocpp_id}
        payload = {"evseId": 1, "chargingProfile": profile}
        asked, _ = await lab.operate(station, "SetChargingProfile", payload, {"status": "Accepted"})
        assert asked.payload == payload
        for seq_no in (1, 2):
            await reset(lab, station)
            await station.call("TransactionEvent", event("Updated", seq_no, "TxResumed", ocpp_id))
            again = await station.expect("SetChargingProfile")
            assert again.payload == payload
            await station.answer(again, {"status": "Accepted"})
        kept = await lab.rows(ChargingProfile, station_id=station.ref.id, profile_id=44)
        assert [row.transaction_ocpp_id for row in kept if row.removed_at is None] == [ocpp_id]

"""OCPP 2.0.1, F: unlocking and triggered messages."""

import pytest

from csms.commands.commands import TriggerMessage, UnlockConnector
from models import Command, Connector, MaintenanceJob, MeterValue
from tests.certification.lab import Lab
from tests.certification.station import Json
from tests.certification.transacting import NOW, begin_201, event, status_201


@pytest.mark.case("TC_F_06_CSMS")
@pytest.mark.parametrize("answer", ["Unlocked", "UnlockFailed", "OngoingAuthorizedTransaction", "UnknownConnector"])
async def test_f_06_unlock_connector(lab: Lab, answer: str) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, UnlockConnector(1, 1))
        asked = await station.expect("UnlockConnector")
        assert asked.payload == {"evseId": 1, "connectorId": 1}
        await station.answer(asked, {"status": answer})
        result = await asking
        assert (result.answer_status, result.succeeded) == (answer, answer == "Unlocked")
        assert (await lab.row(Command, station_id=station.ref.id)).answer_status == answer


def metered(evse: int) -> Json:
    sample = {"value": 5.0, "context": "Trigger"}
    return {"evseId": evse, "meterValue": [{"timestamp": NOW, "sampledValue": [sample]}]}


def running(evse: int) -> Json:
    return event("Updated", 1, "Trigger", f"tx-{evse}", evse, chargingState="Charging")


MESSAGES: list[tuple[str, int | None, list[Json]]] = [
    ("MeterValues", 1, [metered(1)]),
    ("MeterValues", None, [metered(1), metered(2)]),
    ("TransactionEvent", 1, [running(1)]),
    ("TransactionEvent", None, [running(1), running(2)]),
    ("LogStatusNotification", None, [{"status": "Idle"}]),
    ("FirmwareStatusNotification", None, [{"status": "Idle"}]),
    ("Heartbeat", None, [{}]),
]
IDS = ["F_11", "F_12", "F_13", "F_14", "F_15", "F_18", "F_20"]


@pytest.mark.parametrize(
    ("message", "evse", "payloads"),
    [
        pytest.param(*row, marks=pytest.mark.case(f"TC_{number}_CSMS"))
        for row, number in zip(MESSAGES, IDS, strict=True)
    ],
)
async def test_f_11_to_f_20_trigger(lab: Lab, message: str, evse: int | None, payloads: list[Json]) -> None:
    async with lab.station("2.0.1") as station:
        if message == "TransactionEvent":
            for number in (1, 2):
                await begin_201(lab, station, f"tx-{number}", number)
        asking = lab.ask(station, TriggerMessage(message, evse))
        asked = await station.expect("TriggerMessage")
        wanted: Json = {"requestedMessage": message}
        assert asked.payload == (wanted if evse is None else wanted | {"evse": {"id": evse}})
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        for payload in payloads:
            answer = await station.call(message, payload)
            assert set(answer) <= {"currentTime", "totalCost"}
        assert await lab.rows(MaintenanceJob, station_id=station.ref.id) == []  # Idle is about no job
        if message == "MeterValues":
            assert len(await lab.rows(MeterValue, station_id=station.ref.id)) == len(payloads)


@pytest.mark.parametrize(
    "word",
    [
        pytest.param("Available", marks=pytest.mark.case("TC_F_23_CSMS")),
        pytest.param("Occupied", marks=pytest.mark.case("TC_F_24_CSMS")),
    ],
)
async def test_f_23_f_24_trigger_status(lab: Lab, word: str) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, TriggerMessage("StatusNotification", 1, 1))
        asked = await station.expect("TriggerMessage")
        assert asked.payload == {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}}
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        await status_201(station, word)
        assert (await lab.row(Connector, station_id=station.ref.id, evse_number=1)).status == word


@pytest.mark.case("TC_F_27_CSMS")
async def test_f_27_not_implemented(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        trigger = {"requestedMessage": "SignV2GCertificate"}
        asked, result = await lab.operate(station, "TriggerMessage", trigger, {"status": "NotImplemented"})
        assert asked.payload == trigger
        assert (result.answer_status, result.succeeded) == ("NotImplemented", False)

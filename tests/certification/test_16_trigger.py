"""OCPP 1.6: remote trigger."""

import pytest

from csms.commands.commands import TriggerMessage
from models import MaintenanceJob, MeterValue
from tests.certification.lab import Lab
from tests.certification.station import Json

NOW = "2026-01-01T10:00:00Z"
TRIGGERED: list[tuple[str, int | None, Json]] = [
    (
        "MeterValues",
        1,
        {
            "connectorId": 1,
            "meterValue": [{"timestamp": NOW, "sampledValue": [{"value": "5", "context": "Trigger"}]}],
        },
    ),
    ("Heartbeat", None, {}),
    ("StatusNotification", 1, {"connectorId": 1, "errorCode": "NoError", "status": "Available"}),
    ("DiagnosticsStatusNotification", None, {"status": "Idle"}),
    ("FirmwareStatusNotification", None, {"status": "Idle"}),
]


@pytest.mark.case("TC_054_CSMS")
@pytest.mark.parametrize(("message", "connector", "payload"), TRIGGERED)
async def test_tc_054_trigger_message(lab: Lab, message: str, connector: int | None, payload: Json) -> None:
    async with lab.station() as station:
        asking = lab.ask(station, TriggerMessage(message, connector))
        asked = await station.expect("TriggerMessage")
        wanted: Json = {"requestedMessage": message}
        assert asked.payload == (wanted if connector is None else wanted | {"connectorId": connector})
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        answer = await station.call(message, payload)
        assert answer == {} if message != "Heartbeat" else "currentTime" in answer
        assert await lab.rows(MaintenanceJob, station_id=station.ref.id) == []
        if message == "MeterValues":
            assert len(await lab.rows(MeterValue, station_id=station.ref.id)) == 1


@pytest.mark.case("TC_054_CSMS")
async def test_tc_054_not_implemented(lab: Lab) -> None:
    async with lab.station() as station:
        payload = {"requestedMessage": "FirmwareStatusNotification"}
        _, result = await lab.operate(station, "TriggerMessage", payload, {"status": "NotImplemented"})
        assert (result.answer_status, result.succeeded) == ("NotImplemented", False)


@pytest.mark.case("TC_055_CSMS")
@pytest.mark.quirk(28)
async def test_tc_055_trigger_message_rejected(lab: Lab) -> None:
    async with lab.station() as station:
        payload = {"requestedMessage": "MeterValues"}
        asked, result = await lab.operate(station, "TriggerMessage", payload, {"status": "Rejected"})
        assert asked.payload == payload
        assert (result.answer_status, result.succeeded) == ("Rejected", False)

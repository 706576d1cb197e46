"""OCPP 2.1, what it changes in blocks B to H: the connection itself, status, triggers."""

import pytest

from models import ChargingStation, Connector
from tests.certification.lab import Lab


@pytest.mark.case("TC_G_01_CSMS")
@pytest.mark.parametrize("status", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
async def test_g_01_status_notification(lab: Lab, status: str) -> None:
    async with lab.station("2.1") as station:
        told = {
            "timestamp": "2026-01-01T00:00:00Z",
            "connectorStatus": status,
            "evseId": 1,
            "connectorId": 1,
        }
        assert await station.call("StatusNotification", told) == {}
        [first, _] = await lab.rows(Connector, station_id=station.ref.id)
        assert first.status == status
        assert (await lab.row(ChargingStation, id=station.ref.id)).ocpp_version == "2.1"


@pytest.mark.case("TC_F_100_CSMS")
async def test_f_100_custom_trigger(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        payload = {"requestedMessage": "CustomTrigger", "customTrigger": "DoTheThing"}
        asked, result = await lab.operate(station, "TriggerMessage", payload, {"status": "NotImplemented"})
        assert asked.payload == payload
        assert result.answer_status == "NotImplemented"

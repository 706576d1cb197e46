"""OCPP 1.6, Core."""

import pytest

from csms.commands.commands import Reset
from models import ChargingStation, Connector
from tests.certification.lab import Lab


@pytest.mark.case("TC_001_CSMS")
async def test_tc_001_cold_boot(lab: Lab) -> None:
    async with lab.station(boot=False) as station:
        answer = await station.boot(chargePointSerialNumber="S-1", iccid="8949", imsi="262", meterType="M")
        assert answer["status"] == "Accepted"
        assert answer["interval"] > 0
        assert answer["currentTime"].endswith("Z")
        for connector in (0, 1, 2):
            status = {"connectorId": connector, "errorCode": "NoError", "status": "Available"}
            assert await station.call("StatusNotification", status) == {}
        assert (await station.call("Heartbeat"))["currentTime"].endswith("Z")
        row = await lab.row(ChargingStation, id=station.ref.id)
        assert (row.vendor, row.model, row.serial_number, row.firmware_version) == ("Bench", "One", "S-1", "1.0")
        assert row.boot_info["iccid"] == "8949"
        assert row.booted_at is not None
        connectors = await lab.rows(Connector, station_id=station.ref.id)
        assert [connector.status for connector in connectors] == ["Available", "Available"]


@pytest.mark.parametrize(
    ("immediate", "kind"),
    [
        pytest.param(True, "Hard", marks=pytest.mark.case("TC_013_CSMS")),
        pytest.param(False, "Soft", marks=pytest.mark.case("TC_014_CSMS")),
    ],
)
async def test_tc_013_tc_014_reset(lab: Lab, immediate: bool, kind: str) -> None:
    async with lab.station() as station:
        asking = lab.ask(station, Reset(immediate))
        asked = await station.expect("Reset")
        assert asked.payload == {"type": kind}
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert (await station.boot())["status"] == "Accepted"


@pytest.mark.case("TC_061_CSMS")
@pytest.mark.parametrize("status", ["Accepted", "Rejected"])
async def test_tc_061_clear_authorization_cache(lab: Lab, status: str) -> None:
    async with lab.station() as station:
        asked, result = await lab.operate(station, "ClearCache", {}, {"status": status})
        assert asked.payload == {}
        assert result.answer_status == status

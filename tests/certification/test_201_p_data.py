"""OCPP 2.0.1, P: data of vendors' own."""

import orjson
import pytest

from models import Frame
from tests.certification.lab import Lab
from tests.certification.transacting import NOW


@pytest.mark.case("TC_P_02_CSMS")
@pytest.mark.parametrize("data", [None, "text", {"my_key": 1, "soc_level": [True]}])
async def test_p_02_data_transfer_to_the_csms(lab: Lab, data: object) -> None:
    async with lab.station("2.0.1") as station:
        payload = {"vendorId": "com.nobody", "messageId": "Hello"} | ({} if data is None else {"data": data})
        assert await station.call("DataTransfer", payload) == {"status": "UnknownVendorId"}
        frame = await lab.row(Frame, station_id=station.ref.id, action="DataTransfer")
        assert orjson.loads(frame.text)[3] == payload


@pytest.mark.case("TC_P_02_CSMS")
async def test_data_transfer_to_a_station(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        payload = {"vendorId": "com.ours", "data": {"soc_level": 1}}
        answer = {"status": "Accepted", "data": {"other_key": 2}}
        asked, result = await lab.operate(station, "DataTransfer", payload, answer)
        assert asked.payload == payload
        assert result.answer == answer


@pytest.mark.case("TC_P_03_CSMS")
async def test_p_03_custom_data(lab: Lab) -> None:
    custom = {"vendorId": "com.any", "my_key": {"inner_key": 1}, "list": [1, "two"]}
    status = {"timestamp": NOW, "connectorStatus": "Available", "evseId": 1, "connectorId": 1, "customData": custom}
    async with lab.station("2.0.1") as station:
        assert await station.call("StatusNotification", status) == {}
        assert await station.call("Heartbeat", {"customData": custom}) != {}
        for frame in await lab.rows(Frame, station_id=station.ref.id, action="StatusNotification"):
            assert orjson.loads(frame.text)[3]["customData"] == custom

"""A 1.6 station's messages and what becomes of them, by the ids of the test cases."""

from typing import Any

import pytest
from sqlmodel import col, select

from csms.gateway.server import Gateway
from models import ChargingStation, Connector, MeterValue, StationVariable, Transaction
from models.db import Database
from models.scope import platform_scope
from tests.csms.gateway.stations import station_at
from tests.tenancy import TwoTenants

START = {"connectorId": 1, "idTag": "GREEN-CARD", "meterStart": 1000, "timestamp": "2026-01-01T10:00:00Z"}
STOP = {"meterStop": 3500, "timestamp": "2026-01-01T11:00:00Z"}


async def rows(database: Database, model: Any, *where: Any) -> list[Any]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.execute(select(model).where(*where).order_by(col(model.id)))).scalars())


async def test_tc_001_boot_and_statuses(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        boot = {"chargePointVendor": "V", "chargePointModel": "M", "chargePointSerialNumber": "S1", "iccid": "89"}
        assert (await station.call("BootNotification", boot))["status"] == "Accepted"
        for connector, status in ((0, "Available"), (1, "Preparing"), (2, "Faulted"), (3, "Available")):
            error = "GroundFailure" if status == "Faulted" else "NoError"
            report = {"connectorId": connector, "errorCode": error, "status": status}
            assert await station.call("StatusNotification", report) == {}
    mine = col(Connector.station_id) == tenants.green.station.id
    connectors = await rows(database, Connector, mine)
    assert {(c.evse_number, c.number): c.status for c in connectors} == {
        (1, 1): "Preparing",
        (2, 1): "Faulted",
        (3, 1): "Available",
    }
    [row] = await rows(database, ChargingStation, col(ChargingStation.id) == tenants.green.station.id)
    assert (row.serial_number, row.boot_info["iccid"], row.status) == ("S1", "89", "Available")


@pytest.mark.parametrize(
    ("id_tag", "status"), [("GREEN-CARD", "Accepted"), ("green-card", "Accepted"), ("GREEN-LOST", "Blocked")]
)
async def test_tc_023_authorize(gateway: Gateway, id_tag: str, status: str) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        assert (await station.call("Authorize", {"idTag": id_tag}))["idTagInfo"]["status"] == status


async def test_tc_023_1_a_token_of_another_tenant_is_unknown(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        assert (await station.call("Authorize", {"idTag": "BLUE-CARD"}))["idTagInfo"]["status"] == "Invalid"


async def test_tc_003_a_session(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        started = await station.call("StartTransaction", START)
        assert started["idTagInfo"]["status"] == "Accepted"
        transaction_id = started["transactionId"]
        assert transaction_id > 0
        charging = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        await station.call("StatusNotification", charging)
        sample = {"value": "2000", "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
        power = {"value": "11.0", "measurand": "Power.Active.Import", "unit": "kW"}
        values = [{"timestamp": "2026-01-01T10:30:00Z", "sampledValue": [sample, power]}]
        meter_values = {"connectorId": 1, "transactionId": transaction_id, "meterValue": values}
        assert await station.call("MeterValues", meter_values) == {}
        stopped = await station.call("StopTransaction", STOP | {"transactionId": transaction_id, "idTag": "GREEN-CARD"})
        assert stopped["idTagInfo"]["status"] == "Accepted"
    [transaction] = await rows(database, Transaction)
    assert (transaction.tenant_id, transaction.station_id) == (tenants.green.id, tenants.green.station.id)
    assert (transaction.is_open, transaction.energy_wh, transaction.stop_reason) == (False, 2500, "Local")
    [value] = [v for v in await rows(database, MeterValue) if v.power_w is not None]
    assert (value.energy_wh, value.power_w, value.transaction_id) == (2000, 11000, transaction_id)


async def test_tc_037_3_an_invalid_token_gets_a_transaction_all_the_same(gateway: Gateway, database: Database) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        started = await station.call("StartTransaction", START | {"idTag": "NOBODY"})
        assert started["idTagInfo"]["status"] == "Invalid"
        stop = STOP | {"transactionId": started["transactionId"], "reason": "DeAuthorized"}
        assert await station.call("StopTransaction", stop) == {}
    [transaction] = await rows(database, Transaction)
    assert transaction.stop_reason == "DeAuthorized"


@pytest.mark.parametrize("transaction_id", [4711, -1, 0])
async def test_x16_04_a_stop_of_an_unknown_transaction_is_answered(gateway: Gateway, transaction_id: int) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        assert await station.call("StopTransaction", STOP | {"transactionId": transaction_id}) == {}


async def test_tc_064_data_transfer_of_an_unknown_vendor(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        answer = await station.call("DataTransfer", {"vendorId": "nobody", "messageId": "x", "data": "y"})
        assert answer == {"status": "UnknownVendorId"}


@pytest.mark.parametrize("time", ["2026-01-01T10:00:00", "2026-01-01T11:00:00+01:00", "2026-01-01t10:00:00.123456789z"])
async def test_tr_96_times_in_every_form(gateway: Gateway, database: Database, time: str) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("StartTransaction", START | {"timestamp": time})
    [transaction] = await rows(database, Transaction)
    assert transaction.started_at.replace(microsecond=0).isoformat() == "2026-01-01T10:00:00+00:00"


async def test_two_tenants_never_meet(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1") as green, station_at(gateway, "BLUE-1") as blue:
        mine = await green.call("StartTransaction", START, "same-id")
        theirs = await blue.call("StartTransaction", START | {"idTag": "BLUE-CARD"}, "same-id")
        assert mine["transactionId"] != theirs["transactionId"]
        # A station that names the other tenant's transaction does not reach it.
        await blue.call("StopTransaction", STOP | {"transactionId": mine["transactionId"]})
    transactions = await rows(database, Transaction)
    assert [(t.tenant_id, t.is_open) for t in transactions] == [(tenants.green.id, True), (tenants.blue.id, True)]
    assert await rows(database, StationVariable) == []

"""A 2.0.1 station's messages and what becomes of them, by the ids of the test cases."""

from typing import Any

import pytest
from sqlmodel import col, select

from csms.gateway.server import Gateway
from models import Connector, MeterValue, StationEvent, StationVariable, Transaction
from models.db import Database
from models.scope import platform_scope
from tests.csms.gateway.stations import RawStation, station_at
from tests.tenancy import TwoTenants

TOKEN = {"idToken": "GREEN-CARD", "type": "ISO14443"}


async def rows(database: Database, model: Any, *where: Any) -> list[Any]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.execute(select(model).where(*where).order_by(col(model.id)))).scalars())


def event(kind: str, seq_no: int, wh: float, **more: Any) -> dict[str, Any]:
    sample = {"value": wh, "measurand": "Energy.Active.Import.Register", "unitOfMeasure": {"unit": "Wh"}}
    info = {"transactionId": "tx-1"} | more.pop("transactionInfo", {})
    at = f"2026-01-01T10:{seq_no:02}:00Z"
    return {
        "eventType": kind,
        "timestamp": at,
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq_no,
        "transactionInfo": info,
        "meterValue": [{"timestamp": at, "sampledValue": [sample]}],
    } | more


async def test_a_session_by_transaction_events(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    evse = {"id": 1, "connectorId": 1}
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        started = await station.call("TransactionEvent", event("Started", 0, 1000, evse=evse, idToken=TOKEN))
        assert started["idTokenInfo"] == {"status": "Accepted"}
        charging = {"chargingState": "Charging"}
        updated = await station.call("TransactionEvent", event("Updated", 1, 2000, transactionInfo=charging))
        assert "idTokenInfo" not in updated
        ended = await station.call(
            "TransactionEvent", event("Ended", 2, 3000, transactionInfo={"stoppedReason": "Local"})
        )
        assert ended["totalCost"] == pytest.approx(0.6)  # 2 kWh at 0.30 EUR
    [transaction] = await rows(database, Transaction)
    assert (transaction.tenant_id, transaction.ocpp_id, transaction.is_open) == (tenants.green.id, "tx-1", False)
    assert transaction.energy_wh == 2000
    assert len(await rows(database, MeterValue)) == 3


async def test_e_an_event_of_an_unknown_transaction_is_answered(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        answer = await station.call("TransactionEvent", event("Updated", 5, 1000, idToken=TOKEN))
        assert answer["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.parametrize(
    ("token", "status"),
    [
        (TOKEN, "Accepted"),
        ({"idToken": "GREEN-LOST", "type": "ISO14443"}, "Blocked"),
        ({"idToken": "BLUE-CARD", "type": "ISO14443"}, "Invalid"),
        ({"idToken": "", "type": "NoAuthorization"}, "Accepted"),
    ],
)
async def test_c_authorize(gateway: Gateway, token: dict[str, str], status: str) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        assert (await station.call("Authorize", {"idToken": token}))["idTokenInfo"] == {"status": status}


async def connector_status(database: Database, tenants: TwoTenants) -> str:
    ref = tenants.green.station
    [row] = await rows(database, Connector, col(Connector.station_id) == ref.id, col(Connector.evse_number) == 1)
    return row.status


async def test_ds_44_status_notification_and_notify_event_tell_of_the_same(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    status = {"timestamp": "2026-01-01T10:00:00Z", "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        await station.call("StatusNotification", status)
        assert await connector_status(database, tenants) == "Occupied"
        component = {"name": "Connector", "evse": {"id": 1, "connectorId": 1}}
        await notify(station, component, "AvailabilityState", "Available", timestamp="2026-01-01T10:01:00Z")
        assert await connector_status(database, tenants) == "Available"


async def notify(station: RawStation, component: dict[str, Any], variable: str, value: str, **more: Any) -> None:
    data = {
        "eventId": 1,
        "timestamp": "2026-01-01T10:00:00Z",
        "trigger": "Alerting",
        "actualValue": value,
        "eventNotificationType": "HardWiredMonitor",
        "component": component,
        "variable": {"name": variable},
    } | more
    payload = {"generatedAt": "2026-01-01T10:00:00Z", "seqNo": 0, "eventData": [data]}
    assert await station.call("NotifyEvent", payload) == {}


async def test_n_an_alert_enters_the_history(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        await notify(station, {"name": "ConnectedEV"}, "Temperature", "97", techCode="E7")
    [entry] = await rows(database, StationEvent, col(StationEvent.kind) == "device.alert")
    assert (entry.tenant_id, entry.severity) == (tenants.green.id, "warning")
    assert entry.text == "ConnectedEV Temperature: 97 (E7)"


async def test_b_a_report_is_stored_part_by_part(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    def part(seq_no: int, names: range) -> dict[str, Any]:
        return {
            "requestId": 1,
            "generatedAt": "2026-01-01T10:00:00Z",
            "seqNo": seq_no,
            "tbc": seq_no == 0,
            "reportData": [
                {
                    "component": {"name": "EVSE", "evse": {"id": 1}},
                    "variable": {"name": f"V{n}"},
                    "variableAttribute": [{"value": str(n), "mutability": "ReadOnly"}],
                    "variableCharacteristics": {"dataType": "integer", "supportsMonitoring": False},
                }
                for n in names
            ],
        }

    bare = {
        "component": {"name": "SecurityCtrlr"},
        "variable": {"name": "BasicAuthPassword"},
        "variableAttribute": [{}],
    }
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        await station.call("NotifyReport", part(0, range(200)))
        await station.call("NotifyReport", part(1, range(200, 250)))
        last = part(2, range(0)) | {"reportData": [bare]}
        await station.call("NotifyReport", last)
    stored = await rows(database, StationVariable, col(StationVariable.station_id) == tenants.green.station.id)
    assert len(stored) == 251
    assert {(v.component, v.evse_number, v.mutability) for v in stored[:250]} == {("EVSE", 1, "ReadOnly")}
    assert stored[250].value is None


async def test_j_meter_values_outside_of_transactions(gateway: Gateway, database: Database) -> None:
    sample = {"value": 5.0, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}}
    values = [{"timestamp": "2026-01-01T10:00:00Z", "sampledValue": [sample]}]
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        assert await station.call("MeterValues", {"evseId": 1, "meterValue": values}) == {}
    [value] = await rows(database, MeterValue)
    assert (value.power_w, value.transaction_id) == (5000, None)


async def test_p_02_data_transfer_of_an_unknown_vendor(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        answer = await station.call("DataTransfer", {"vendorId": "nobody", "data": {"any_key": 1}})
        assert answer == {"status": "UnknownVendorId"}


async def test_p_03_custom_data_is_accepted(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        answer = await station.call("Heartbeat", {"customData": {"vendorId": "v", "some_key": 1}})
        assert "currentTime" in answer

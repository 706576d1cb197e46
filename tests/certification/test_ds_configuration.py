"""Configuration and device model: what is read, kept and obeyed (DS_60 to DS_65), and onboarding by itself."""

import pytest
from sqlalchemy import text

from csms.automation import onboarding
from csms.commands.commands import GetVariables, VariableName
from csms.stations.capabilities import CORE_CONTROLLERS
from csms.stations.keys16 import CORE_KEYS, OTHER_KEYS
from csms.stations.queries import variables
from models import ChargingStation, Frame, StationReport, StationVariable
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.transacting import NOW

SECURITY = ["AuthorizationKey"]


@pytest.fixture
def reading(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """Stations are read at once after booting."""
    monkeypatch.setattr(lab.platform.settings, "read_capabilities", True)
    monkeypatch.setattr(onboarding, "SETTLE_S", 0.0)
    monkeypatch.setattr(onboarding, "QUIET_S", 0.0)


async def capabilities(lab: Lab, station: BenchStation) -> Json:
    """Wait until the station has been read."""

    async def is_read() -> bool:
        return "read_at" in (await lab.row(ChargingStation, id=station.ref.id)).capabilities

    await lab.until(is_read)
    return (await lab.row(ChargingStation, id=station.ref.id)).capabilities


VALUES = {
    "SupportedFeatureProfiles": "Core,FirmwareManagement, SmartCharging",
    "NumberOfConnectors": " 2",
    "GetConfigurationMaxKeys": "30",
    "SendLocalListMaxLength": "100",
    "ChargingScheduleAllowedChargingRateUnit": "Power,Current",
    "AuthorizationKey": "never-to-be-seen",
}


def key(name: str) -> Json:
    entry: Json = {"key": name, "readonly": name.startswith("N")}
    return entry | {"value": VALUES.get(name, "1")}


@pytest.mark.case("DS_60", "DS_61")
@pytest.mark.quirk(25, 27)
async def test_ds_60_ds_61_keys_of_1_6_are_read_once(lab: Lab, reading: None) -> None:
    names = [*CORE_KEYS, *OTHER_KEYS, *SECURITY, "Vendor.Key"]
    async with lab.station() as station:
        asked = await station.expect("GetConfiguration")
        assert asked.payload == {}
        await station.answer(asked, {"configurationKey": [key(name) for name in names]})
        known = await capabilities(lab, station)
        assert known["profiles"] == ["Core", "FirmwareManagement", "SmartCharging"]
        assert (known["connector_count"], known["evses"]) == (2, {"1": [1], "2": [1]})
        assert (known["limits"]["GetConfigurationMaxKeys"], known["limits"]["SendLocalListMaxLength"]) == (30, 100)
        assert known["charging_rate_units"] == ["A", "W"]
        assert (known["firmware_version"], known["ocpp_version"]) == ("1.0", "1.6")
        rows = {row.variable: row.value for row in await lab.rows(StationVariable, station_id=station.ref.id)}
        assert set(rows) == set(names)
        assert rows["AuthorizationKey"] is None
        assert rows["Vendor.Key"] == "1"
        assert rows["NumberOfConnectors"] == " 2"  # as the station writes it
        frames = await lab.rows(Frame, station_id=station.ref.id)
        assert all("never-to-be-seen" not in (frame.answer_text or "") for frame in frames)
        await station.boot()
    async with lab.station(ref=station.ref) as again:  # the same firmware is not read again
        await again.call("Heartbeat")
        assert not again.was_asked("GetConfiguration")
        await again.boot(firmwareVersion="1.1")
        assert (await again.expect("GetConfiguration")).payload == {}


@pytest.mark.quirk(24)
@pytest.mark.parametrize("reply", ["refused", "empty", "silent"])
async def test_quirk_24_a_station_that_cannot_tell_all(lab: Lab, reading: None, reply: str) -> None:
    async with lab.station() as station:
        asked = await station.expect("GetConfiguration")
        assert asked.payload == {}
        if reply == "refused":
            await station.refuse(asked, "InternalError")
        elif reply == "empty":
            await station.answer(asked, {})
        else:
            await station.close()
    if reply == "silent":  # it went down over it: it is never asked for all again
        async with lab.station(ref=station.ref) as station:
            await answer_key_by_key(lab, station)
    else:
        async with lab.station(ref=station.ref) as station:
            await answer_key_by_key(lab, station)


async def answer_key_by_key(lab: Lab, station: BenchStation) -> None:
    """The most keys first, then the others, never more than that at once."""
    first = await station.expect("GetConfiguration")
    assert first.payload == {"key": ["GetConfigurationMaxKeys"]}
    await station.answer(first, {"configurationKey": [key("GetConfigurationMaxKeys")]})
    left = len(CORE_KEYS) + len(OTHER_KEYS) - 1
    while left:
        asked = await station.expect("GetConfiguration")
        assert len(asked.payload["key"]) == min(30, left)
        left -= len(asked.payload["key"])
        await station.answer(asked, {"configurationKey": [key(name) for name in asked.payload["key"]]})
    known = await capabilities(lab, station)
    assert (known["read_by"], known["connector_count"]) == ("key by key", 2)


@pytest.mark.quirk(28)
async def test_quirk_28_no_profiles_told_forbid_nothing(lab: Lab, reading: None) -> None:
    async with lab.station() as station:
        asked = await station.expect("GetConfiguration")
        garbage = {"key": "supportedfeatureprofiles", "readonly": True, "value": "''"}
        await station.answer(asked, {"configurationKey": [garbage]})
        assert (await capabilities(lab, station))["profiles"] is None


def entry(component: str, variable: str, value: str | None = None, **more: object) -> Json:
    attribute = {} if value is None else {"value": value}
    found: Json = {"component": {"name": component}, "variable": {"name": variable}}
    return found | {"variableAttribute": [attribute]} | more


@pytest.mark.case("DS_63", "DS_65")
@pytest.mark.quirk(65, 76)
async def test_ds_63_ds_65_an_inventory_is_read_and_judged(lab: Lab, reading: None) -> None:
    data = [
        *(entry(name, "Enabled", "true") for name in CORE_CONTROLLERS if name != "ClockCtrlr"),
        entry("SmartChargingCtrlr", "RateUnit", "A"),  # no Available, no Enabled
        entry("ReservationCtrlr", "Available", "false"),
        entry("TxCtrlr", "TxStopPoint", "EnergyTransfer"),
        entry("OCPPCommCtrlr", "NetworkConfigurationPriority", "1,2"),
        entry("OCPPCommCtrlr", "ActiveNetworkProfile", "3"),
        entry("OCPPCommCtrlr", "HeartbeatInterval"),
        {"component": {"name": "Connector", "evse": {"id": 1, "connectorId": 2}}, "variable": {"name": "Available"}}
        | {"variableAttribute": [{"value": "true"}]},
    ]
    async with lab.station("2.0.1") as station:
        asked = await station.expect("GetBaseReport")
        assert asked.payload["reportBase"] == "FullInventory"
        await station.answer(asked, {"status": "Accepted"})
        part = {"requestId": asked.payload["requestId"], "generatedAt": NOW, "seqNo": 0, "reportData": data}
        assert await station.call("NotifyReport", part) == {}
        known = await capabilities(lab, station)
        assert known["profiles"] == ["Core", "SmartCharging"]
        assert known["missing"] == ["ClockCtrlr"]
        assert known["evses"] == {"1": [2]}
        assert known["charging_rate_units"] == ["A"]
        assert len(known["warnings"]) == 2
        assert known["read_by"] == "FullInventory"


@pytest.mark.case("DS_64")
@pytest.mark.quirk(65)
async def test_ds_64_without_an_inventory_the_limits_are_asked_for(lab: Lab, reading: None) -> None:
    async with lab.station("2.0.1") as station:
        for base, answer in (("FullInventory", "NotSupported"), ("ConfigurationInventory", "Accepted")):
            asked = await station.expect("GetBaseReport")
            assert asked.payload["reportBase"] == base
            await station.answer(asked, {"status": answer})
        empty = {"requestId": asked.payload["requestId"], "generatedAt": NOW, "seqNo": 0}
        assert await station.call("NotifyReport", empty) == {}

        def told(payload: Json) -> Json:
            assert len(payload["getVariableData"]) <= 10  # careful, until the limit is known
            return {"getVariableResult": [item | told_of(item) for item in payload["getVariableData"]]}

        def told_of(item: Json) -> Json:
            is_items = item["variable"]["name"] == "ItemsPerMessage"
            return {"attributeStatus": "Accepted", "attributeValue": "4" if is_items else "4000"}

        station.answers["GetVariables"] = told
        known = await capabilities(lab, station)
        assert known["limits"]["DeviceDataCtrlr.ItemsPerMessage[GetVariables]"] == 4
        del station.answers["GetVariables"]
        lab.ask(station, GetVariables(tuple(VariableName(f"V{n}", "C") for n in range(9))))
        assert len((await station.expect("GetVariables")).payload["getVariableData"]) == 4  # and obeyed


@pytest.mark.case("DS_62")
@pytest.mark.quirk(76)
async def test_ds_62_the_device_model_is_kept(lab: Lab) -> None:
    whole = {
        "component": {"name": "Ctrlr", "instance": "a", "evse": {"id": 1, "connectorId": 2}},
        "variable": {"name": "Limit", "instance": "b"},
        "variableAttribute": [
            {"type": "Actual", "value": "5", "mutability": "ReadOnly", "persistent": True, "constant": True},
            {"type": "MaxSet", "value": "9"},
        ],
        "variableCharacteristics": {"unit": "A", "dataType": "decimal", "maxLimit": 9.5, "supportsMonitoring": True},
    }
    secret = entry("SecurityCtrlr", "Pin", variableAttribute=[{"value": "1234", "mutability": "WriteOnly"}])
    bare: Json = {"component": {"name": "Bare"}, "variable": {"name": "Thing"}, "variableAttribute": [{}]}
    async with lab.station("2.0.1") as station:
        part = {"requestId": 1, "generatedAt": NOW, "seqNo": 0, "reportData": [whole, secret, bare]}
        assert await station.call("NotifyReport", part) == {}
        actual, most, pin, thing = await lab.rows(StationVariable, station_id=station.ref.id)
        address = (actual.component, actual.component_instance, actual.evse_number, actual.connector_number)
        assert address == ("Ctrlr", "a", 1, 2)
        assert (actual.variable, actual.variable_instance, actual.attribute) == ("Limit", "b", "Actual")
        assert (actual.value, actual.mutability, actual.is_persistent, actual.is_constant) == (
            "5",
            "ReadOnly",
            True,
            True,
        )
        assert actual.characteristics == whole["variableCharacteristics"]
        assert (most.attribute, most.value, most.is_persistent) == ("MaxSet", "9", False)
        assert (pin.value, pin.mutability) == (None, "WriteOnly")
        assert (thing.value, thing.characteristics) == (None, {})
        assert (await lab.row(StationReport, station_id=station.ref.id)).state == "complete"


MANY = """
WITH RECURSIVE counted(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM counted WHERE n < 99999)
INSERT INTO station_variable (tenant_id, station_id, component, component_instance, evse_number, connector_number,
    variable, variable_instance, attribute, value, mutability, characteristics, reported_at)
SELECT :tenant, :station, 'Component' || (n / 100), '', 0, 0,
    'Variable' || (n % 100), '', 'Actual', '1', 'ReadOnly', '{}', '2026-01-01 00:00:00.000000' FROM counted
"""


@pytest.mark.case("DS_62")
async def test_ds_62_a_hundred_thousand_variables(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        async with lab.platform.database.writer.begin() as connection:
            await connection.execute(text(MANY), {"tenant": station.ref.tenant_id, "station": station.ref.id})
        data = [entry(f"Component{number}", "Variable7", "new") for number in range(200)]
        part = {"requestId": 1, "generatedAt": NOW, "seqNo": 0, "reportData": data}
        assert await station.call("NotifyReport", part) == {}
        with tenant_scope(station.ref.tenant_id):
            async with lab.platform.database.reading() as session:
                page, count = await variables(session, station.ref.id, "Component77", offset=0, limit=50)
        assert (len(page), count) == (50, 1100)
        new = await lab.rows(StationVariable, station_id=station.ref.id, value="new")
        assert len(new) == 200

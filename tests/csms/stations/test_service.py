"""Who may connect, booting, variables, the history, and setting up stations."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from csms.bus.events import Event, StationBooted, StationEventRecorded, VariablesReported
from csms.cause import because_of
from csms.clock import ManualClock
from csms.errors import InvalidInputError
from csms.stations.secrets import masked
from csms.stations.service import (
    BootReport,
    ConnectorPlan,
    EventReport,
    StationAccess,
    VariableReport,
    boot,
    create_location,
    create_station,
    find_access,
    record_event,
    store_variables,
)
from csms.work import Committer, Work
from models import ChargingStation, Connector, Evse, Registration, StationEvent, StationVariable
from models.db import Database
from models.scope import TenantScopeError, platform_scope, tenant_scope
from tests.tenancy import TwoTenants


async def read_station(database: Database, tenant_id: int, station_id: int) -> ChargingStation:
    with tenant_scope(tenant_id):
        async with database.reading() as session:
            return await session.get_one(ChargingStation, station_id)


async def test_access_is_found_by_identity_across_tenants(database: Database, two_tenants: TwoTenants) -> None:
    async with database.reading() as session:
        with platform_scope():
            found = await find_access(session, "blue-1")
            assert await find_access(session, "nobody") is None
        with pytest.raises(TenantScopeError):
            await find_access(session, "blue-1")
    assert found == StationAccess(two_tenants.blue.station, 1, None, None, False, False, "Accepted", None)


BOOT = BootReport("Maker", "Model Z", "S" * 33, "1.2.3", "PowerUp", {"chargePointVendor": "Maker", "password": "x"})


@pytest.mark.parametrize("registration", list(Registration))
async def test_booting_is_stored_told_and_answered(
    database: Database,
    committer: Committer,
    two_tenants: TwoTenants,
    clock: ManualClock,
    told: list[Event],
    registration: Registration,
) -> None:
    ref = two_tenants.green.station

    async def register(work: Work) -> None:
        (await work.session().get_one(ChargingStation, ref.id)).registration = registration

    with tenant_scope(ref.tenant_id), because_of("a-cause"):
        await committer.run(register)
        assert await committer.run(lambda work: boot(work, ref, BOOT, clock.now())) == registration
    row = await read_station(database, ref.tenant_id, ref.id)
    assert (row.vendor, row.model, row.serial_number) == ("Maker", "Model Z", "S" * 33)
    assert (row.firmware_version, row.boot_reason, row.booted_at) == ("1.2.3", "PowerUp", clock.now())
    assert row.boot_info == {"chargePointVendor": "Maker", "password": "***"}
    [event] = told
    assert isinstance(event, StationBooted)
    assert (event.registration, event.cause_id) == (registration, "a-cause")
    other = await read_station(database, two_tenants.blue.id, two_tenants.blue.station.id)
    assert other.vendor == ""


async def read_variables(database: Database, tenant_id: int) -> list[StationVariable]:
    with tenant_scope(tenant_id):
        async with database.reading() as session:
            return list((await session.execute(select(StationVariable).order_by(col(StationVariable.id)))).scalars())


async def test_many_variables_are_stored_at_once_and_again(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock, told: list[Event]
) -> None:
    ref = two_tenants.green.station
    for value in ("old", "new"):
        reports = [
            VariableReport(
                f"V{n}", value, "Comp", evse_number=n % 3, mutability="ReadOnly", characteristics={"unit": "W"}
            )
            for n in range(1000)
        ]
        with tenant_scope(ref.tenant_id):
            await committer.run(lambda work, reports=reports: store_variables(work, ref, reports, clock.now()))
    rows = await read_variables(database, ref.tenant_id)
    assert len(rows) == 1000
    assert {(row.value, row.mutability, row.characteristics["unit"]) for row in rows} == {("new", "ReadOnly", "W")}
    assert await read_variables(database, two_tenants.blue.id) == []
    assert [event.count for event in told if isinstance(event, VariablesReported)] == [1000, 1000]


async def test_a_value_alone_leaves_what_else_is_known(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    whole = VariableReport("Interval", "60", "Ctrlr", mutability="ReadOnly", characteristics={"unit": "s"})
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: store_variables(work, ref, [whole], clock.now()))
        value = VariableReport("Interval", "90", "Ctrlr")
        await committer.run(lambda work: store_variables(work, ref, [value, value], clock.now()))
        await committer.run(lambda work: store_variables(work, ref, [], clock.now()))
    [row] = await read_variables(database, ref.tenant_id)
    assert (row.value, row.mutability, row.characteristics) == ("90", "ReadOnly", {"unit": "s"})


async def test_ds_62_secrets_are_not_kept(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    ref = two_tenants.green.station
    reports = [
        VariableReport("AuthorizationKey", "0123456789abcdef", mutability="ReadWrite", characteristics={}),
        VariableReport("BasicAuthPassword", "hunter2hunter2hu", "SecurityCtrlr"),
        VariableReport("Token", "shh", "Vendor", mutability="WriteOnly", characteristics={}),
    ]
    with tenant_scope(ref.tenant_id):
        await committer.run(lambda work: store_variables(work, ref, reports, clock.now()))
    assert [row.value for row in await read_variables(database, ref.tenant_id)] == [None] * 3


def test_payloads_are_shown_without_secrets() -> None:
    assert masked({"key": "authorizationKEY", "value": "00ff"}) == {"key": "authorizationKEY", "value": "***"}
    answer = {"configurationKey": [{"key": "AuthorizationKey", "value": "00"}, {"key": "Other", "value": "1"}]}
    assert [entry["value"] for entry in masked(answer)["configurationKey"]] == ["***", "1"]
    variable = {"component": {"name": "SecurityCtrlr"}, "variable": {"name": "BasicAuthPassword"}}
    assert masked({"setVariableData": [{**variable, "attributeValue": "x"}]})["setVariableData"][0] == {
        **variable,
        "attributeValue": "***",
    }
    report = masked({**variable, "variableAttribute": [{"type": "Actual", "value": "x"}]})
    assert report["variableAttribute"] == [{"type": "Actual", "value": "***"}]
    assert masked({"apn": {"apnPassword": "x", "apn": "net"}}) == {"apn": {"apnPassword": "***", "apn": "net"}}


async def test_events_enter_the_history(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock, told: list[Event]
) -> None:
    ref = two_tenants.green.station
    for severity in ("info", "problem"):
        report = EventReport("device.alert", severity, "Hot", clock.now(), 1, 1, {"techCode": 7})
        with tenant_scope(ref.tenant_id):
            await committer.run(lambda work, report=report: record_event(work, ref, report))
    with tenant_scope(ref.tenant_id):
        async with database.reading() as session:
            rows = (await session.execute(select(StationEvent).order_by(col(StationEvent.id)))).scalars().all()
    assert [(row.severity, row.resolved_at) for row in rows] == [("info", clock.now()), ("problem", None)]
    assert rows[0].details == {"techCode": 7}
    assert [event.severity for event in told if isinstance(event, StationEventRecorded)] == ["info", "problem"]


async def test_a_station_is_set_up_with_its_connectors(
    database: Database, committer: Committer, two_tenants: TwoTenants
) -> None:
    plans = [ConnectorPlan(1, 1, "IEC_62196_T2_COMBO", "DC", 150_000), ConnectorPlan(1, 2, "CHADEMO", "DC", 50_000)]

    async def unit(work: Work) -> int:
        session = work.session()
        location = await create_location(
            session, name="Yard", latitude=1.3, longitude=103.8, time_zone="Asia/Singapore"
        )
        station = await create_station(
            session, identity="SG-Ä1", location_id=location.id or 0, password_hash="0" * 64, connectors=plans
        )
        return station.id or 0

    with tenant_scope(two_tenants.blue.id):
        station_id = await committer.run(unit)
    with platform_scope():
        async with database.reading() as session:
            access = await find_access(session, "sg-ä1")
            evses = select(Evse).where(col(Evse.station_id) == station_id)
            connectors = select(Connector).where(col(Connector.station_id) == station_id)
            assert [e.tenant_id for e in (await session.execute(evses)).scalars()] == [two_tenants.blue.id]
            assert len((await session.execute(connectors)).scalars().all()) == 2
    assert access is not None
    assert (access.ref.id, access.ref.tenant_id) == (station_id, two_tenants.blue.id)


@pytest.mark.parametrize("wrong", [{"identity": "A/B"}, {"identity": ""}, {"identity": "A:B"}, {"password_hash": None}])
async def test_what_cannot_be_a_station_is_refused(
    committer: Committer, two_tenants: TwoTenants, wrong: dict[str, str | None]
) -> None:
    given = {"identity": "OK", "location_id": two_tenants.green.location_id, "password_hash": "0" * 64, **wrong}
    with tenant_scope(two_tenants.green.id), pytest.raises(InvalidInputError):
        await committer.run(lambda work: create_station(work.session(), **given))

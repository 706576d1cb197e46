"""Commands to stations at the socket: outcomes, deadlines, queue and what they teach (TR_52, TR_60 to TR_62)."""

import asyncio

import pytest
from sqlmodel import col, select

from csms.cause import because_of
from csms.commands.commands import ClearCache, GetVariables, RawRequest, RequestStop, SetVariable, VariableName
from csms.errors import (
    InvalidInputError,
    StationBusyError,
    StationOfflineError,
    StationRefusedError,
    StationTimeoutError,
    UnsupportedActionError,
)
from csms.gateway.server import Gateway
from csms.stations.ref import StationRef
from models import StationVariable
from models.db import Database
from models.scope import platform_scope
from tests.csms.gateway.conftest import StartGateway, Until
from tests.csms.gateway.stations import frames_of, station_at
from tests.tenancy import TwoTenants


async def variables(database: Database, ref: StationRef) -> dict[str, str | None]:
    with platform_scope():
        async with database.reading() as session:
            found = select(StationVariable).where(col(StationVariable.station_id) == ref.id)
            return {row.variable: row.value for row in (await session.execute(found)).scalars()}


async def test_a_command_goes_out_and_its_answer_comes_back(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        with because_of("the-click"):
            delivery = asyncio.create_task(gateway.deliver(ref, RequestStop("12")))
        asked = await station.receive()
        assert asked[0] == 2
        assert asked[2:] == ["RemoteStopTransaction", {"transactionId": 12}]
        await station.send([3, asked[1], {"status": "Accepted"}])
        delivered = await delivery
        assert (delivered.action, delivered.status) == ("RemoteStopTransaction", "Accepted")
    [frame] = await frames_of(database, ref)
    assert (frame.from_station, frame.action, frame.outcome) == (False, "RemoteStopTransaction", "result")
    assert (frame.cause_id, frame.message_id) == ("the-click", asked[1])
    assert frame.answer_text == f'[3,"{asked[1]}",{{"status":"Accepted"}}]'
    assert frame.latency_ms is not None


async def test_offline(gateway: Gateway, tenants: TwoTenants) -> None:
    with pytest.raises(StationOfflineError, match="GREEN-1"):
        await gateway.deliver(tenants.green.station, ClearCache())


async def test_another_tenant_s_station_is_offline(gateway: Gateway, tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1"):
        ref = tenants.green.station
        stranger = StationRef(ref.id, tenants.blue.id, ref.location_id, ref.identity)
        with pytest.raises(StationOfflineError):
            await gateway.deliver(stranger, ClearCache())


@pytest.mark.case("TR_62")
async def test_tr_62_no_answer_in_time_is_an_unknown_outcome(
    start_gateway: StartGateway, database: Database, tenants: TwoTenants, until: Until
) -> None:
    gateway = await start_gateway(ocpp_call_timeout_s=0.05)
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        with pytest.raises(StationTimeoutError, match="may have acted"):
            await gateway.deliver(ref, ClearCache())
        asked = await station.receive()
        await station.send([3, asked[1], {"status": "Accepted"}])  # TR_52: late, archived, harmless
        assert "currentTime" in await station.call("Heartbeat", {})

        async def both_archived() -> bool:
            frames = [frame.outcome for frame in await frames_of(database, ref) if not frame.from_station]
            return sorted(frames) == ["late", "timeout"]

        await until(both_archived)


@pytest.mark.case("TR_60", "TR_61")
async def test_tr_60_one_at_a_time_and_tr_61_the_urgent_first(gateway: Gateway, tenants: TwoTenants) -> None:
    ref = tenants.green.station
    commands = [ClearCache(), GetVariables(), ClearCache(), RequestStop("1")]
    async with station_at(gateway, "GREEN-1") as station:
        deliveries = [asyncio.create_task(gateway.deliver(ref, command)) for command in commands]
        actions: list[str] = []
        for _ in commands:
            asked = await station.receive()
            actions.append(asked[2])
            assert "currentTime" in await station.call("Heartbeat", {})  # served meanwhile; and no second request
            answer = {} if asked[2] == "GetConfiguration" else {"status": "Accepted"}
            await station.send([3, asked[1], answer])
        assert actions == ["ClearCache", "RemoteStopTransaction", "ClearCache", "GetConfiguration"]
        await asyncio.gather(*deliveries)


@pytest.mark.case("TR_61")
async def test_tr_61_a_full_queue_refuses_at_once(gateway: Gateway, tenants: TwoTenants) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        deliveries = [asyncio.create_task(gateway.deliver(ref, ClearCache())) for _ in range(65)]
        await station.receive()
        with pytest.raises(StationBusyError):
            await gateway.deliver(ref, ClearCache())
    results = await asyncio.gather(*deliveries, return_exceptions=True)
    assert isinstance(results[0], StationTimeoutError)
    assert {type(result) for result in results[1:]} == {StationOfflineError}


@pytest.mark.case("TR_61")
async def test_tr_61_the_deadline_counts_the_waiting(start_gateway: StartGateway, tenants: TwoTenants) -> None:
    gateway = await start_gateway(ocpp_call_timeout_s=0.1)
    async with station_at(gateway, "GREEN-1"):
        slow = asyncio.create_task(gateway.deliver(tenants.green.station, RawRequest("GetConfiguration")))
        await asyncio.sleep(0)
        with pytest.raises(StationBusyError, match="not sent"):
            await gateway.deliver(tenants.green.station, ClearCache())
        with pytest.raises(StationTimeoutError):
            await slow


@pytest.mark.case("X16_19")
async def test_x16_19_a_callerror_is_the_outcome_and_the_queue_goes_on(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        for code in ("NotSupported", "FormationViolation", ""):
            delivery = asyncio.create_task(gateway.deliver(ref, ClearCache()))
            asked = await station.receive()
            await station.send([4, asked[1], code, "x" * 300])
            with pytest.raises(StationRefusedError) as refused:
                await delivery
            assert refused.value.error_code == code
    outcomes = [frame.outcome for frame in await frames_of(database, ref)]
    assert outcomes == ["NotSupported", "FormationViolation", "error"]


async def test_an_answer_that_breaks_its_schema_is_still_an_answer(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        delivery = asyncio.create_task(gateway.deliver(ref, GetVariables()))
        asked = await station.receive()
        await station.send([3, asked[1], {"configurationKey": [{"key": "A"}]}])
        assert (await delivery).answer == {"configurationKey": [{"key": "A"}]}
    assert [frame.outcome for frame in await frames_of(database, ref)] == ["invalid result"]


async def test_raw_requests_are_checked_unless_told_not_to(gateway: Gateway, tenants: TwoTenants) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        with pytest.raises(UnsupportedActionError):
            await gateway.deliver(ref, RawRequest("GetBaseReport", {"requestId": 1}))
        with pytest.raises(InvalidInputError, match="type"):
            await gateway.deliver(ref, RawRequest("Reset", {"type": "Gentle"}))
        delivery = asyncio.create_task(gateway.deliver(ref, RawRequest("Reset", {"type": "Gentle"}, validate=False)))
        asked = await station.receive()
        assert asked[2:] == ["Reset", {"type": "Gentle"}]
        await station.send([3, asked[1], {"status": "Rejected"}])
        assert (await delivery).status == "Rejected"


async def test_tc_019_configuration_keys_are_learned_and_secrets_are_not_shown(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        delivery = asyncio.create_task(gateway.deliver(ref, GetVariables()))
        asked = await station.receive()
        keys = [
            {"key": "HeartbeatInterval", "readonly": False, "value": "60"},
            {"key": "AuthorizationKey", "readonly": False, "value": "top-secret-key"},
        ]
        await station.send([3, asked[1], {"configurationKey": keys}])
        await delivery
        assert await variables(database, ref) == {"HeartbeatInterval": "60", "AuthorizationKey": None}
        for status, expected in (("Rejected", "60"), ("RebootRequired", "60"), ("Accepted", "90")):
            delivery = asyncio.create_task(gateway.deliver(ref, SetVariable("HeartbeatInterval", "90")))
            asked = await station.receive()
            await station.send([3, asked[1], {"status": status}])
            assert (await delivery).status == status
            assert (await variables(database, ref))["HeartbeatInterval"] == expected
    assert not any("top-secret" in (frame.answer_text or "") for frame in await frames_of(database, ref))


async def test_b06_variables_of_2_0_1_are_learned(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        delivery = asyncio.create_task(gateway.deliver(ref, GetVariables((VariableName("Interval", "Beat"),))))
        asked = await station.receive()
        result = {"attributeStatus": "Accepted", "attributeValue": "60"} | asked[3]["getVariableData"][0]
        await station.send([3, asked[1], {"getVariableResult": [result]}])
        assert (await delivery).status == "Accepted"
        assert await variables(database, ref) == {"Interval": "60"}


async def test_whoever_stops_waiting_harms_nobody(gateway: Gateway, tenants: TwoTenants) -> None:
    ref = tenants.green.station
    async with station_at(gateway, "GREEN-1") as station:
        first = asyncio.create_task(gateway.deliver(ref, ClearCache()))
        asked = await station.receive()
        first.cancel()
        second = asyncio.create_task(gateway.deliver(ref, ClearCache()))
        await station.send([3, asked[1], {"status": "Rejected"}])
        asked = await station.receive()
        await station.send([3, asked[1], {"status": "Accepted"}])
        assert (await second).status == "Accepted"

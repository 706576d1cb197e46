"""Order, repetition, back-pressure: how many messages of one station pass (TR_60 to TR_69)."""

import asyncio
from typing import Any

import pytest
from sqlmodel import col, select

from csms.authorization.service import Decision
from csms.commands.commands import ClearCache
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.server import Gateway
from csms.gateway.v16 import core as v16
from csms.gateway.v16 import routes
from csms.transactions.service import Transactions
from csms.work import Work
from models import MeterValue, ParkedMessage, Transaction
from models.db import Database
from models.scope import platform_scope
from tests.csms.gateway.conftest import StartGateway, Until
from tests.csms.gateway.stations import frames_of, set_station, station_at
from tests.tenancy import TwoTenants

START = {"connectorId": 1, "idTag": "GREEN-CARD", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}


def meter_values(number: int) -> Payload:
    sample = {"value": str(number), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    moment = f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z"
    return {"connectorId": 1, "meterValue": [{"timestamp": moment, "sampledValue": [sample]}]}


async def rows(database: Database, model: Any) -> list[Any]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.execute(select(model).order_by(col(model.id)))).scalars())


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Authorize waits for this before it is served."""
    opened = asyncio.Event()

    async def wait(_ctx: Exchange) -> None:
        await opened.wait()

    monkeypatch.setitem(routes.ROUTES, "Authorize", Route(v16.on_authorize, prepare=wait))
    return opened


@pytest.mark.case("TR_67")
async def test_tr_67_requests_are_answered_in_order_and_stations_do_not_wait_for_each_other(
    gateway: Gateway, gate: asyncio.Event
) -> None:
    async with station_at(gateway, "GREEN-1") as slow, station_at(gateway, "BLUE-1") as other:
        await slow.send([2, "1", "Authorize", {"idTag": "GREEN-CARD"}])
        await slow.send([2, "2", "Heartbeat", {}])
        for _ in range(20):
            await other.call("Heartbeat", {})
        gate.set()
        assert [(await slow.receive())[1] for _ in range(2)] == ["1", "2"]


@pytest.mark.case("TR_67")
async def test_tr_67_a_burst_of_a_transaction_is_taken_in_order(gateway: Gateway, database: Database) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        await station.send([2, "start", "StartTransaction", START])
        for number in range(40):
            await station.send([2, f"m{number}", "MeterValues", meter_values(number)])
        answers = [await station.receive() for _ in range(41)]
        assert [answer[1] for answer in answers] == ["start", *(f"m{number}" for number in range(40))]
        transaction_id = answers[0][2]["transactionId"]
        stop = {"transactionId": transaction_id, "meterStop": 39, "timestamp": "2026-01-01T01:00:00Z"}
        await station.call("StopTransaction", stop)
    [transaction] = await rows(database, Transaction)
    assert (transaction.is_open, transaction.energy_wh) == (False, 39)
    values = await rows(database, MeterValue)
    assert {value.transaction_id for value in values} == {transaction_id}


@pytest.mark.case("TR_68")
async def test_tr_68_a_station_that_floods_is_read_no_further_and_loses_nothing(
    start_gateway: StartGateway, tenants: TwoTenants, gate: asyncio.Event
) -> None:
    count = 250
    padding = "x" * 8000  # two megabytes in all, more than the buffers between the two hold
    gateway = await start_gateway(ocpp_messages_per_s=1e9)
    async with station_at(gateway, "GREEN-1") as station:

        async def flood() -> None:
            await station.send([2, "first", "Authorize", {"idTag": "GREEN-CARD"}])
            for number in range(count):
                text = f'[2,"h{number}","DataTransfer",{{"vendorId":"v","data":"{padding}"}}]'
                await station.send(text)

        flooding = asyncio.create_task(flood())
        async with station_at(gateway, "BLUE-1") as other:
            for _ in range(50):
                await other.call("Heartbeat", {})
        connection = next(c for c in gateway._registry if c.station.ref.identity == "GREEN-1")
        assert len(connection._waiting) <= 64
        gate.set()
        assert [(await station.receive())[1] for _ in range(count + 1)] == [
            "first",
            *(f"h{number}" for number in range(count)),
        ]
        await flooding


@pytest.mark.case("TR_68")
async def test_tr_68_the_rate_of_a_station_is_bounded(start_gateway: StartGateway, tenants: TwoTenants) -> None:
    gateway = await start_gateway(ocpp_messages_per_s=200, ocpp_message_burst=10)
    async with station_at(gateway, "GREEN-1") as station:
        began = asyncio.get_running_loop().time()
        for number in range(60):
            await station.send([2, f"h{number}", "Heartbeat", {}])
        for _ in range(60):
            await station.receive()
        assert asyncio.get_running_loop().time() - began >= 0.24  # 50 beyond the burst, at 200 a second


@pytest.mark.case("TR_63")
async def test_tr_63_a_message_repeated_while_it_is_handled_is_handled_once(
    gateway: Gateway, database: Database, gate: asyncio.Event, tenants: TwoTenants, until: Until
) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        for _ in range(3):
            await station.send([2, "same", "Authorize", {"idTag": "GREEN-CARD"}])
        await station.send("nonsense")  # archived when all before it were read

        async def all_read() -> bool:
            return any(f.text == "nonsense" for f in await frames_of(database, tenants.green.station))

        await until(all_read)
        gate.set()
        answers = [await station.receive() for _ in range(3)]
        assert answers[0] == answers[1] == answers[2]
        served = [f for f in await frames_of(database, tenants.green.station) if f.outcome == "result"]
        assert len(served) == 1


@pytest.mark.case("TR_64")
@pytest.mark.quirk(17, 75)
async def test_tr_64_a_repeated_message_is_answered_the_same_also_on_a_new_connection(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        first = await station.exchange("StartTransaction", START, "1")
        assert await station.exchange("StartTransaction", START, "1") == first
    async with station_at(gateway, "GREEN-1") as station:
        assert await station.exchange("StartTransaction", START, "1") == first
        other = START | {"meterStart": 7, "timestamp": "2026-01-02T00:00:00Z"}
        assert (await station.exchange("StartTransaction", other, "1"))[2] != first[2]
    frames = await frames_of(database, tenants.green.station)
    assert [frame.outcome for frame in frames] == ["result", "repeated", "repeated", "result"]


@pytest.mark.case("TR_65")
async def test_tr_65_a_start_with_a_new_message_id_is_the_same_start(gateway: Gateway, database: Database) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        first = await station.call("StartTransaction", START, "1")
        assert await station.call("StartTransaction", START, "2") == first
    assert len(await rows(database, Transaction)) == 1


async def test_nothing_is_acknowledged_that_was_not_committed(
    gateway: Gateway, database: Database, tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch, until: Until
) -> None:
    def fails(_self: Transactions, _work: Work, *_: Any) -> None:
        raise RuntimeError("something is broken")

    with monkeypatch.context() as broken:
        broken.setattr(Transactions, "record_meter_values", fails)
        async with station_at(gateway, "GREEN-1") as station:
            answer = await station.exchange("MeterValues", meter_values(1), "again")
            assert answer[:3] == [4, "again", "InternalError"]
            assert "broken" not in answer[3]
    async with station_at(gateway, "GREEN-1") as station:
        assert await station.call("MeterValues", meter_values(1), "again") == {}  # the refusal was not remembered

    async def both_archived() -> bool:
        frames = await frames_of(database, tenants.green.station)
        return sorted(frame.outcome for frame in frames) == ["InternalError", "result"]

    await until(both_archived)


async def test_an_answer_that_breaks_its_schema_is_never_sent(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(v16, "id_tag_info", lambda _decision: {"status": "Nonsense"})
    async with station_at(gateway, "GREEN-1") as station:
        assert (await station.exchange("Authorize", {"idTag": "X"}))[2] == "InternalError"


@pytest.mark.case("TR_50")
async def test_tr_50_a_transaction_message_refused_for_its_schema_is_parked(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    await set_station(database, tenants.green.station, is_strict=True)
    async with station_at(gateway, "GREEN-1") as station:
        broken = START | {"meterStart": "12\0"}
        assert (await station.exchange("StartTransaction", broken))[2] == "TypeConstraintViolation"
    [parked] = await rows(database, ParkedMessage)
    assert (parked.tenant_id, parked.action) == (tenants.green.id, "StartTransaction")
    assert "TypeConstraintViolation" in parked.reason
    assert parked.payload["idTag"] == "GREEN-CARD"
    assert (await frames_of(database, tenants.green.station))[0].outcome == "TypeConstraintViolation"


async def test_a_nul_character_is_no_poison(gateway: Gateway, database: Database) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        assert "transactionId" in await station.call("StartTransaction", START | {"idTag": "GREEN\0-CARD"})
    [transaction] = await rows(database, Transaction)
    assert transaction.id_token == "GREEN-CARD"


async def test_a_handler_may_ask_its_own_station(
    gateway: Gateway, tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers: list[Any] = []

    async def ask_back(ctx: Exchange) -> None:
        answers.append(await gateway.deliver(ctx.ref, ClearCache()))

    monkeypatch.setitem(routes.ROUTES, "Authorize", Route(v16.on_authorize, prepare=ask_back))
    async with station_at(gateway, "GREEN-1") as station:
        await station.send([2, "1", "Authorize", {"idTag": "GREEN-CARD"}])
        asked = await station.receive()
        assert asked[2] == "ClearCache"
        await station.send([3, asked[1], {"status": "Accepted"}])
        assert (await station.receive())[:2] == [3, "1"]
    assert answers[0].status == "Accepted"


def test_id_tag_info_of_1_6_knows_fewer_words() -> None:
    assert v16.id_tag_info(Decision("NoCredit"))["status"] == "Invalid"
    assert v16.id_tag_info(Decision("Blocked"))["status"] == "Blocked"
    assert v16.id_tag_info(Decision("Accepted", group="FAMILY"))["parentIdTag"] == "FAMILY"
    assert "parentIdTag" not in v16.id_tag_info(Decision("Accepted", group="x" * 21))

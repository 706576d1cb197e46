"""Voltdeck goes down and comes back: what was acknowledged is there once, and stations go on as if nothing happened."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from sqlmodel import col, select

from csms.bus.bus import Bus
from csms.clock import SystemClock
from csms.gateway.server import Gateway
from csms.transactions.service import Transactions
from csms.work import Committer
from models import MeterValue, Transaction
from models.db import Database
from models.scope import platform_scope
from tests.csms.gateway.stations import give_passwords, settings, station_at
from tests.tenancy import TwoTenants

START = {"connectorId": 1, "idTag": "GREEN-CARD", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}


@asynccontextmanager
async def life_of(url: str) -> AsyncGenerator[Gateway]:
    """A gateway with everything of its own, as a process has it; nothing but the database outlives it."""
    database = Database(url)
    committer = Committer(database, Bus())
    committer.start()
    gateway = Gateway(settings(), database, committer, SystemClock(), Transactions(database))
    await gateway.start()
    yield gateway
    await gateway.stop()
    await committer.stop()
    await database.close()


async def rows(database: Database, model: Any) -> list[Any]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.execute(select(model).order_by(col(model.id)))).scalars())


def meter_values(transaction_id: int, minute: int) -> dict[str, Any]:
    sample = {"value": str(minute * 100), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
    values = [{"timestamp": f"2026-01-01T00:{minute:02}:00Z", "sampledValue": [sample]}]
    return {"connectorId": 1, "transactionId": transaction_id, "meterValue": values}


async def test_x16_01_a_start_retried_after_a_restart_is_the_same_start(
    database_url: str, database: Database, two_tenants: TwoTenants
) -> None:
    await give_passwords(database, two_tenants.green.stations)
    async with life_of(database_url) as gateway, station_at(gateway, "GREEN-1") as station:
        first = await station.call("StartTransaction", START, "1")
    async with life_of(database_url) as gateway, station_at(gateway, "GREEN-1") as station:
        assert await station.call("StartTransaction", START, "1") == first
        assert await station.call("StartTransaction", START, "2") == first
    assert len(await rows(database, Transaction)) == 1


async def test_quirk_71_a_session_goes_on_over_a_restart_without_boot(
    database_url: str, database: Database, two_tenants: TwoTenants
) -> None:
    await give_passwords(database, two_tenants.green.stations)
    async with life_of(database_url) as gateway, station_at(gateway, "GREEN-1") as station:
        transaction_id = (await station.call("StartTransaction", START))["transactionId"]
        await station.call("MeterValues", meter_values(transaction_id, 1), "m1")
    async with life_of(database_url) as gateway, station_at(gateway, "GREEN-1") as station:
        await station.call("MeterValues", meter_values(transaction_id, 1), "m1")  # its answer may have been lost
        await station.call("MeterValues", meter_values(transaction_id, 2))
        stop = {"transactionId": transaction_id, "meterStop": 300, "timestamp": "2026-01-01T00:03:00Z"}
        await station.call("StopTransaction", stop)
    async with life_of(database_url) as gateway, station_at(gateway, "GREEN-1") as station:
        await station.call("StopTransaction", stop)
    [transaction] = await rows(database, Transaction)
    assert (transaction.is_open, transaction.energy_wh) == (False, 300)
    values = [(value.transaction_id, value.energy_wh) for value in await rows(database, MeterValue)]
    assert values.count((transaction_id, 100)) == 1
    assert values.count((transaction_id, 200)) == 1


async def test_a_restart_in_the_middle_of_a_2_0_1_transaction(
    database_url: str, database: Database, two_tenants: TwoTenants
) -> None:
    await give_passwords(database, two_tenants.green.stations)

    def event(kind: str, seq_no: int) -> dict[str, Any]:
        return {
            "eventType": kind,
            "timestamp": f"2026-01-01T00:{seq_no:02}:00Z",
            "triggerReason": "Authorized",
            "seqNo": seq_no,
            "transactionInfo": {"transactionId": "tx"},
            "evse": {"id": 1, "connectorId": 1},
        }

    for seq_no, kind in enumerate(("Started", "Updated", "Ended")):
        async with life_of(database_url) as gateway, station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
            for _ in range(2):
                await station.call("TransactionEvent", event(kind, seq_no))
    [transaction] = await rows(database, Transaction)
    assert (transaction.ocpp_id, transaction.is_open, transaction.last_seq_no) == ("tx", False, 2)

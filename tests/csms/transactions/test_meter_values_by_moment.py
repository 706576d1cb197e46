"""The revision that drops the index by transaction: what was stored before it is found as well."""

from datetime import datetime, timedelta
from importlib import import_module
from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Connection, inspect

from csms.transactions.meter import Moment
from csms.transactions.span import span_of
from csms.work import Work
from models import MeterValue, Transaction
from models.scope import tenant_scope
from tests.csms.transactions.charger import T0, Charger
from tests.tenancy import TwoTenants

REVISION: Any = import_module("models.migrations.versions.0002_meter_values_by_moment")
INDEX, HOUR = "ix_meter_value_transaction", timedelta(hours=1)


def go(connection: Connection, step: str) -> set[str | None]:
    """Take the revision's step; returns the names of the indexes of meter values there are then."""
    with Operations.context(MigrationContext.configure(connection)):
        getattr(REVISION, step)()
    return {index["name"] for index in inspect(connection).get_indexes("meter_value")}


async def migrate(charger: Charger, step: str) -> set[str | None]:
    async with charger.database.writer.begin() as connection:
        return await connection.run_sync(go, step)


async def add(charger: Charger, two_tenants: TwoTenants, key: str, values: list[dict[str, Any]], **columns: Any) -> int:
    """A transaction from T0 to T0 + 1 h at EVSE 1, as it was stored before the revision."""
    row = {"start_key": key, "evse_number": 1, "started_at": T0, "ended_at": T0 + HOUR, "is_open": False} | columns

    async def unit(work: Work) -> int:
        at = {"station_id": charger.ref.id, "location_id": two_tenants.green.location_id, "start_received_at": T0}
        transaction = Transaction(**at, **row)
        work.session().add(transaction)
        await work.session().flush()
        for value in values:
            told = {"evse_number": 1, "received_at": T0, "transaction_id": transaction.id} | value
            work.session().add(MeterValue(station_id=charger.ref.id, **told))
        return transaction.id or 0

    with tenant_scope(charger.ref.tenant_id):
        return await charger.committer.run(unit)


async def test_everything_stored_before_is_found(charger: Charger, two_tenants: TwoTenants):
    def at(hours: float) -> datetime:
        return T0 + hours * HOUR

    assert INDEX in await migrate(charger, "downgrade")
    try:
        usual = await add(charger, two_tenants, "usual", [{"sampled_at": at(0)}, {"sampled_at": at(1)}])
        odd = [{"sampled_at": at(-9000)}, {"sampled_at": at(0.5)}, {"sampled_at": at(2)}]
        odd_id = await add(charger, two_tenants, "odd", odd, machine={"missing": [3]}, evse_number=2)
        other = [{"sampled_at": at(0.2), "power_w": 1.0, "soc_percent": 1.0, "transaction_id": None}]
        await add(charger, two_tenants, "other", other)
        running = [
            {"sampled_at": at(0.1), "evse_number": 0, "power_w": 2.0},
            {"sampled_at": at(0.2), "evse_number": 0, "power_w": 3.0, "other": [{"value": "1"}]},
        ]
        open_id = await add(charger, two_tenants, "open", running, is_open=True, ended_at=None)
        silent = await add(charger, two_tenants, "silent", [], is_open=True, ended_at=None)
    finally:
        assert INDEX not in await migrate(charger, "upgrade")
    rows = {row.id: row for row in await charger.all(Transaction)}
    spans = {number: span_of(row.machine, row.started_at, row.ended_at).ranges() for number, row in rows.items()}
    assert rows[usual].machine == {}
    assert spans[odd_id] == [(at(-9000), at(2))]
    assert rows[odd_id].machine["missing"] == [3]
    assert spans[open_id] == [(at(0.1), at(0.2))]
    assert spans[silent] == []
    values = {(row.transaction_id, row.evse_number, row.sampled_at): row for row in await charger.meter_values()}
    assert {key for key in values if key[0] == odd_id} == {(odd_id, 2, value["sampled_at"]) for value in odd}
    merged = values[open_id, 1, at(0.2)]
    assert (merged.power_w, merged.soc_percent, merged.other) == (3.0, 1.0, [{"value": "1"}])
    assert len(values) == 7
    charger.clock.forward(600)
    await charger.meters(str(open_id), [Moment(at(0.3), energy_wh=1)])
    [row] = [row for row in await charger.all(Transaction) if row.id == open_id]
    assert span_of(row.machine, T0, None).ranges() == [(at(0.1), at(1.3))]

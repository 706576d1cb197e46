"""What a transaction's row and its meter values must tell, for a restart to lose nothing."""

from datetime import timedelta

import pytest

from csms.bus.events import Event, TransactionUpdated
from csms.transactions import queries
from csms.transactions.machine import State
from csms.transactions.meter import Moment
from csms.transactions.restore import state_of
from models.scope import tenant_scope
from tests.csms.transactions.charger import T0, Charger
from tests.csms.transactions.rows import StoredRows


def moment(second: int, context: str = "Sample.Periodic", **columns: int | float) -> Moment:
    return Moment(T0 + timedelta(seconds=second), context, **columns)  # type: ignore[arg-type]


RECOVERED = [moment(-1, energy_interval_wh=1), moment(0, energy_wh=1_000_000_000), moment(1, energy_wh=0)]
CASES = {
    "recovered after intervals": (0, RECOVERED, 1),
    "a start that comes late": (None, [moment(1, energy_wh=100), moment(0, "Transaction.Begin", energy_wh=40)], 60),
    "a start with a time too late": (
        None,
        [moment(1, energy_wh=100), moment(9, "Transaction.Begin", energy_wh=40)],
        60,
    ),
    "an answer to a question": (0, [moment(1, energy_wh=100), moment(9, "Trigger", energy_wh=5000)], 100),
    "two contexts of a moment": (0, [moment(1, "Sample.Clock", energy_wh=100), moment(1, energy_wh=5000)], 100),
    "power, then a register": (
        None,
        [moment(0, power_w=3600.0), moment(9, power_w=3600.0), moment(12, energy_wh=7)],
        9,
    ),
}


@pytest.mark.parametrize(("start_wh", "moments", "energy_wh"), CASES.values(), ids=CASES)
def test_the_rows_tell_the_progress(start_wh: int | None, moments: list[Moment], energy_wh: int):
    state = State(T0, start_wh=start_wh)
    rows = StoredRows(state)
    for sample in moments:
        state, _ = rows.store(state, sample)
    told, progress = state_of(rows.transaction, rows.newest()).progress, state.progress
    assert told.energy_wh == progress.energy_wh == energy_wh
    assert (told.register_wh, told.at, told.drop) == (progress.register_wh, progress.at, progress.drop)
    assert (told.source, told.estimated) == (progress.source, progress.estimated)


async def test_a_restart_after_a_register_came_back_loses_nothing(charger: Charger, told: list[Event]):
    running = await charger.start("CARD", meter_wh=0)
    for sample in RECOVERED:
        await charger.meters(running.transaction_id, [sample])
    charger.restart_server()
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            latest = await queries.latest_meter(session, [running.transaction_id])
    assert latest[running.transaction_id].energy_wh == 1
    charger.clock.forward(60)
    await charger.meter(running.transaction_id, energy_wh=10)
    assert [event.energy_wh for event in told if isinstance(event, TransactionUpdated)] == [1, 1, 1, 11]

"""TransactionEvent of 2.x; tests carry the conformance cases' own ids."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.bus.events import Event, TransactionEnded, TransactionStarted, TransactionUpdated
from csms.transactions.meter import Moment
from csms.transactions.reports import EventOutcome, EventReport, TokenRef
from csms.work import Committer, Work
from models import MeterValue, Transaction
from models.scope import tenant_scope
from tests.csms.transactions.charger import T0, Charger
from tests.tenancy import TwoTenants


def sample(charger: Charger, energy_wh: int, context: str = "Sample.Periodic", **columns: Any) -> dict[str, Any]:
    return {"moments": [Moment(charger.clock.now(), context, energy_wh, **columns)]}


async def only(charger: Charger) -> Transaction:
    [row] = await charger.all(Transaction)
    return row


async def test_e_01_a_session_told_bit_by_bit(charger: Charger, told: list[Event], two_tenants: TwoTenants):
    token = TokenRef(two_tenants.green.token, "ISO14443")
    await charger.event("Started", "tx-1", 0, evse_number=None, trigger_reason="CablePluggedIn")
    assert (await only(charger)).evse_number == 0
    await charger.event(
        "Updated", "tx-1", 1, charging_state="EVConnected", **sample(charger, 1000, "Transaction.Begin")
    )
    charger.clock.forward(10)
    outcome = await charger.event("Updated", "tx-1", 2, token=token, trigger_reason="Authorized")
    assert outcome.decision is not None
    assert outcome.decision.status == "Accepted"
    await charger.event("Updated", "tx-1", 3, charging_state="Charging", trigger_reason="ChargingStateChanged")
    charger.clock.forward(3600)
    outcome = await charger.event("Updated", "tx-1", 4, **sample(charger, 5000, power_w=4000.0))
    assert outcome == EventOutcome(None, Decimal("1.20"), "EUR")
    charger.clock.forward(60)
    end = sample(charger, 6000, "Transaction.End")
    outcome = await charger.event("Ended", "tx-1", 5, stopped_reason="EVDisconnected", token=token, **end)
    assert outcome.total_cost == Decimal("1.50")  # I_02
    row = await only(charger)
    assert (row.evse_number, row.id_token, row.driver_id) == (1, token.value, two_tenants.green.driver_id)
    assert (row.energy_wh, row.energy_source, row.start_energy_wh) == (5000, "registers", 1000)
    assert (row.stop_reason, row.last_seq_no, row.remarks, row.is_open) == ("EVDisconnected", 5, [], False)
    kinds = [type(event) for event in told]
    assert (kinds[0], kinds[-1], kinds.count(TransactionEnded)) == (TransactionStarted, TransactionEnded, 1)


async def test_ds_20_a_gap_is_remarked_until_it_is_filled(charger: Charger):
    await charger.event("Started", "tx", 0)
    await charger.event("Updated", "tx", 1, **sample(charger, 10))
    await charger.event("Updated", "tx", 4, **sample(charger, 40))
    assert (await only(charger)).remarks == ["seq_gap"]
    charger.restart_server()
    await charger.event("Updated", "tx", 2, offline=True)
    assert (await only(charger)).remarks == ["offline", "seq_gap"]
    await charger.event("Updated", "tx", 3, offline=True)
    row = await only(charger)
    assert (row.remarks, row.last_seq_no) == (["offline"], 4)


async def test_ds_21_late_events_merge_and_never_reopen(charger: Charger, told: list[Event]):
    await charger.event("Started", "tx", 0, **sample(charger, 0, "Transaction.Begin"))
    at = charger.clock.now() + timedelta(seconds=60)
    charger.clock.forward(120)
    await charger.event("Ended", "tx", 3, **sample(charger, 900, "Transaction.End"))
    ended = await only(charger)
    late = [Moment(at, energy_wh=400)]
    await charger.event("Updated", "tx", 1, at=at, offline=True, charging_state="Charging", moments=late)
    row = await only(charger)
    assert (row.is_open, row.charging_state, row.energy_wh, row.cost) == (False, "Idle", 900, ended.cost)
    assert [meter.transaction_energy_wh for meter in await charger.meter_values()] == [0, 400, 900]
    assert [type(event) for event in told].count(TransactionEnded) == 1


@pytest.mark.parametrize("kind", ["Updated", "Ended"])
async def test_ds_22_an_unknown_transaction_is_created_and_its_start_filled_in_later(charger: Charger, kind: Any):
    charger.clock.forward(100)
    context = "Transaction.End" if kind == "Ended" else "Sample.Periodic"
    outcome = await charger.event(kind, "tx", 5, token=TokenRef("NOBODY"), **sample(charger, 3000, context))
    assert outcome.decision is not None
    assert outcome.decision.status == "Invalid"
    row = await only(charger)
    assert (row.remarks, row.is_open, row.energy_wh) == (["partial_start", "unauthorized"], kind == "Updated", 0)
    begin = [Moment(T0, "Transaction.Begin", 1000)]
    await charger.event("Started", "tx", 4, at=T0, offline=True, moments=begin)
    row = await only(charger)
    assert (row.started_at, row.start_energy_wh, row.energy_wh) == (T0, 1000, 2000)
    assert (row.remarks, row.is_open) == (["unauthorized", "offline"], kind == "Updated")
    if kind == "Ended":
        assert row.cost == Decimal("0.60")


async def test_ds_23_every_event_may_come_twice(charger: Charger, told: list[Event]):
    for _ in range(2):
        await charger.event("Started", "tx", 0, at=T0, charging_state="Charging")
    moment = Moment(T0 + timedelta(seconds=10), energy_wh=10)
    for _ in range(2):
        await charger.event("Updated", "tx", 1, at=T0, moments=[moment])
    for meter_wh in (50, 60):
        end = [Moment(T0 + timedelta(seconds=20), "Transaction.End", meter_wh)]
        await charger.event("Ended", "tx", 2, at=T0 + timedelta(seconds=20), moments=end)
    row = await only(charger)
    assert (row.energy_wh, row.remarks) == (40, ["conflicting_end"])
    kinds = [type(event) for event in told]
    assert (kinds.count(TransactionStarted), kinds.count(TransactionEnded)) == (1, 1)
    assert len(await charger.all(MeterValue)) == 2


async def test_ds_23_an_id_is_the_station_s_own(charger: Charger, blue_charger: Charger):
    await charger.event("Started", "tx", 0)
    await blue_charger.event("Started", "tx", 0)
    await charger.event("Ended", "tx", 1)
    assert (await only(charger)).is_open is False
    assert (await only(blue_charger)).is_open is True


async def test_ds_24_a_new_transaction_on_an_evse_flags_the_open_one(charger: Charger):
    await charger.event("Started", "old", 0)
    await charger.event("Started", "new", 0)  # E_53: numbers begin again
    await charger.event("Started", "elsewhere", 0, evse_number=2)
    rows = {row.ocpp_id: (row.is_open, row.remarks) for row in await charger.all(Transaction)}
    assert rows == {"old": (True, ["superseded"]), "new": (True, []), "elsewhere": (True, [])}


async def test_ds_25_starter_and_stopper_are_kept_apart(charger: Charger, two_tenants: TwoTenants):
    await charger.event("Started", "tx", 0, token=TokenRef("", "NoAuthorization"))
    assert (await only(charger)).authorization_status == "Accepted"
    await charger.event("Updated", "tx", 1, token=TokenRef("MASTER", "Central"), trigger_reason="StopAuthorized")
    row = await only(charger)
    assert (row.id_token_type, row.id_token, row.stop_id_token) == ("NoAuthorization", "", "MASTER")


async def test_an_ordinary_update_costs_no_query(charger: Charger):
    await charger.event("Started", "tx", 0, charging_state="Charging")
    charger.clock.forward(10)
    now = charger.clock.now()
    report = EventReport("Updated", "tx", 1, now, now, "MeterValuePeriodic", moments=[Moment(now, energy_wh=5)])
    outcomes: list[Any] = []
    with tenant_scope(charger.ref.tenant_id):
        await charger.committer.run(
            lambda work: outcomes.append(charger.transactions.record_event(work, charger.ref, report))
        )
    assert isinstance(outcomes[0], EventOutcome)
    charger.restart_server()
    await charger.event("Updated", "tx", 2, moments=[])
    charger.restart_server()
    await charger.event("Updated", "tx", 3, **sample(charger, 9))
    row = await only(charger)
    assert row.remarks == []


async def test_a_remote_start_id_is_kept(charger: Charger):
    await charger.event("Started", "tx", 0, remote_start_id=77, trigger_reason="RemoteStart")
    await charger.event("Started", "other", 0, evse_number=2)
    await charger.event("Updated", "other", 1, evse_number=2, remote_start_id=78, trigger_reason="RemoteStart")
    assert {row.ocpp_id: row.remote_start_id for row in await charger.all(Transaction)} == {"tx": 77, "other": 78}


async def test_absurd_numbers_are_answered(charger: Charger):
    await charger.event("Started", "tx", 10**15, evse_number=10**12, connector_number=-4, remote_start_id=10**12)
    await charger.event("Ended", "tx", -7, at=T0 - timedelta(days=20_000), stopped_reason="x" * 50)
    assert (await only(charger)).is_open is False


async def test_a_unit_run_again_alone_changes_nothing(charger: Charger, committer: Committer, told: list[Event]):
    await charger.event("Started", "tx", 0, **sample(charger, 0, "Transaction.Begin"))
    charger.clock.forward(10)

    def spoil(work: Work) -> None:
        work.append(MeterValue, {"tenant_id": charger.ref.tenant_id, "station_id": None})

    with tenant_scope(charger.ref.tenant_id):
        spoiled = committer.run(spoil)
        neighbour = asyncio.ensure_future(spoiled)
        await charger.event("Updated", "tx", 1, **sample(charger, 70))
        with pytest.raises(Exception, match="meter_value"):
            await neighbour
    updates = [event.energy_wh for event in told if isinstance(event, TransactionUpdated)]
    assert updates[-1] == 70
    assert len(await charger.meter_values()) == 2

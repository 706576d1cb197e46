"""StartTransaction, MeterValues and StopTransaction of 1.6; tests carry the conformance cases' own ids."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import update
from sqlmodel import col

from csms.bus.events import Event, MessageParked, TokenSighted, TransactionEnded, TransactionStarted, TransactionUpdated
from csms.tariffs.service import add_version
from csms.transactions.meter import Moment
from csms.transactions.reports import TokenRef
from csms.work import Work
from models import Command, CommandState, Connector, ParkedMessage, Transaction
from models.scope import tenant_scope
from tests.csms.transactions.charger import T0, Charger
from tests.tenancy import TwoTenants


async def test_a_session_is_stored_priced_and_told(charger: Charger, told: list[Event], two_tenants: TwoTenants):
    green = two_tenants.green
    outcome = await charger.start(green.token.lower(), meter_wh=1000)
    charger.clock.forward(600)
    await charger.meter(outcome.transaction_id, energy_wh=3500, power_w=15_000)
    charger.clock.forward(600)
    await charger.stop(outcome.transaction_id, meter_wh=6000)
    row = await charger.transaction(outcome.transaction_id)
    assert outcome.decision.status == "Accepted"
    assert (row.energy_wh, row.energy_source, row.cost, row.currency) == (5000, "registers", Decimal("1.50"), "EUR")
    assert (row.is_open, row.ocpp_id, row.driver_id, row.remarks) == (False, str(row.id), green.driver_id, [])
    assert row.tariff_version_id == green.tariff_version_id
    assert [type(event) for event in told] == [TransactionStarted, TransactionUpdated, TransactionEnded]
    update = told[1]
    assert isinstance(update, TransactionUpdated)
    assert (update.energy_wh, update.power_w, update.cost) == (2500, 15_000, Decimal("0.75"))


async def test_x16_01_a_retried_start_is_the_same_start_also_after_a_restart(charger: Charger, told: list[Event]):
    first = await charger.start("CARD", meter_wh=10, at=T0)
    charger.clock.forward(60)
    again = await charger.start("CARD", meter_wh=10, at=T0)
    charger.restart_server()
    after_restart = await charger.start("CARD", meter_wh=10, at=T0)
    assert first.transaction_id == again.transaction_id == after_restart.transaction_id > 0
    assert len(await charger.all(Transaction)) == 1
    assert [type(event) for event in told] == [TransactionStarted, TokenSighted]


async def test_x16_02_a_second_start_on_a_connector_flags_the_first_and_leaves_it_open(charger: Charger):
    lost = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(3600)
    new = await charger.start("CARD", meter_wh=5000)
    assert new.transaction_id != lost.transaction_id
    row = await charger.transaction(lost.transaction_id)
    assert (row.is_open, row.remarks) == (True, ["unauthorized", "superseded"])
    await charger.meter(lost.transaction_id, energy_wh=4000)  # what it sends late is still its own
    await charger.status("Charging")
    await charger.stop(lost.transaction_id, meter_wh=4000)
    row = await charger.transaction(lost.transaction_id)
    assert (row.is_open, row.energy_wh, row.remarks) == (False, 4000, ["unauthorized", "superseded"])
    assert (await charger.transaction(new.transaction_id)).charging_state == "Charging"


@pytest.mark.parametrize("ref", [-1, 0, None, 987_654])
async def test_x16_03_meter_values_without_a_known_id_go_to_what_runs_there(charger: Charger, ref: int | None):
    running = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(60)
    await charger.meter(ref, energy_wh=100)
    await charger.meter(ref, evse=2, energy_wh=7)
    assert [row.transaction_id for row in await charger.meter_values()] == [running.transaction_id, None]


async def test_x16_03_a_stop_without_an_id_ends_the_one_it_can_mean(charger: Charger):
    running = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(60)
    await charger.stop(-1, meter_wh=500, token=TokenRef("card"))
    row = await charger.transaction(running.transaction_id)
    assert (row.is_open, row.energy_wh) == (False, 500)
    assert "placed_by_guess" in row.remarks


async def test_x16_03_a_stop_without_an_id_is_parked_when_it_can_mean_two(charger: Charger):
    await charger.start("CARD", evse=1)
    await charger.start("CARD", evse=2)
    await charger.stop(0, meter_wh=500)
    assert [row.is_open for row in await charger.all(Transaction)] == [True, True]
    assert len(await charger.all(ParkedMessage)) == 1


async def test_x16_04_a_stop_for_an_unknown_id_is_kept_once_and_told(charger: Charger, told: list[Event]):
    at = charger.clock.now()
    await charger.stop(424_242, meter_wh=500, at=at, moments=[Moment(at, energy_wh=500)])
    charger.clock.forward(10)
    await charger.stop(424_242, meter_wh=500, at=at, moments=[Moment(at, energy_wh=500)])
    [parked] = await charger.all(ParkedMessage)
    assert (parked.action, parked.payload["meter_wh"]) == ("StopTransaction", 500)
    assert parked.payload["moments"][0]["energy_wh"] == 500
    assert [type(event) for event in told] == [MessageParked]


async def test_x16_05_a_repeated_stop_keeps_the_first_end_and_merges_its_samples(charger: Charger, told: list[Event]):
    running = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(60)
    ended_at = charger.clock.now()
    await charger.stop(running.transaction_id, meter_wh=500, moments=[Moment(ended_at, "Transaction.End", 500)])
    first = await charger.transaction(running.transaction_id)
    charger.clock.forward(60)
    late = [Moment(ended_at, "Transaction.End", 500, power_w=0.0)]
    await charger.stop(running.transaction_id, meter_wh=999, moments=late)
    second = await charger.transaction(running.transaction_id)
    assert (second.energy_wh, second.ended_at, second.cost) == (500, first.ended_at, first.cost)
    assert "conflicting_end" in second.remarks
    [row] = await charger.meter_values()
    assert (row.energy_wh, row.power_w) == (500, 0.0)
    assert [type(event) for event in told].count(TransactionEnded) == 1


async def test_x16_06_a_stop_without_a_token_has_no_decision(charger: Charger, two_tenants: TwoTenants):
    running = await charger.start("CARD")
    outcome = await charger.stop(running.transaction_id, meter_wh=1, reason="Reboot")
    assert outcome.decision is None
    other = await charger.start("CARD", evse=2)
    outcome = await charger.stop(other.transaction_id, meter_wh=1, token=TokenRef(two_tenants.green.token))
    assert outcome.decision is not None
    assert outcome.decision.status == "Accepted"
    row = await charger.transaction(other.transaction_id)
    assert (row.id_token, row.stop_id_token) == ("CARD", two_tenants.green.token)


async def test_x16_07_transaction_data_does_not_double_what_is_stored(charger: Charger):
    running = await charger.start("CARD", meter_wh=1000)
    charger.clock.forward(60)
    sampled_at = charger.clock.now()
    await charger.meter(running.transaction_id, energy_wh=1200)
    charger.clock.forward(60)
    data = [
        Moment(T0, "Transaction.Begin", 1000),
        Moment(sampled_at, energy_wh=1200),
        Moment(charger.clock.now(), "Transaction.End", 1500),
    ]
    await charger.stop(running.transaction_id, meter_wh=1500, moments=data)
    rows = await charger.meter_values()
    assert [(row.context, row.transaction_energy_wh) for row in rows] == [
        ("Transaction.Begin", 0),
        ("Sample.Periodic", 200),
        ("Transaction.End", 500),
    ]
    assert (await charger.transaction(running.transaction_id)).energy_wh == 500


async def test_x16_08_insane_values_are_answered_and_flagged(charger: Charger):
    backwards = await charger.start("CARD", meter_wh=5000)
    await charger.stop(backwards.transaction_id, meter_wh=4000)
    row = await charger.transaction(backwards.transaction_id)
    assert (row.energy_wh, row.cost, row.energy_estimated) == (0, Decimal("0.00"), True)
    assert "meter_went_back" in row.remarks
    future = await charger.start("CARD", meter_wh=-5, at=T0 + timedelta(days=400))
    row = await charger.transaction(future.transaction_id)
    assert row.started_at == charger.clock.now()
    assert {"clock_wrong", "meter_negative"} <= set(row.remarks)
    huge = await charger.start("CARD" * 200, meter_wh=10**18, evse=2.0)  # type: ignore[arg-type]
    await charger.stop(huge.transaction_id, meter_wh=10**18, reason="x" * 100)
    await charger.stop(10**18, meter_wh=0)
    await charger.meter(10**18, energy_wh=1, evse=1)
    await charger.meter(None, energy_wh=1, evse=10**12)
    assert (await charger.transaction(huge.transaction_id)).is_open is False


async def test_x16_14_only_periodic_and_transaction_samples_belong_to_an_unnamed_transaction(charger: Charger):
    running = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(60)
    now = charger.clock.now()
    await charger.meters(None, [Moment(now, energy_wh=100), Moment(now, "Sample.Clock", 100)])
    await charger.meter(running.transaction_id, evse=0, energy_wh=900_000)  # the main meter, whatever it names
    owners = {(row.evse_number, row.context): row.transaction_id for row in await charger.meter_values()}
    assert owners == {
        (1, "Sample.Periodic"): running.transaction_id,
        (1, "Sample.Clock"): None,
        (0, "Sample.Periodic"): None,
    }


async def test_a_token_we_do_not_accept_still_gets_a_transaction(charger: Charger, two_tenants: TwoTenants):
    outcome = await charger.start(two_tenants.green.blocked_token)
    row = await charger.transaction(outcome.transaction_id)
    assert (outcome.decision.status, row.authorization_status, row.remarks) == ("Blocked", "Blocked", ["unauthorized"])


async def test_a_restart_in_the_middle_loses_nothing(charger: Charger, told: list[Event]):
    running = await charger.start("CARD", meter_wh=1000)
    for energy_wh in (1100, 50, 250):  # the meter is replaced on the way
        charger.clock.forward(60)
        await charger.meter(running.transaction_id, energy_wh=energy_wh)
        charger.restart_server()
    charger.clock.forward(60)
    await charger.meter(running.transaction_id, energy_wh=300)
    energies = [event.energy_wh for event in told if isinstance(event, TransactionUpdated)]
    assert energies == [100, 100, 300, 350]
    await charger.stop(running.transaction_id, meter_wh=320)
    row = await charger.transaction(running.transaction_id)
    assert (row.energy_wh, row.energy_estimated) == (370, True)
    assert row.remarks == ["unauthorized", "meter_went_back"]


async def test_repeated_meter_values_are_one_row_that_takes_what_is_new(charger: Charger, told: list[Event]):
    running = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(60)
    await charger.meter(running.transaction_id, energy_wh=100, other=[{"value": "raw"}])
    await charger.meter(running.transaction_id, energy_wh=100, power_w=6000.0)
    await charger.meter(running.transaction_id, energy_wh=100)
    [row] = await charger.meter_values()
    assert (row.energy_wh, row.transaction_energy_wh, row.power_w, row.other) == (100, 100, 6000.0, [{"value": "raw"}])
    assert sum(isinstance(event, TransactionUpdated) for event in told) == 1


@pytest.mark.parametrize("restart", [False, True])
async def test_meter_values_after_the_stop_belong_to_it_and_do_not_revive_it(charger: Charger, restart: bool):
    ended = await charger.start("CARD", meter_wh=0)
    charger.clock.forward(60)
    await charger.stop(ended.transaction_id, meter_wh=500)
    if restart:
        charger.restart_server()
    charger.clock.forward(5)
    await charger.start("NEXT", meter_wh=505)
    charger.clock.forward(5)
    await charger.meter(ended.transaction_id, energy_wh=505)
    [row] = await charger.meter_values()
    assert row.transaction_id == ended.transaction_id
    closed = await charger.transaction(ended.transaction_id)
    assert (closed.is_open, closed.energy_wh) == (False, 500)


async def test_ds_40_a_status_suspends_and_resumes_but_never_opens_or_closes(charger: Charger, told: list[Event]):
    await charger.status("Charging")
    assert await charger.all(Transaction) == []
    running = await charger.start("CARD")
    states: list[str] = []
    for status in ("Charging", "SuspendedEV", "Available", "SuspendedEVSE", "Finishing"):
        charger.clock.forward(10)
        await charger.status(status)
        states.append((await charger.transaction(running.transaction_id)).charging_state)
    await charger.status("Charging", at=T0)  # older than what is known
    row = await charger.transaction(running.transaction_id)
    assert states == ["Charging", "SuspendedEV", "SuspendedEV", "SuspendedEVSE", "EVConnected"]
    assert (row.charging_state, row.is_open) == ("EVConnected", True)
    assert sum(isinstance(event, TransactionUpdated) for event in told) == 4


async def test_a_status_that_came_before_the_start_holds_for_it(charger: Charger):
    async def unit(work: Work) -> None:
        await work.session().execute(update(Connector).where(col(Connector.evse_number) == 2).values(status="Charging"))

    with tenant_scope(charger.ref.tenant_id):
        await charger.committer.run(unit)
    states = [(await charger.start("CARD", evse=evse)).transaction_id for evse in (1, 2)]
    assert [(await charger.transaction(number)).charging_state for number in states] == ["EVConnected", "Charging"]


async def test_a_start_is_linked_to_the_remote_start_it_follows(charger: Charger, told: list[Event]):
    await _ask(charger, remote_start_id=11, id_token="Other", answer="Accepted")
    await _ask(charger, remote_start_id=12, id_token="Remote", answer="Rejected")
    await _ask(charger, remote_start_id=13, id_token="Remote", answer="Accepted")
    charger.clock.forward(30)
    started = await charger.start("REMOTE")
    second = await charger.start("REMOTE", evse=2)  # swiped next to it: nothing remote is left
    assert (await charger.transaction(started.transaction_id)).remote_start_id == 13
    assert (await charger.transaction(second.transaction_id)).remote_start_id is None
    first = told[0]
    assert isinstance(first, TransactionStarted)
    assert (first.cause_id, first.remote_start_id) == ("cause-13", 13)


async def test_an_old_remote_start_is_not_taken_for_the_cause(charger: Charger):
    await _ask(charger, remote_start_id=11, id_token="Remote", answer="Accepted")
    charger.clock.forward(301)
    started = await charger.start("REMOTE")
    assert (await charger.transaction(started.transaction_id)).remote_start_id is None


async def _ask(charger: Charger, remote_start_id: int, id_token: str, answer: str) -> None:
    async def unit(work: Work) -> None:
        work.session().add(
            Command(
                cause_id=f"cause-{remote_start_id}",
                station_id=charger.ref.id,
                action="RemoteStartTransaction",
                payload={"id_token": id_token, "evse_number": None},
                asked_at=charger.clock.now(),
                state=CommandState.ANSWERED,
                answer_status=answer,
                remote_start_id=remote_start_id,
            )
        )

    with tenant_scope(charger.ref.tenant_id):
        await charger.committer.run(unit)


async def test_tenants_do_not_meet(charger: Charger, blue_charger: Charger, two_tenants: TwoTenants):
    green = await charger.start(two_tenants.green.token, meter_wh=0)
    stranger = await blue_charger.start(two_tenants.green.token, meter_wh=0)
    assert stranger.decision.status == "Invalid"
    await blue_charger.stop(green.transaction_id, meter_wh=1)
    assert (await charger.transaction(green.transaction_id)).is_open
    assert len(await blue_charger.all(ParkedMessage)) == 1
    assert await charger.all(ParkedMessage) == []
    charger.clock.forward(90 * 60)
    await blue_charger.stop(stranger.transaction_id, meter_wh=10_000)
    row = await blue_charger.transaction(stranger.transaction_id)
    assert (row.cost, row.currency) == (Decimal("7.50"), "SGD")  # 10 kWh and 30 of 90 minutes


async def test_the_tariff_is_the_one_of_the_start(charger: Charger, two_tenants: TwoTenants):
    running = await charger.start("CARD", meter_wh=0)

    async def raise_prices(work: Work) -> None:
        tariff_id, now = two_tenants.green.tariff_id, charger.clock.now()
        await add_version(work.session(), tariff_id, {"energy_per_kwh": "9"}, valid_from=now)

    with tenant_scope(charger.ref.tenant_id):
        await charger.committer.run(raise_prices)
    charger.clock.forward(60)
    await charger.stop(running.transaction_id, meter_wh=1000)
    later = await charger.start("CARD", meter_wh=1000)
    await charger.stop(later.transaction_id, meter_wh=2000)
    assert (await charger.transaction(running.transaction_id)).cost == Decimal("0.30")
    assert (await charger.transaction(later.transaction_id)).cost == Decimal("9.00")

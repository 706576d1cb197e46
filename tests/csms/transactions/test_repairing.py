"""The repair inbox and lost sessions: what a person may decide, on both databases."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.access.policy import Actor
from csms.bus.events import Event, TransactionRepaired
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.transactions.inbox import Remedy, propose, resolved_messages, waiting_messages
from csms.transactions.meter import Moment
from csms.transactions.repairing import assign_message, close_lost, create_from_message, dismiss_message
from csms.transactions.reports import TokenRef
from csms.work import Work
from models import AuditEntry, MeterValue, ParkedMessage, Role, Transaction
from models.scope import tenant_scope
from tests.csms.transactions.charger import Charger
from tests.tenancy import TwoTenants

TOKEN = TokenRef("GREEN-CARD")


async def decide(charger: Charger, verb: Callable[..., Awaitable[Any]], *what: Any, role: str = Role.OPERATOR) -> Any:
    """An operator of the charger's tenant does something."""
    actor = Actor(None, "Ada", "ada@green.test", charger.ref.tenant_id, role)

    async def unit(work: Work) -> Any:
        result = await verb(work, actor, *what, charger.clock.now())
        for event in work.events:
            tell(charger, event)
        return result

    with tenant_scope(charger.ref.tenant_id):
        return await charger.committer.run(unit)


def tell(charger: Charger, event: Event) -> None:
    if isinstance(event, TransactionRepaired):
        charger.transactions.take_over(event)


async def waiting(charger: Charger) -> list[ParkedMessage]:
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            return await waiting_messages(session, station_id=charger.ref.id)


async def proposed(charger: Charger, message: ParkedMessage) -> tuple[Remedy, int | None]:
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            proposal = await propose(session, message)
    assert proposal.words
    return proposal.remedy, proposal.transaction_id


@pytest.mark.quirk(39)
@pytest.mark.case("X16_04")
async def test_a_session_is_recorded_from_a_stop_alone(charger: Charger) -> None:
    now = charger.clock.now()
    begin = Moment(now - timedelta(hours=1), "Transaction.Begin", energy_wh=1000)
    middle = Moment(now - timedelta(minutes=30), energy_wh=3000, power_w=4000.0)
    await charger.stop(4711, meter_wh=6000, token=TOKEN, reason="PowerLoss", moments=[begin, middle])
    await charger.stop(4711, meter_wh=6000, token=TOKEN, reason="PowerLoss", moments=[begin, middle])
    [message] = await waiting(charger)
    assert await proposed(charger, message) == (Remedy.CREATE, None)
    transaction_id = await decide(charger, create_from_message, message.id)
    row = await charger.transaction(transaction_id)
    assert (row.is_open, row.start_energy_wh, row.end_energy_wh, row.energy_wh) == (False, 1000, 6000, 5000)
    assert (row.started_at, row.ended_at, row.stop_reason) == (begin.sampled_at, now, "PowerLoss")
    assert (row.cost, row.id_token, row.remarks) == (Decimal("1.50"), "GREEN-CARD", ["recorded_by_operator"])
    assert [value.transaction_id for value in await charger.meter_values()] == [transaction_id] * 2
    assert await waiting(charger) == []
    [resolved] = await charger.all(ParkedMessage)
    assert (resolved.resolution, resolved.transaction_id) == ("created", transaction_id)
    assert resolved.resolved_by == "ada@green.test"
    [entry] = await charger.all(AuditEntry)
    assert (entry.action, entry.actor) == ("transaction.repair", "ada@green.test")
    await charger.stop(4711, meter_wh=6000, token=TOKEN, reason="PowerLoss", moments=[begin, middle])
    assert len(await charger.all(ParkedMessage)) == 1  # what was decided is not asked again


async def test_a_stop_is_given_to_the_session_it_ends(charger: Charger) -> None:
    started = await charger.start("GREEN-CARD", meter_wh=1000)
    charger.clock.forward(3600)
    await charger.stop(999, meter_wh=3000, token=TokenRef("ANOTHER"))
    [message] = await waiting(charger)
    assert await proposed(charger, message) == (Remedy.CREATE, None)  # by another card: not by itself
    await decide(charger, assign_message, message.id, started.transaction_id)
    row = await charger.transaction(started.transaction_id)
    assert (row.is_open, row.energy_wh, row.stop_id_token) == (False, 2000, "ANOTHER")
    assert "placed_by_operator" in row.remarks
    await charger.meter(started.transaction_id, energy_wh=3001)  # its node knows: it comes after the end
    assert not (await charger.transaction(started.transaction_id)).is_open
    assert (await charger.meter_values())[-1].transaction_id == started.transaction_id


@pytest.mark.case("DS_23")
async def test_a_second_end_that_differs_waits_and_may_take_the_place_of_the_first(charger: Charger) -> None:
    started = await charger.start("GREEN-CARD", meter_wh=0)
    charger.clock.forward(3600)
    await charger.stop(started.transaction_id, meter_wh=5000)
    await charger.stop(started.transaction_id, meter_wh=7000)
    [message] = await waiting(charger)
    assert message.transaction_id == started.transaction_id
    assert await proposed(charger, message) == (Remedy.DISMISS, None)
    assert (await charger.transaction(started.transaction_id)).energy_wh == 5000
    await decide(charger, assign_message, message.id, started.transaction_id)
    row = await charger.transaction(started.transaction_id)
    assert (row.energy_wh, row.end_energy_wh, row.cost) == (7000, 7000, Decimal("2.10"))
    assert row.remarks == ["placed_by_operator"]


@pytest.mark.case("DS_23")
async def test_two_ends_and_two_starts_of_a_transaction_event(charger: Charger) -> None:
    first, second = charger.clock.now(), charger.clock.now() + timedelta(minutes=1)
    await charger.event("Started", "tx", 0, at=first, token=TokenRef("GREEN-CARD", "ISO14443"))
    await charger.event("Started", "tx", 0, at=first, token=TokenRef("GREEN-CARD", "ISO14443"))
    assert await waiting(charger) == []
    await charger.event("Started", "tx", 0, at=second, token=TokenRef("GREEN-CARD", "ISO14443"))
    for wh in (4000, 4000, 9000):
        end = Moment(second, "Transaction.End", energy_wh=wh)
        await charger.event("Ended", "tx", 1, at=second, moments=[end])
    two_ends, two_starts = await waiting(charger)
    assert "two different ends" in two_ends.reason
    assert "two different starts" in two_starts.reason
    await decide(charger, dismiss_message, two_starts.id, "a copy with a corrected clock")
    await decide(charger, assign_message, two_ends.id, two_ends.transaction_id)
    [row] = await charger.all(Transaction)
    assert (row.end_energy_wh, row.started_at) == (9000, first)
    assert row.remarks == ["conflicting_start", "placed_by_operator"]


async def test_meter_values_are_given_to_a_session(charger: Charger) -> None:
    started = await charger.start("GREEN-CARD", meter_wh=0)
    charger.clock.forward(60)
    await charger.meter(started.transaction_id, evse=-7, energy_wh=500)
    [message] = await waiting(charger)
    assert await proposed(charger, message) == (Remedy.ASSIGN, started.transaction_id)
    await decide(charger, assign_message, message.id, started.transaction_id)
    [value] = await charger.all(MeterValue)
    assert (value.transaction_id, value.evse_number, value.energy_wh) == (started.transaction_id, 1, 500)
    charger.clock.forward(60)
    await charger.meter(started.transaction_id, energy_wh=900)
    await charger.stop(started.transaction_id, meter_wh=1000)
    row = await charger.transaction(started.transaction_id)
    assert (row.energy_wh, row.remarks) == (1000, ["placed_by_operator"])


@pytest.mark.case("DS_28")
async def test_ds_28_a_lost_session_is_closed_and_a_late_stop_still_wins(charger: Charger) -> None:
    started = await charger.start("GREEN-CARD", meter_wh=1000)
    charger.clock.forward(600)
    last = charger.clock.now()
    await charger.meter(started.transaction_id, energy_wh=1800)
    charger.clock.forward(90_000)
    await decide(charger, close_lost, started.transaction_id, "cable is gone")
    row = await charger.transaction(started.transaction_id)
    assert (row.is_open, row.ended_at, row.energy_wh, row.energy_estimated) == (False, last, 800, True)
    assert (row.remarks, row.cost) == (["closed_by_operator"], Decimal("0.24"))
    [entry] = await charger.all(AuditEntry)
    assert (entry.action, entry.details) == ("transaction.close", {"reason": "cable is gone"})
    await charger.meter(started.transaction_id, energy_wh=1900)  # it lives, but only a stop reopens the question
    assert not (await charger.transaction(started.transaction_id)).is_open
    await charger.stop(started.transaction_id, meter_wh=3000, reason="EVDisconnected")
    row = await charger.transaction(started.transaction_id)
    assert (row.energy_wh, row.ended_at, row.stop_reason) == (2000, charger.clock.now(), "EVDisconnected")
    assert (row.remarks, row.energy_estimated, row.cost) == ([], False, Decimal("0.60"))


@pytest.mark.case("DS_28")
async def test_ds_28_a_late_ended_wins_also_without_a_register(charger: Charger) -> None:
    await charger.event("Started", "tx", 0, moments=[Moment(charger.clock.now(), "Transaction.Begin", energy_wh=0)])
    [row] = await charger.all(Transaction)
    await decide(charger, close_lost, row.id, "gone")
    charger.clock.forward(600)
    await charger.event(
        "Ended", "tx", 1, moments=[Moment(charger.clock.now(), energy_wh=700)], stopped_reason="Timeout"
    )
    [row] = await charger.all(Transaction)
    assert (row.energy_wh, row.stop_reason, row.remarks) == (700, "Timeout", [])


async def test_not_everybody_may_and_not_everything(
    charger: Charger, blue_charger: Charger, two_tenants: TwoTenants
) -> None:
    await charger.stop(4711, meter_wh=6000)
    [message] = await waiting(charger)
    with pytest.raises(PermissionDeniedError, match="repair sessions"):
        await decide(charger, dismiss_message, message.id, "no", role=Role.VIEWER)
    with pytest.raises(InvalidInputError, match="Say why"):
        await decide(charger, dismiss_message, message.id, "  ")
    for verb, *what in ((dismiss_message, message.id, "no"), (create_from_message, message.id), (close_lost, 1, "no")):
        with pytest.raises(NotFoundError):
            await decide(blue_charger, verb, *what)
    assert await waiting(blue_charger) == []
    await decide(charger, dismiss_message, message.id, "a test of the installer")
    with pytest.raises(ConflictError, match=r"dismissed by ada@green\.test"):
        await decide(charger, create_from_message, message.id)
    started = await charger.start("GREEN-CARD")
    await charger.stop(started.transaction_id, meter_wh=10)
    with pytest.raises(ConflictError, match="has ended"):
        await decide(charger, close_lost, started.transaction_id, "no")
    with tenant_scope(charger.ref.tenant_id):
        async with charger.database.reading() as session:
            [resolved] = await resolved_messages(session)
    assert (resolved.resolution, resolved.note) == ("dismissed", "a test of the installer")

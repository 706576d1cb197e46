"""Data semantics of transactions, at the socket: gaps, late and doubled events, lost ends."""

from datetime import timedelta

import pytest

from csms.access.policy import Actor
from csms.errors import NotFoundError, PermissionDeniedError
from csms.transactions.lost import Condition, lost_transactions, verdict_on
from csms.transactions.repairing import close_lost
from models import ParkedMessage, Role, Transaction
from models.scope import platform_scope, tenant_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions16, Sessions201, moment, value


async def condition(lab: Lab, transaction_id: int, minutes: float = 0) -> Condition:
    """How a session stands, or will in some minutes."""
    with platform_scope():
        async with lab.platform.database.reading() as session:
            verdict = await verdict_on(session, transaction_id, lab.platform.clock.now() + timedelta(minutes=minutes))
    assert verdict is not None
    assert bool(verdict.why) == (verdict.condition is Condition.SUSPECTED_LOST)
    return verdict.condition


async def session_201(lab: Lab, station: object, ocpp_id: str = "tx-1") -> Sessions201:
    tx = Sessions201(lab, station, ocpp_id, await lab.token())  # type: ignore[arg-type]
    await tx.accepted("Started", "Authorized", minutes=30, chargingState="Charging")
    return tx


@pytest.mark.case("DS_20")
async def test_ds_20_a_gap_is_asked_about_after_a_reconnect(lab: Lab) -> None:
    ref = await lab.register()
    async with lab.station("2.0.1", ref=ref) as station:
        tx = await session_201(lab, station)
        for number in (1, 4):
            await tx.event("Updated", "MeterValuePeriodic", seq_no=number, minutes=20 - number)
        row = await tx.row()
        assert (row.remarks, row.last_seq_no, row.machine["missing"]) == (["seq_gap"], 4, [2, 3])
    async with lab.station("2.0.1", ref=ref) as station:
        tx.station = station
        asked = await station.expect("GetTransactionStatus")
        assert asked.payload == {"transactionId": "tx-1"}
        await station.answer(asked, {"ongoingIndicator": True, "messagesInQueue": True})
        await tx.event("Updated", "MeterValuePeriodic", seq_no=3, minutes=18, offline=True)
        assert "seq_gap" in (await tx.row()).remarks
        await tx.event("Updated", "MeterValuePeriodic", seq_no=2, minutes=17, offline=True)
        row = await tx.row()
        assert (row.remarks, row.last_seq_no, row.is_open) == (["offline"], 4, True)


@pytest.mark.case("DS_21")
async def test_ds_21_late_events_are_merged(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        station.answers["GetTransactionStatus"] = {"ongoingIndicator": False, "messagesInQueue": True}
        tx = await session_201(lab, station)
        end = [value(0, {"value": 900, "context": "Transaction.End"})]
        answer = await tx.event("Ended", "StopAuthorized", seq_no=3, meter=end)
        late = [value(20, {"value": 0, "context": "Transaction.Begin"})]
        first = await tx.event("Updated", "ChargingStateChanged", seq_no=1, minutes=20, meter=late, offline=True)
        second = await tx.event("Updated", "MeterValuePeriodic", seq_no=2, minutes=10, chargingState="Charging")
        row = await tx.row()
        assert (row.is_open, row.charging_state, row.ended_at) == (False, "Idle", moment())
        assert (row.energy_wh, row.energy_source, float(row.cost or 0)) == (900, "registers", 0.27)
        assert answer["totalCost"] == 0.0
        assert first["totalCost"] == second["totalCost"] == 0.27
        assert not station.was_asked("RequestStopTransaction")


@pytest.mark.case("DS_22")
@pytest.mark.parametrize("kind", ["Updated", "Ended"])
async def test_ds_22_the_first_event_is_not_the_start(lab: Lab, kind: str) -> None:
    async with lab.station("2.0.1") as station:
        station.answers["GetTransactionStatus"] = {"ongoingIndicator": False, "messagesInQueue": True}
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted(kind, "Authorized", seq_no=1, minutes=10)
        row = await tx.row()
        assert (row.is_open, row.remarks) == (kind == "Updated", ["partial_start"])
        await tx.accepted("Started", "CablePluggedIn", seq_no=0, minutes=30)
        row = await tx.row()
        assert (row.started_at, row.remarks, row.is_open) == (moment(30), [], kind == "Updated")


@pytest.mark.case("DS_23")
async def test_ds_23_twice_and_with_a_difference(lab: Lab) -> None:
    async with lab.station("2.0.1") as station, lab.station("2.0.1", tenant=lab.blue) as other:
        tx = await session_201(lab, station)
        foreign = Sessions201(lab, other)
        await foreign.event("Started", "CablePluggedIn", minutes=5)  # the same id elsewhere is another transaction
        await tx.accepted("Started", "Authorized", seq_no=0, minutes=30, chargingState="Charging")
        for wh in (100, 100, 200):
            end = [value(0, {"value": wh, "context": "Transaction.End"})]
            await tx.event("Ended", "StopAuthorized", seq_no=1, meter=end)
        row = await tx.row()
        assert (row.end_energy_wh, row.remarks) == (100, ["conflicting_end"])
        [parked] = await lab.rows(ParkedMessage, station_id=station.ref.id)
        assert (parked.transaction_id, parked.payload["kind"]) == (row.id, "Ended")
        assert (await foreign.row()).is_open


@pytest.mark.case("DS_24", "DS_28")
async def test_ds_24_a_new_one_on_an_evse_with_an_open_one(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        old = await session_201(lab, station, "old")
        new = Sessions201(lab, station, "new", await lab.token())
        await new.accepted("Started", "Authorized", chargingState="Charging")
        asked = await station.expect("GetTransactionStatus")
        assert asked.payload == {"transactionId": "old"}
        assert [(await tx.row()).is_open for tx in (old, new)] == [True, True]
        await station.answer(asked, {"ongoingIndicator": False, "messagesInQueue": False})

        async def told() -> bool:
            return (await old.row()).told_ongoing is False

        await lab.until(told)
        row = await old.row()
        assert (row.is_open, row.cost, row.remarks) == (True, None, ["superseded"])  # never ended, or billed, by itself
        assert await condition(lab, row.id or 0) is Condition.SUSPECTED_LOST
        assert await condition(lab, (await new.row()).id or 0) is Condition.OPEN


@pytest.mark.case("DS_25")
async def test_ds_25_starter_and_stopper(lab: Lab) -> None:
    stopper, nobody = await lab.token(), {"idToken": "", "type": "NoAuthorization"}
    async with lab.station("2.0.1") as station:
        tx = await session_201(lab, station)
        answer = await tx.event("Updated", "StopAuthorized", token=stopper)
        assert answer["idTokenInfo"]["status"] == "Accepted"
        answer = await tx.event("Ended", "StopAuthorized", token="NOBODY")
        assert answer["idTokenInfo"]["status"] in ("Invalid", "Unknown")
        row = await tx.row()
        assert (row.id_token, row.stop_id_token, row.is_open) == (tx.token, "NOBODY", False)
        free = Sessions201(lab, station, "free")
        answer = await free.event("Started", "CablePluggedIn", token=nobody)
        assert answer["idTokenInfo"]["status"] == "Accepted"


@pytest.mark.quirk(41)
@pytest.mark.case("DS_28")
async def test_ds_28_a_session_that_never_ends(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=30)
        await said.meter(value(20, {"value": "500"}), transactionId=transaction_id)
        assert await condition(lab, transaction_id) is Condition.OPEN
        assert await condition(lab, transaction_id, minutes=25 * 60) is Condition.SUSPECTED_LOST  # silent
        await said.status("Available", minutes=10)
        assert await condition(lab, transaction_id) is Condition.SUSPECTED_LOST
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                lost = await lost_transactions(session, lab.platform.clock.now(), station.ref.id)
        assert [each.transaction.id for each in lost] == [transaction_id]
        now = lab.platform.clock.now()
        with tenant_scope(lab.green.id):
            await lab.platform.committer.run(
                lambda work: close_lost(work, lab.operator, transaction_id, "the car is gone", now)
            )
        assert await condition(lab, transaction_id) is Condition.CLOSED_BY_OPERATOR
        row = await said.row(transaction_id)
        assert (row.energy_wh, row.energy_estimated, row.ended_at) == (500, True, moment(20))
        await said.meter(value(15, {"value": "600"}), transactionId=transaction_id)
        assert not (await said.row(transaction_id)).is_open
        await said.stop(transaction_id, meter=800, reason="PowerLoss")
        row = await said.row(transaction_id)
        assert (row.energy_wh, row.energy_estimated, row.stop_reason) == (800, False, "PowerLoss")
        assert await condition(lab, transaction_id) is Condition.ENDED


@pytest.mark.case("DS_28")
async def test_ds_28_only_who_may_closes_and_only_what_is_theirs(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token)
        now = lab.platform.clock.now()
        viewer = Actor(None, "Guest", "guest@example.test", lab.green.id, Role.VIEWER)
        stranger = Actor(None, "Blue", "blue@example.test", lab.blue.id, Role.ADMIN)
        for actor, error in ((viewer, PermissionDeniedError), (stranger, NotFoundError)):
            with tenant_scope(actor.tenant_id), pytest.raises(error):
                await lab.platform.committer.run(
                    lambda work, actor=actor: close_lost(work, actor, transaction_id, "mine", now)
                )
        assert (await said.row(transaction_id)).is_open


@pytest.mark.quirk(58, 71)
@pytest.mark.case("DS_29")
async def test_ds_29_a_server_that_was_killed_goes_on(lab: Lab) -> None:
    """The station resumes with meter values alone, old times, old id, no boot and no status."""
    ref, token = await lab.register(), await lab.token()
    async with lab.station(ref=ref) as station:
        transaction_id = await Sessions16(lab, station).started(token, meter=0, minutes=30)
    lab.platform.gateway._services.transactions.forget(ref.id)
    async with lab.station(ref=ref, boot=False) as station:
        said = Sessions16(lab, station)
        await said.meter(value(20, {"value": "500"}), transactionId=transaction_id)
        await said.stop(transaction_id, meter=900)
        [row] = await lab.rows(Transaction, station_id=ref.id)
        assert (row.id, row.energy_wh, row.is_open) == (transaction_id, 900, False)


@pytest.mark.case("DS_26")
async def test_ds_26_token_information_only_where_a_token_is(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = await session_201(lab, station)
        assert "idTokenInfo" not in await tx.event("Updated", "MeterValuePeriodic")
        assert set(await tx.event("Ended", "StopAuthorized")) == {"totalCost"}

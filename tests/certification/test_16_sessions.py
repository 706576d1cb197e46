"""OCPP 1.6, Core: sessions from plug to stop, local, remote and offline."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from csms.commands.commands import RequestStart, RequestStop
from csms.transactions.orders import OrderState, remote_starts
from models import Command, Connector
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions16, moment
from tests.certification.station import BenchStation


@asynccontextmanager
async def sessions(lab: Lab) -> AsyncGenerator[tuple[Sessions16, str]]:
    async with lab.station() as station:
        yield Sessions16(lab, station), await lab.token()


async def states(lab: Lab, station: BenchStation, minutes: float = 0) -> list[tuple[str, int | None]]:
    """The remote starts of a station, as they will stand in some minutes."""
    with platform_scope():
        async with lab.platform.database.reading() as session:
            now = lab.platform.clock.now() + timedelta(minutes=minutes)
            orders = await remote_starts(session, station.ref.id, now)
    return [(order.state.value, order.transaction_id) for order in orders]


async def order(lab: Lab, station: BenchStation, token: str, answer: str = "Accepted") -> Command:
    asking = lab.ask(station, RequestStart(1, token, "ISO14443", remote_start_id=station.ref.id * 1000))
    asked = await station.expect("RemoteStartTransaction")
    assert asked.payload == {"connectorId": 1, "idTag": token}
    await station.answer(asked, {"status": answer})
    result = await asking
    assert (result.succeeded, result.answer_status) == (answer == "Accepted", answer)
    return await lab.row(Command, id=result.command_id)


@pytest.mark.parametrize(
    "plug_first",
    [
        pytest.param(True, marks=pytest.mark.case("TC_003_CSMS")),
        pytest.param(False, marks=pytest.mark.case("TC_004_1_CSMS")),
    ],
)
async def test_tc_003_tc_004_1_session(lab: Lab, plug_first: bool) -> None:
    async with sessions(lab) as (said, token):
        if plug_first:
            await said.status("Preparing")
        assert await said.authorize(token) == "Accepted"
        assert await said.rows() == []
        if not plug_first:
            await said.status("Preparing")
        transaction_id = await said.started(token, meter=1200, minutes=5)
        await said.status("Charging")
        row = await said.row(transaction_id)
        assert (row.evse_number, row.connector_number, row.id_token) == (1, 1, token)
        assert (row.start_energy_wh, row.started_at, row.is_open) == (1200, moment(5), True)
        assert row.start_received_at > row.started_at
        assert row.charging_state == "Charging"


@pytest.mark.case("TC_004_2_CSMS")
async def test_tc_004_2_identification_first_and_nobody_plugs_in(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        assert await said.authorize(token) == "Accepted"
        await said.status("Preparing")
        await said.status("Available")
        assert await said.rows() == []
        other = await lab.token()
        row = await said.row(await said.started(other, minutes=0))
        assert (row.id_token, row.remote_start_id, row.remarks) == (other, None, [])


@pytest.mark.case("TC_005_1_CSMS")
async def test_tc_005_1_ev_side_disconnect(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        transaction_id = await said.started(token, meter=1000)
        await said.status("SuspendedEV", minutes=1)
        assert (await said.row(transaction_id)).charging_state == "SuspendedEV"
        answer = await said.stop(transaction_id, meter=4000, reason="EVDisconnected", idTag=token)
        assert answer["idTagInfo"]["status"] == "Accepted"
        for status in ("Finishing", "Available"):
            await said.status(status)
            assert (await lab.rows(Connector, station_id=said.station.ref.id))[0].status == status
        row = await said.row(transaction_id)
        assert (row.is_open, row.stop_reason, row.end_energy_wh) == (False, "EVDisconnected", 4000)
        assert (row.ended_at, row.energy_wh) == (moment(), 3000)


@pytest.mark.parametrize(
    "plug_first",
    [
        pytest.param(True, marks=pytest.mark.case("TC_010_CSMS")),
        pytest.param(False, marks=pytest.mark.case("TC_011_1_CSMS")),
    ],
)
async def test_tc_010_tc_011_1_remote_start(lab: Lab, plug_first: bool) -> None:
    async with sessions(lab) as (said, token):
        if plug_first:
            await said.status("Preparing")
        command = await order(lab, said.station, token)
        assert await said.authorize(token) == "Accepted"
        if not plug_first:
            await said.status("Preparing")
        assert await states(lab, said.station) == [("waiting", None)]
        transaction_id = await said.started(token, minutes=0)
        await said.status("Charging")
        assert (await said.row(transaction_id)).remote_start_id == command.remote_start_id
        assert await states(lab, said.station) == [("started", transaction_id)]


@pytest.mark.quirk(37)
@pytest.mark.case("TC_011_2_CSMS")
async def test_tc_011_2_remote_start_and_nobody_plugs_in(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        await order(lab, said.station, token)
        assert await said.authorize(token) == "Accepted"
        await said.status("Preparing")
        await said.status("Available")
        assert await said.rows() == []
        assert await states(lab, said.station, minutes=4) == [("waiting", None)]
        assert await states(lab, said.station, minutes=6) == [(OrderState.EXPIRED, None)]


@pytest.mark.case("TC_012_CSMS")
async def test_tc_012_remote_stop(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        transaction_id = await said.started(token)
        asking = lab.ask(said.station, RequestStop(str(transaction_id)))
        asked = await said.station.expect("RemoteStopTransaction")
        assert asked.payload == {"transactionId": transaction_id}
        await said.station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert (await said.row(transaction_id)).is_open
        await said.stop(transaction_id, meter=500, reason="Remote")
        await said.status("Finishing")
        await said.status("Available")
        row = await said.row(transaction_id)
        assert (row.is_open, row.stop_reason) == (False, "Remote")


@pytest.mark.case("TC_026_CSMS")
async def test_tc_026_remote_start_rejected(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        command = await order(lab, said.station, token, "Rejected")
        assert command.answer_status == "Rejected"
        assert await states(lab, said.station) == [("declined", None)]
        await said.station.call("Heartbeat")
        assert not said.station.was_asked("RemoteStartTransaction")
        assert await said.rows() == []


@pytest.mark.quirk(44)
@pytest.mark.case("TC_028_CSMS")
async def test_tc_028_remote_stop_rejected(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        transaction_id = await said.started(token)
        for number in (transaction_id, 2_000_000_000):
            _, result = await lab.operate(
                said.station, "RemoteStopTransaction", {"transactionId": number}, {"status": "Rejected"}
            )
            assert (result.answer_status, result.succeeded) == ("Rejected", False)
        assert (await said.row(transaction_id)).is_open


@pytest.mark.case("TC_032_1_CSMS")
async def test_tc_032_1_power_failure(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        transaction_id = await said.started(token, meter=0)
        assert (await said.station.boot())["status"] == "Accepted"
        await said.status("Finishing", 1)
        await said.status("Available", 2)
        assert (await said.row(transaction_id)).is_open
        assert await said.stop(transaction_id, meter=700, reason="PowerLoss") == {}
        row = await said.row(transaction_id)
        assert (row.is_open, row.stop_reason, row.energy_wh) == (False, "PowerLoss", 700)


@pytest.mark.case("TC_037_1_CSMS")
async def test_tc_037_1_offline_start(lab: Lab) -> None:
    ref = await lab.register()
    token = await lab.token()
    async with lab.station(ref=ref):
        pass
    async with lab.station(ref=ref, boot=False) as station:
        said = Sessions16(lab, station)
        row = await said.row(await said.started(token, minutes=90))
        await said.status("Charging")
        assert (row.started_at, row.remarks) == (moment(90), ["offline"])
        assert row.start_received_at > moment(1)


@pytest.mark.case("TC_037_3_CSMS")
async def test_tc_037_3_offline_start_with_an_invalid_token(lab: Lab) -> None:
    async with lab.station() as station:
        said = Sessions16(lab, station)
        answer = await said.start("NOBODY", minutes=90)
        assert answer["idTagInfo"] == {"status": "Invalid"}
        assert answer["transactionId"] > 0
        await said.status("Charging")
        assert await said.stop(answer["transactionId"], meter=300, reason="DeAuthorized") == {}
        await said.status("Finishing")
        row = await said.row(answer["transactionId"])
        assert (row.is_open, row.energy_wh, row.stop_reason) == (False, 300, "DeAuthorized")
        assert "unauthorized" in row.remarks
        assert row.authorization_status == "Invalid"


@pytest.mark.case("TC_039_CSMS")
async def test_tc_039_a_whole_session_offline(lab: Lab) -> None:
    async with sessions(lab) as (said, token):
        transaction_id = await said.started(token, meter=100, minutes=120)
        await said.stop(transaction_id, meter=8100, minutes=60, reason="Local")
        row = await said.row(transaction_id)
        assert (row.started_at, row.ended_at, row.energy_wh) == (moment(120), moment(60), 8000)
        assert row.remarks == ["offline"]

"""OCPP 2.0.1, block F: remote start."""

from datetime import timedelta

import pytest

from csms.commands.commands import RequestStart
from csms.transactions.orders import remote_starts
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions201
from tests.certification.station import BenchStation, Json


async def order(lab: Lab, station: BenchStation, token: str, **answer: str) -> int:
    """RequestStartTransaction, accepted; returns its remoteStartId."""
    number = station.ref.id * 1000
    asking = lab.ask(station, RequestStart(1, token, "ISO14443", number))
    asked = await station.expect("RequestStartTransaction")
    assert asked.payload == {
        "evseId": 1,
        "remoteStartId": number,
        "idToken": {"idToken": token, "type": "ISO14443"},
    }
    await station.answer(asked, {"status": "Accepted"} | answer)
    assert (await asking).succeeded
    return number


async def state(lab: Lab, station: BenchStation, minutes: float = 0) -> str:
    with platform_scope():
        async with lab.platform.database.reading() as session:
            now = lab.platform.clock.now() + timedelta(minutes=minutes)
            [found] = await remote_starts(session, station.ref.id, now)
    return found.state


@pytest.mark.case("TC_F_01_CSMS")
@pytest.mark.parametrize("says_number", [True, False])
async def test_tc_f_01_cable_first(lab: Lab, says_number: bool) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.event("Started", "CablePluggedIn", chargingState="EVConnected")
        number = await order(lab, station, tx.token, transactionId=tx.ocpp_id)
        assert (await tx.row()).remote_start_id == number  # by the id in the answer
        info: Json = {"remoteStartId": number} if says_number else {}
        await tx.accepted("Updated", "RemoteStart", **info)
        await tx.event("Updated", "ChargingStateChanged", chargingState="Charging")
        row = await tx.row()
        assert (row.remote_start_id, row.id_token) == (number, tx.token)
        assert await state(lab, station) == "started"


@pytest.mark.parametrize(
    "authorizes",
    [
        pytest.param(True, marks=pytest.mark.case("TC_F_02_CSMS")),
        pytest.param(False, marks=pytest.mark.case("TC_F_03_CSMS")),
    ],
)
async def test_tc_f_02_tc_f_03_remote_first(lab: Lab, authorizes: bool) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        number = await order(lab, station, tx.token)
        if authorizes:
            payload = {"idToken": {"idToken": tx.token, "type": "ISO14443"}}
            assert (await station.call("Authorize", payload))["idTokenInfo"]["status"] == "Accepted"
        assert await state(lab, station) == "waiting"
        await tx.accepted("Started", "RemoteStart", remoteStartId=number)
        await tx.event("Updated", "CablePluggedIn", chargingState="EVConnected")
        row = await tx.row()
        assert (row.remote_start_id, row.evse_number, row.is_open) == (number, 1, True)
        assert await state(lab, station) == "started"


@pytest.mark.case("TC_F_04_CSMS")
async def test_tc_f_04_nobody_plugs_in(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        number = await order(lab, station, tx.token)
        assert await state(lab, station, minutes=4) == "waiting"
        assert await state(lab, station, minutes=6) == "expired"
        await tx.accepted("Started", "RemoteStart", remoteStartId=number)
        await tx.event("Ended", "EVConnectTimeout", stoppedReason="Timeout")
        row = await tx.row()
        assert (row.is_open, row.stop_reason, row.remote_start_id) == (False, "Timeout", number)

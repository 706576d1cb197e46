"""OCPP 2.0.1, block E: transactions."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from csms.commands.commands import RequestStop
from models import Transaction
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions201, moment, value
from tests.certification.station import BenchStation, Json

BEGIN = {"context": "Transaction.Begin", "value": 1000}
PERIODIC = {"context": "Sample.Periodic", "value": 3000}
END = {"context": "Transaction.End", "value": 6000}


@asynccontextmanager
async def said(lab: Lab, ocpp_id: str = "tx-1") -> AsyncGenerator[Sessions201]:
    async with lab.station("2.0.1") as station:
        yield Sessions201(lab, station, ocpp_id, await lab.token())


async def begin(tx: Sessions201, minutes: float = 10) -> None:
    """A session that charges."""
    await tx.event("Started", "CablePluggedIn", minutes=minutes, chargingState="EVConnected")
    await tx.accepted("Updated", "Authorized", minutes=minutes, meter=[value(minutes, BEGIN)])
    await tx.event("Updated", "ChargingStateChanged", minutes=minutes, chargingState="Charging")


@pytest.mark.parametrize(
    ("first", "then"),
    [
        pytest.param(
            {"reason": "ChargingStateChanged", "token": True, "chargingState": "EVConnected"},
            [],
            marks=pytest.mark.case("TC_E_01_CSMS"),
            id="PowerPathClosed",
        ),
        pytest.param(
            {"reason": "ChargingStateChanged", "token": True, "chargingState": "Charging"},
            [],
            marks=pytest.mark.case("TC_E_02_CSMS"),
            id="EnergyTransfer",
        ),
        pytest.param(
            {"reason": "CablePluggedIn", "chargingState": "EVConnected"},
            [{"reason": "Authorized", "token": True}],
            marks=pytest.mark.case("TC_E_09_CSMS"),
            id="EVConnected",
        ),
        pytest.param(
            {"reason": "Authorized", "token": True, "evse": None},
            [{"reason": "CablePluggedIn", "chargingState": "EVConnected"}],
            marks=pytest.mark.case("TC_E_10_CSMS"),
            id="Authorized",
        ),
        pytest.param(
            {"reason": "SignedDataReceived", "token": True, "chargingState": "EVConnected"},
            [],
            marks=pytest.mark.case("TC_E_11_CSMS"),
            id="DataSigned",
        ),
        pytest.param(
            {"reason": "EVDetected"},
            [{"reason": "Authorized", "token": True}, {"reason": "CablePluggedIn", "chargingState": "EVConnected"}],
            marks=pytest.mark.case("TC_E_12_CSMS"),
            id="ParkingBayOccupancy",
        ),
    ],
)
async def test_tc_e_start_at_every_start_point(lab: Lab, first: dict[str, Any], then: list[dict[str, Any]]) -> None:
    async with said(lab) as tx:
        for kind, event in [("Started", first), *(("Updated", event) for event in then)]:
            options = {"minutes": 10} | event
            answer = await tx.event(kind, options.pop("reason"), **options)
            if event.get("token"):
                assert answer["idTokenInfo"]["status"] == "Accepted"
        await tx.event("Updated", "ChargingStateChanged", chargingState="Charging")
        row = await tx.row()
        assert (row.ocpp_id, row.started_at, row.is_open) == ("tx-1", moment(10), True)
        assert (row.evse_number, row.connector_number, row.id_token) == (1, 1, tx.token)
        assert (row.charging_state, row.remarks) == ("Charging", [])


@pytest.mark.case("TC_E_03_CSMS", "DS_45")
async def test_tc_e_03_cable_first(lab: Lab) -> None:
    async with said(lab) as tx:
        await tx.status("Occupied")
        await tx.event("Started", "CablePluggedIn", chargingState="EVConnected")
        authorize = {"idToken": {"idToken": tx.token, "type": "ISO14443"}}
        assert (await tx.station.call("Authorize", authorize))["idTokenInfo"]["status"] == "Accepted"
        await tx.accepted("Updated", "Authorized", chargingState="EVConnected")
        for state in ("Charging", "SuspendedEVSE", "SuspendedEV", "Idle", "Charging"):
            await tx.event("Updated", "ChargingStateChanged", chargingState=state)
            assert (await tx.row()).charging_state == state


@pytest.mark.case("TC_E_04_CSMS")
async def test_tc_e_04_authorization_first(lab: Lab) -> None:
    async with said(lab) as tx:
        authorize = {"idToken": {"idToken": tx.token, "type": "ISO14443"}}
        assert (await tx.station.call("Authorize", authorize))["idTokenInfo"]["status"] == "Accepted"
        assert await lab.rows(Transaction, station_id=tx.station.ref.id) == []
        await tx.accepted("Started", "Authorized", evse=None)
        await tx.status("Occupied")
        await tx.event("Updated", "CablePluggedIn", chargingState="EVConnected")
        await tx.event("Updated", "ChargingStateChanged", chargingState="Charging")
        row = await tx.row()
        assert (row.evse_number, row.id_token, row.charging_state) == (1, tx.token, "Charging")


@pytest.mark.case("TC_E_38_CSMS")
async def test_tc_e_38_ev_not_ready(lab: Lab) -> None:
    async with said(lab) as tx:
        await tx.event("Started", "CablePluggedIn", chargingState="EVConnected")
        await tx.accepted("Updated", "Authorized")
        await tx.event("Updated", "ChargingStateChanged", chargingState="SuspendedEV")
        assert (await tx.row()).charging_state == "SuspendedEV"


@pytest.mark.parametrize(
    ("updates", "reason", "state", "stopped"),
    [
        pytest.param(
            [("StopAuthorized", "EVConnected")],
            "ChargingStateChanged",
            "EVConnected",
            None,
            marks=pytest.mark.case("TC_E_07_CSMS"),
            id="PowerPathClosed",
        ),
        pytest.param(
            [("StopAuthorized", None)],
            "ChargingStateChanged",
            "EVConnected",
            "Local",
            marks=pytest.mark.case("TC_E_08_CSMS"),
            id="EnergyTransfer StopAuthorized",
        ),
        pytest.param(
            [("StopAuthorized", None), ("ChargingStateChanged", "EVConnected")],
            "EVCommunicationLost",
            "Idle",
            "EVDisconnected",
            marks=pytest.mark.case("TC_E_14_CSMS"),
            id="EVDisconnected at the station",
        ),
        pytest.param([], "StopAuthorized", "EVConnected", None, marks=pytest.mark.case("TC_E_15_CSMS"), id="local"),
        pytest.param(
            [("StopAuthorized", None), ("EVCommunicationLost", "Idle")],
            "EVDeparted",
            "Idle",
            "Local",
            marks=pytest.mark.case("TC_E_19_CSMS"),
            id="ParkingBayUnoccupied",
        ),
        pytest.param(
            [("ChargingStateChanged", "SuspendedEV")],
            "EVCommunicationLost",
            "Idle",
            "EVDisconnected",
            marks=pytest.mark.case("TC_E_20_CSMS"),
            id="EVDisconnected by the EV",
        ),
        pytest.param(
            [],
            "ChargingStateChanged",
            "SuspendedEV",
            "StoppedByEV",
            marks=pytest.mark.case("TC_E_22_CSMS"),
            id="EnergyTransfer SuspendedEV",
        ),
    ],
)
async def test_tc_e_stop_at_every_stop_point(
    lab: Lab, updates: list[tuple[str, str | None]], reason: str, state: str, stopped: str | None
) -> None:
    async with said(lab) as tx:
        await begin(tx)
        for trigger, charging_state in updates:
            info = {} if charging_state is None else {"chargingState": charging_state}
            send = tx.accepted if trigger == "StopAuthorized" else tx.event
            await send("Updated", trigger, minutes=1, **info)
        info = {"chargingState": state, "timeSpentCharging": 540} | ({"stoppedReason": stopped} if stopped else {})
        send = tx.accepted if reason == "StopAuthorized" else tx.event
        await send("Ended", reason, meter=[value(1, PERIODIC), value(0, END)], **info)
        row = await tx.row()
        assert (row.is_open, row.stop_reason, row.ended_at) == (False, stopped or "Local", moment())
        assert (row.end_energy_wh, row.energy_wh, row.energy_source) == (6000, 5000, "registers")
        assert (row.charging_state, row.end_charging_state, row.time_charging_s) == ("Idle", state, 540)


@pytest.mark.case("TC_E_16_CSMS")
async def test_tc_e_16_invalid_token(lab: Lab) -> None:
    async with said(lab) as tx:
        await tx.event("Started", "CablePluggedIn", chargingState="EVConnected")
        answer = await tx.event("Updated", "Authorized", token="NOBODY")
        assert answer["idTokenInfo"]["status"] in ("Invalid", "Unknown")
        await tx.event("Ended", "Deauthorized", stoppedReason="DeAuthorized")
        row = await tx.row()
        assert (row.is_open, row.stop_reason, "unauthorized" in row.remarks) == (False, "DeAuthorized", True)


@pytest.mark.case("TC_E_17_CSMS")
async def test_tc_e_17_invalid_token_then_the_ev_leaves(lab: Lab) -> None:
    async with said(lab) as tx:
        answer = await tx.event("Started", "Authorized", token="NOBODY", chargingState="EVConnected")
        assert answer["idTokenInfo"]["status"] in ("Invalid", "Unknown")
        await tx.event("Updated", "Deauthorized", chargingState="SuspendedEVSE")
        await tx.event("Ended", "EVCommunicationLost", stoppedReason="DeAuthorized", chargingState="Idle")
        assert (await tx.row()).stop_reason == "DeAuthorized"


@pytest.mark.case("TC_E_39_CSMS")
async def test_tc_e_39_cable_timeout(lab: Lab) -> None:
    async with said(lab) as tx:
        await tx.accepted("Started", "Authorized", evse=None)
        await tx.event("Ended", "EVConnectTimeout", evse=None, stoppedReason="Timeout")
        row = await tx.row()
        assert (row.is_open, row.stop_reason, row.energy_wh) == (False, "Timeout", 0)


@pytest.mark.case("TC_E_21_CSMS")
async def test_tc_e_21_stop_remote(lab: Lab) -> None:
    async with said(lab, "station-s own id") as tx:
        await begin(tx)
        asking = lab.ask(tx.station, RequestStop(tx.ocpp_id))
        asked = await tx.station.expect("RequestStopTransaction")
        assert asked.payload == {"transactionId": "station-s own id"}
        await tx.station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        await tx.event("Updated", "RemoteStop", chargingState="EVConnected")
        assert (await tx.row()).is_open
        await tx.event("Ended", "RemoteStop", stoppedReason="Remote")
        row = await tx.row()
        assert (row.is_open, row.stop_reason) == (False, "Remote")


@pytest.mark.case("TC_E_26_CSMS")
async def test_tc_e_26_ev_disconnects_and_comes_back(lab: Lab) -> None:
    async with said(lab) as tx:
        await begin(tx)
        for reason, state in (
            ("ChargingStateChanged", "SuspendedEV"),
            ("EVCommunicationLost", "Idle"),
            ("CablePluggedIn", "EVConnected"),
            ("ChargingStateChanged", "Charging"),
        ):
            await tx.event("Updated", reason, chargingState=state)
        [row] = await lab.rows(Transaction, station_id=tx.station.ref.id)
        assert (row.is_open, row.charging_state) == (True, "Charging")


async def status_of(lab: Lab, station: BenchStation, payload: Json, answer: Json) -> None:
    asked, result = await lab.operate(station, "GetTransactionStatus", payload, answer)
    assert asked.payload == payload
    assert (result.succeeded, result.answer) == (True, answer)


@pytest.mark.parametrize(
    ("with_id", "ongoing", "queued"),
    [
        pytest.param(True, True, True, marks=pytest.mark.case("TC_E_29_CSMS")),
        pytest.param(True, True, False, marks=pytest.mark.case("TC_E_30_CSMS")),
        pytest.param(False, None, True, marks=pytest.mark.case("TC_E_33_CSMS")),
        pytest.param(False, None, False, marks=pytest.mark.case("TC_E_34_CSMS")),
    ],
)
async def test_tc_e_29_get_transaction_status(lab: Lab, with_id: bool, ongoing: bool | None, queued: bool) -> None:
    ref = await lab.register()
    async with lab.station("2.0.1", ref=ref) as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await begin(tx)
    async with lab.station("2.0.1", ref=ref, boot=False) as station:
        tx.station = station
        payload = {"transactionId": tx.ocpp_id} if with_id else {}
        answer = {"messagesInQueue": queued} | ({} if ongoing is None else {"ongoingIndicator": ongoing})
        await status_of(lab, station, payload, answer)
        row = await tx.row()
        assert (row.told_ongoing, row.told_queued) == ((ongoing, queued) if with_id else (None, None))
        assert row.is_open
        if queued:
            await tx.event("Updated", "MeterValuePeriodic", minutes=5, offline=True, meter=[value(5, PERIODIC)])
            row = await tx.row()
            assert (row.energy_wh, row.is_open, "offline" in row.remarks) == (2000, True, True)


@pytest.mark.case("TC_E_31_CSMS", "DS_20", "DS_21")
async def test_tc_e_31_ended_with_messages_in_the_queue(lab: Lab) -> None:
    """The platform asks by itself, once the end has come before what was before it."""
    async with said(lab) as tx:
        await begin(tx)
        last = tx.seq_no - 1
        await tx.event("Ended", "StopAuthorized", seq_no=last + 3, meter=[value(0, END)], stoppedReason="Local")
        row = await tx.row()
        assert (row.is_open, "seq_gap" in row.remarks) == (False, True)
        asked = await tx.station.expect("GetTransactionStatus")
        assert asked.payload == {"transactionId": "tx-1"}
        await tx.station.answer(asked, {"ongoingIndicator": False, "messagesInQueue": True})

        async def told() -> bool:
            return (await tx.row()).told_at is not None

        await lab.until(told)
        row = await tx.row()
        assert (row.told_ongoing, row.told_queued) == (False, True)
        for number, minutes in ((last + 1, 5), (last + 2, 4)):
            late = [value(minutes, PERIODIC)]
            await tx.event("Updated", "MeterValuePeriodic", seq_no=number, minutes=minutes, offline=True, meter=late)
        row = await tx.row()
        assert (row.is_open, row.charging_state, row.energy_wh) == (False, "Idle", 5000)
        assert row.remarks == ["offline"]


@pytest.mark.case("TC_E_53_CSMS")
async def test_tc_e_53_numbers_restart(lab: Lab) -> None:
    async with said(lab) as tx:
        for ocpp_id in ("one", "two"):
            tx.ocpp_id = ocpp_id
            await tx.accepted("Started", "Authorized", seq_no=0, chargingState="Charging")
            await tx.event("Ended", "StopAuthorized")
            row = await tx.row()
            assert (row.is_open, row.last_seq_no, row.remarks) == (False, 1, [])

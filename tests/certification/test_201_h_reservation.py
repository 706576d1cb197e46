"""OCPP 2.0.1, block H: reservations."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from csms.commands.service import CommandResult
from csms.reservations.state import state_of
from models import Connector, Reservation, Transaction
from tests.certification.lab import Lab
from tests.certification.station import Asked, BenchStation
from tests.certification.test_201_c_authorization import Session, group_of, token_of


async def reserve(
    lab: Lab, station: BenchStation, token: str, status: str = "Accepted", **options: Any
) -> tuple[Asked, CommandResult]:
    """An operator reserves; the station answers `status`."""
    expires_at = options.pop("expires_at", None) or datetime.now(UTC) + timedelta(minutes=10)
    reserving = lab.platform.commands.reserve_now(lab.operator, station.ref.id, token, expires_at, **options)
    asking = asyncio.create_task(reserving)
    asked = await station.expect("ReserveNow")
    await station.answer(asked, {"status": status})
    return asked, await asking


async def shows(station: BenchStation, status: str, evse: int = 1) -> None:
    """StatusNotification."""
    at = datetime.now(UTC).isoformat()
    said = {"timestamp": at, "connectorStatus": status, "evseId": evse, "connectorId": 1}
    await station.call("StatusNotification", said)


async def lets_go(station: BenchStation, reservation_id: int, reason: str) -> None:
    """ReservationStatusUpdate."""
    said = {"reservationId": reservation_id, "reservationUpdateStatus": reason}
    assert await station.call("ReservationStatusUpdate", said) == {}


async def state(lab: Lab, station: BenchStation) -> tuple[str, Reservation]:
    """The one reservation of the station and how it stands now."""
    row = await lab.row(Reservation, station_id=station.ref.id)
    return state_of(row, datetime.now(UTC)), row


@pytest.mark.case("TC_H_01_CSMS")
async def test_tc_h_01_an_evse(lab: Lab) -> None:
    token, expires_at = await lab.token(), datetime.now(UTC) + timedelta(minutes=10)
    async with lab.station("2.0.1") as station:
        asked, result = await reserve(lab, station, token, evse_number=1, expires_at=expires_at)
        assert result.succeeded
        assert set(asked.payload) == {"id", "expiryDateTime", "idToken", "evseId"}
        assert (asked.payload["idToken"], asked.payload["evseId"]) == (token_of(token), 1)
        assert abs(datetime.fromisoformat(asked.payload["expiryDateTime"]) - expires_at) < timedelta(milliseconds=1)
        await shows(station, "Reserved")
        assert (await lab.rows(Connector, station_id=station.ref.id))[0].status == "Reserved"
        word, row = await state(lab, station)
        assert (word, row.ocpp_id, row.id_token, row.id_token_type) == (
            "live",
            asked.payload["id"],
            token,
            "ISO14443",
        )
        session = Session(station)
        answer = await session.start(token, reservationId=asked.payload["id"])
        assert answer["idTokenInfo"]["status"] == "Accepted"
        transaction = await lab.row(Transaction, station_id=station.ref.id)
        for _ in range(2):  # some stations go on naming it
            await session.tell("Updated", "MeterValuePeriodic", reservationId=asked.payload["id"])
            word, row = await state(lab, station)
            assert (word, row.transaction_id) == ("used", transaction.id)


@pytest.mark.case("TC_H_07_CSMS")
async def test_tc_h_07_a_reservation_expires(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        soon = datetime.now(UTC) + timedelta(seconds=0.3)
        asked, _ = await reserve(lab, station, await lab.token(), evse_number=1, expires_at=soon)
        await shows(station, "Reserved")
        await lab.until(lambda: datetime.now(UTC) > soon)
        assert (await state(lab, station))[0] == "expired"
        await shows(station, "Available")
        await lets_go(station, asked.payload["id"], "Expired")
        word, row = await state(lab, station)
        assert (word, row.end_reason, row.ended_at is not None) == ("expired", "Expired", True)


@pytest.mark.case("TC_H_22_CSMS")
async def test_tc_h_22_a_reservation_is_declined(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        _, result = await reserve(lab, station, await lab.token(), "Rejected", evse_number=1)
        assert (result.succeeded, result.answer_status) == (False, "Rejected")
        assert (await state(lab, station))[0] == "declined"


@pytest.mark.case("TC_H_08_CSMS")
async def test_tc_h_08_any_evse(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station("2.0.1") as station:
        asked, _ = await reserve(lab, station, token)
        assert set(asked.payload) == {"id", "expiryDateTime", "idToken"}
        word, row = await state(lab, station)
        assert (word, row.evse_number, row.connector_type) == ("live", 0, "")
        await Session(station, 2).start(token, reservationId=asked.payload["id"])
        assert (await state(lab, station))[0] == "used"


@pytest.mark.case("TC_H_14_CSMS")
async def test_tc_h_14_as_many_as_there_are_evses(lab: Lab) -> None:
    async with lab.station("2.0.1", evses=3) as station:
        for _ in range(3):
            asked, result = await reserve(lab, station, await lab.token())
            assert result.succeeded
            assert "evseId" not in asked.payload
        for evse in (1, 2, 3):
            await shows(station, "Reserved", evse)
        rows = await lab.rows(Reservation, station_id=station.ref.id)
        assert len({row.ocpp_id for row in rows}) == 3
        assert [state_of(row, datetime.now(UTC)) for row in rows] == ["live"] * 3


@pytest.mark.case("TC_H_15_CSMS")
async def test_tc_h_15_a_kind_of_connector(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        asked, _ = await reserve(lab, station, await lab.token(), connector_type="cType2")
        assert asked.payload["connectorType"] == "cType2"
        assert "evseId" not in asked.payload
        assert (await state(lab, station))[1].connector_type == "cType2"


@pytest.mark.case("TC_H_17_CSMS")
async def test_tc_h_17_cancelled(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        asked, _ = await reserve(lab, station, await lab.token(), evse_number=1)
        await shows(station, "Reserved")
        cancel = lab.platform.commands.cancel_reservation(lab.operator, station.ref.id, asked.payload["id"])
        asking = asyncio.create_task(cancel)
        cancelled = await station.expect("CancelReservation")
        assert cancelled.payload == {"reservationId": asked.payload["id"]}
        await station.answer(cancelled, {"status": "Accepted"})
        assert (await asking).succeeded
        await shows(station, "Available")
        assert (await state(lab, station))[0] == "cancelled"


@pytest.mark.case("TC_H_19_CSMS")
async def test_tc_h_19_another_token_of_the_group(lab: Lab) -> None:
    holder, other = await lab.token(group="CREW-7"), await lab.token(group="CREW-7")
    async with lab.station("2.0.1") as station:
        asked, _ = await reserve(lab, station, holder, evse_number=1, group="CREW-7")
        assert asked.payload["groupIdToken"] == group_of("CREW-7")
        answer = await Session(station).start(other, reservationId=asked.payload["id"])
        assert answer["idTokenInfo"] == {"status": "Accepted", "groupIdToken": group_of("CREW-7")}
        word, row = await state(lab, station)
        assert (word, row.id_token, row.group) == ("used", holder, "CREW-7")


@pytest.mark.case("TC_H_20_CSMS")
async def test_tc_h_20_the_station_removes_it(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        asked, _ = await reserve(lab, station, await lab.token(), evse_number=1)
        await shows(station, "Reserved")
        await shows(station, "Faulted")
        await lets_go(station, asked.payload["id"], "Removed")
        word, row = await state(lab, station)
        assert (word, row.ended_at is not None) == ("removed", True)


async def test_what_nobody_told_us_of_is_recorded(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await lets_go(station, 2**40, "Removed")  # no reservation can have such a number
        await lets_go(station, 5, "Expired")
        word, row = await state(lab, station)
        assert (word, row.ocpp_id, row.id_token) == ("expired", 5, "")


@pytest.mark.quirk(35)
async def test_reservation_0_is_none(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await Session(station).start(await lab.token(), reservationId=0)
        assert await lab.rows(Reservation, station_id=station.ref.id) == []


async def test_typed_by_hand_and_replaced(lab: Lab) -> None:
    token, later = token_of(await lab.token()), "2098-01-01T00:00:00Z"
    async with lab.station("2.0.1") as station:
        payload = {"id": 9, "expiryDateTime": later, "idToken": token, "evseId": 1}
        await lab.operate(station, "ReserveNow", payload, {"status": "Accepted"})
        await lab.operate(station, "ReserveNow", payload | {"evseId": 2}, {"status": "Occupied"})
        assert (await state(lab, station))[1].evse_number == 1  # a change that was declined changes nothing
        await lab.operate(station, "ReserveNow", payload | {"evseId": 2}, {"status": "Accepted"})
        word, row = await state(lab, station)
        assert (word, row.evse_number) == ("live", 2)

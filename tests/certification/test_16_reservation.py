"""OCPP 1.6, reservations."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from csms.commands.service import CommandResult
from csms.reservations.queries import live_reservations, reservations
from csms.reservations.state import state_of
from models import Connector, Reservation, Transaction
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import Asked, BenchStation
from tests.certification.test_16_authorization import authorize, start


def in_a_while() -> datetime:
    """When a reservation ends."""
    return datetime.now(UTC) + timedelta(minutes=10)


async def reserve(
    lab: Lab, station: BenchStation, token: str, status: str = "Accepted", **options: Any
) -> tuple[Asked, CommandResult]:
    """An operator reserves; the station answers `status`."""
    expires_at = options.pop("expires_at", None) or in_a_while()
    reserving = lab.platform.commands.reserve_now(lab.operator, station.ref.id, token, expires_at, **options)
    asking = asyncio.create_task(reserving)
    asked = await station.expect("ReserveNow")
    await station.answer(asked, {"status": status})
    return asked, await asking


async def shows(station: BenchStation, status: str, connector: int = 1) -> None:
    """StatusNotification."""
    error = "OtherError" if status == "Faulted" else "NoError"
    await station.call("StatusNotification", {"connectorId": connector, "errorCode": error, "status": status})


async def state(lab: Lab, station: BenchStation) -> tuple[str, Reservation]:
    """The one reservation of the station and how it stands now."""
    row = await lab.row(Reservation, station_id=station.ref.id)
    return state_of(row, datetime.now(UTC)), row


@pytest.mark.case("TC_046_CSMS")
async def test_tc_046_a_reserved_connector_is_used(lab: Lab) -> None:
    token, expires_at = await lab.token(), in_a_while()
    async with lab.station() as station:
        asked, result = await reserve(lab, station, token, evse_number=1, expires_at=expires_at)
        assert result.succeeded
        reservation_id = asked.payload["reservationId"]
        assert set(asked.payload) == {"connectorId", "expiryDate", "idTag", "reservationId"}
        assert (asked.payload["connectorId"], asked.payload["idTag"]) == (1, token)
        assert abs(datetime.fromisoformat(asked.payload["expiryDate"]) - expires_at) < timedelta(milliseconds=1)
        await shows(station, "Reserved")
        word, row = await state(lab, station)
        assert (word, row.ocpp_id, row.evse_number, row.id_token) == ("live", reservation_id, 1, token)
        assert (await lab.rows(Connector, station_id=station.ref.id))[0].status == "Reserved"

        assert (await authorize(station, token))["status"] == "Accepted"
        await shows(station, "Preparing")
        answer = await start(station, token, reservationId=reservation_id)
        assert answer["idTagInfo"]["status"] == "Accepted"
        await shows(station, "Charging")
        word, row = await state(lab, station)
        assert (word, row.transaction_id) == ("used", answer["transactionId"])
        assert (await lab.row(Transaction, id=row.transaction_id)).is_open


@pytest.mark.case("TC_047_CSMS")
async def test_tc_047_a_reservation_expires(lab: Lab) -> None:
    async with lab.station() as station:
        soon = datetime.now(UTC) + timedelta(seconds=0.5)
        await reserve(lab, station, await lab.token(), evse_number=1, expires_at=soon)
        await shows(station, "Reserved")
        _, row = await state(lab, station)
        assert state_of(row, soon - timedelta(milliseconds=10)) == "live"
        await lab.until(lambda: datetime.now(UTC) > soon)
        await shows(station, "Available")
        word, row = await state(lab, station)
        assert (word, row.transaction_id) == ("expired", None)
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                assert await live_reservations(session, datetime.now(UTC), station_id=station.ref.id) == []
                [shown] = await reservations(session, datetime.now(UTC), station_id=station.ref.id)
        assert (shown.state, shown.identity) == ("expired", station.ref.identity)


@pytest.mark.parametrize(
    ("before", "status"),
    [
        pytest.param("Available", "Faulted", marks=pytest.mark.case("TC_048_1_CSMS")),
        pytest.param("Preparing", "Occupied", marks=pytest.mark.case("TC_048_2_CSMS")),
        pytest.param("Available", "Rejected", marks=pytest.mark.case("TC_048_4_CSMS")),
    ],
)
async def test_tc_048_a_reservation_is_declined(lab: Lab, before: str, status: str) -> None:
    async with lab.station() as station:
        await shows(station, before)
        _, result = await reserve(lab, station, await lab.token(), status, evse_number=1)
        assert (result.succeeded, result.answer_status) == (False, status)
        word, row = await state(lab, station)
        assert (word, row.answer_status) == ("declined", status)


@pytest.mark.case("TC_048_3_CSMS")
@pytest.mark.parametrize("answer", ["Accepted", "Scheduled"])
async def test_tc_048_3_an_unavailable_connector(lab: Lab, answer: str) -> None:
    async with lab.station() as station:
        asked, _ = await lab.operate(
            station, "ChangeAvailability", {"connectorId": 1, "type": "Inoperative"}, {"status": answer}
        )
        assert asked.payload == {"connectorId": 1, "type": "Inoperative"}
        await shows(station, "Unavailable")
        _, result = await reserve(lab, station, await lab.token(), "Unavailable", evse_number=1)
        assert result.answer_status == "Unavailable"
        assert (await state(lab, station))[0] == "declined"


@pytest.mark.case("TC_049_CSMS")
async def test_tc_049_the_station_as_a_whole_is_reserved(lab: Lab) -> None:
    async with lab.station() as station:
        asked, result = await reserve(lab, station, await lab.token())
        assert (asked.payload["connectorId"], result.succeeded) == (0, True)
        await shows(station, "Reserved")
        word, row = await state(lab, station)
        assert (word, row.evse_number) == ("live", 0)


@pytest.mark.parametrize(
    ("status", "shown", "outcome"),
    [
        pytest.param("Accepted", "Reserved", "cancelled", marks=pytest.mark.case("TC_051_CSMS")),
        pytest.param("Rejected", "Reserved", "live", marks=pytest.mark.case("TC_052_CSMS")),
        pytest.param("Rejected", "Available", "gone", marks=pytest.mark.case("TC_052_CSMS")),
    ],
)
async def test_tc_051_tc_052_a_reservation_is_cancelled(lab: Lab, status: str, shown: str, outcome: str) -> None:
    async with lab.station() as station:
        asked, _ = await reserve(lab, station, await lab.token(), evse_number=1)
        await shows(station, "Reserved")
        await shows(station, shown)
        reservation_id = asked.payload["reservationId"]
        cancel = lab.platform.commands.cancel_reservation(lab.operator, station.ref.id, reservation_id)
        asking = asyncio.create_task(cancel)
        cancelled = await station.expect("CancelReservation")
        assert cancelled.payload == {"reservationId": reservation_id}
        await station.answer(cancelled, {"status": status})
        assert (await asking).answer_status == status
        if status == "Accepted":
            await shows(station, "Available")
        word, row = await state(lab, station)
        assert (word, row.cancel_refused_at is not None) == (outcome, status == "Rejected")


@pytest.mark.case("TC_053_CSMS")
async def test_tc_053_another_token_of_the_group(lab: Lab) -> None:
    holder, other = await lab.token(group="FLEET-9"), await lab.token(group="FLEET-9")
    async with lab.station() as station:
        asked, _ = await reserve(lab, station, holder, evse_number=1, group="FLEET-9")
        assert (asked.payload["idTag"], asked.payload["parentIdTag"]) == (holder, "FLEET-9")
        await shows(station, "Reserved")
        assert await authorize(station, other) == {"parentIdTag": "FLEET-9", "status": "Accepted"}
        answer = await start(station, other, reservationId=asked.payload["reservationId"])
        assert answer["idTagInfo"] == {"parentIdTag": "FLEET-9", "status": "Accepted"}
        word, row = await state(lab, station)
        assert (word, row.group, row.transaction_id) == ("used", "FLEET-9", answer["transactionId"])


@pytest.mark.parametrize(("status", "connector"), [("Faulted", 1), ("Unavailable", 1), ("Faulted", 0)])
async def test_what_is_out_of_order_keeps_nothing(lab: Lab, status: str, connector: int) -> None:
    async with lab.station() as station:
        await reserve(lab, station, await lab.token(), evse_number=1)
        await shows(station, "Faulted", 2)
        assert (await state(lab, station))[0] == "live"
        await shows(station, status, connector)
        assert (await state(lab, station))[0] == "removed"


@pytest.mark.quirk(35)
async def test_reservations_nobody_told_us_of_and_repeated_starts(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station() as station:
        at = datetime.now(UTC).isoformat()
        first = await start(station, token, reservationId=77, timestamp=at)
        again = await start(station, token, reservationId=77, timestamp=at)
        assert first == again
        word, row = await state(lab, station)
        assert (word, row.ocpp_id, row.transaction_id) == ("used", 77, first["transactionId"])
        await start(station, token, 2, reservationId=0)
        assert len(await lab.rows(Reservation, station_id=station.ref.id)) == 1

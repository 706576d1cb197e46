"""OCPP 1.6: reservations, asked for and learned of (TC_046 to TC_053)."""

from csms.commands.commands import ReserveNow
from csms.errors import InvalidInputError
from csms.gateway.asking import Asked, Json
from csms.gateway.wire import without_none
from csms.ocpp.timestamps import format_timestamp, parse_timestamp
from csms.reservations.reports import ReserveReport
from csms.reservations.service import note_cancelled, note_reserved
from csms.work import Work


def reserve_now(command: ReserveNow) -> Json:
    """ReserveNow as 1.6 says it; no EVSE is connector 0. Raises InvalidInputError for a kind of connector."""
    if command.connector_type:
        raise InvalidInputError("OCPP 1.6 cannot reserve a kind of connector, only a connector or the station")
    return without_none(
        connectorId=command.evse_number or 0,
        expiryDate=format_timestamp(command.expires_at),
        idTag=command.id_token,
        parentIdTag=command.group,
        reservationId=command.reservation_id,
    )


async def learn_reserved(work: Work, asked: Asked) -> None:
    """TC_046 to TC_049: Accepted makes a reservation, everything else says why there is none."""
    sent, expires_at = asked.payload, parse_timestamp(asked.payload.get("expiryDate"))
    reservation_id = sent.get("reservationId")
    if isinstance(reservation_id, int) and expires_at is not None:
        report = ReserveReport(
            ocpp_id=reservation_id,
            evse_number=sent.get("connectorId"),
            id_token=str(sent.get("idTag", "")),
            group=sent.get("parentIdTag"),
            expires_at=expires_at,
            answer_status=str(asked.answer.get("status", "")),
            at=asked.at,
        )
        await note_reserved(work, asked.ref, report)


async def learn_cancelled(work: Work, asked: Asked) -> None:
    """TC_051, TC_052."""
    reservation_id = asked.payload.get("reservationId")
    if isinstance(reservation_id, int):
        accepted = asked.answer.get("status") == "Accepted"
        await note_cancelled(work, asked.ref, reservation_id, accepted=accepted, at=asked.at)


LESSONS = {"ReserveNow": learn_reserved, "CancelReservation": learn_cancelled}

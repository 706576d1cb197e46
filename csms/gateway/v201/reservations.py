"""OCPP 2.x: reservations, asked for, learned of and given up by the station (H01 to H04)."""

from typing import Any, cast

from csms.commands.commands import ReserveNow
from csms.gateway.asking import Asked, Json
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import without_none
from csms.ocpp.timestamps import format_timestamp, parse_timestamp
from csms.reservations.reports import ReserveReport
from csms.reservations.service import note_cancelled, note_ended, note_reserved
from csms.work import Work

_GROUP_TYPE = "Central"


def reserve_now(command: ReserveNow) -> Json:
    """ReserveNow as 2.x says it."""
    group = command.group
    return without_none(
        id=command.reservation_id,
        expiryDateTime=format_timestamp(command.expires_at),
        connectorType=command.connector_type,
        idToken={"idToken": command.id_token, "type": command.id_token_type},
        evseId=command.evse_number,
        groupIdToken={"idToken": group, "type": _GROUP_TYPE} if group else None,
    )


async def on_reservation_status_update(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """The station lets a reservation go (H04): Expired, Removed; in 2.1 also NoTransaction."""
    await note_ended(work, ctx.ref, payload["reservationId"], payload["reservationUpdateStatus"], ctx.received_at)
    return {}


async def learn_reserved(work: Work, asked: Asked) -> None:
    """H_01 to H_22: Accepted makes a reservation, everything else says why there is none."""
    sent, expires_at = asked.payload, parse_timestamp(asked.payload.get("expiryDateTime"))
    reservation_id, token, group = sent.get("id"), _dict(sent.get("idToken")), _dict(sent.get("groupIdToken"))
    if isinstance(reservation_id, int) and expires_at is not None:
        report = ReserveReport(
            ocpp_id=reservation_id,
            evse_number=sent.get("evseId"),
            connector_type=str(sent.get("connectorType") or ""),
            id_token=str(token.get("idToken", "")),
            id_token_type=str(token.get("type", "")),
            group=group.get("idToken"),
            expires_at=expires_at,
            answer_status=str(asked.answer.get("status", "")),
            at=asked.at,
        )
        await note_reserved(work, asked.ref, report)


async def learn_cancelled(work: Work, asked: Asked) -> None:
    """H_17."""
    reservation_id = asked.payload.get("reservationId")
    if isinstance(reservation_id, int):
        accepted = asked.answer.get("status") == "Accepted"
        await note_cancelled(work, asked.ref, reservation_id, accepted=accepted, at=asked.at)


def _dict(item: Any) -> Json:
    return cast(Json, item) if isinstance(item, dict) else {}


ROUTES = {"ReservationStatusUpdate": Route(on_reservation_status_update)}
LESSONS = {"ReserveNow": learn_reserved, "CancelReservation": learn_cancelled}

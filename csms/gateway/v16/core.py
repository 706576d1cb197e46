"""OCPP 1.6, the core profile: what a station asks, in our nouns and back. Connector n is EVSE n, connector 1."""

from collections.abc import Awaitable
from typing import Any

from csms.authorization.service import Decision
from csms.gateway.clocks import note_time
from csms.gateway.data_transfer import data_transfer
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.registration import register
from csms.gateway.wire import moment_of, without_none
from csms.ocpp.timestamps import format_timestamp
from csms.reservations.service import note_out_of_order, note_used
from csms.stations.service import BootReport, StatusReport, report_status
from csms.transactions.admitting import authorize
from csms.transactions.meter import read_meter_values
from csms.transactions.reports import MeterReport, StartReport, StopReport, TokenRef
from csms.work import Work

_LONGEST_ID_TAG = 20
_OUT_OF_ORDER = frozenset({"Faulted", "Unavailable"})
_STATUSES = frozenset({"Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"})


async def on_boot_notification(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Register the station (TC_001)."""
    report = BootReport(
        vendor=payload["chargePointVendor"],
        model=payload["chargePointModel"],
        serial_number=payload.get("chargePointSerialNumber") or payload.get("chargeBoxSerialNumber") or "",
        firmware_version=payload.get("firmwareVersion", ""),
        info=payload,
    )
    return await register(ctx, report, work)


def on_heartbeat(ctx: Exchange, _payload: Payload, _work: Work) -> Payload:
    """Tell the time (TR_94)."""
    return {"currentTime": format_timestamp(ctx.received_at)}


async def on_authorize(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Judge an idTag (TC_023)."""
    decision = await authorize(work, ctx.ref, TokenRef(payload["idTag"]), ctx.received_at)
    return {"idTagInfo": id_tag_info(decision)}


def authorize_unseen(ctx: Exchange) -> Payload:
    """An idTag that nobody can look up now (DS_30): as the settings say."""
    return {"idTagInfo": {"status": "Accepted" if ctx.services.settings.authorize_without_database else "Invalid"}}


async def on_status_notification(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store a status; it may suspend or resume a transaction, never open or close one (DS_40)."""
    evse_number = payload["connectorId"]
    note_time(ctx, payload.get("timestamp"), work, "StatusNotification.timestamp")
    at = moment_of(payload.get("timestamp"), ctx.received_at)
    report = StatusReport(
        evse_number=evse_number,
        connector_number=1 if evse_number else 0,
        status=payload["status"],
        received_at=ctx.received_at,
        error_code=payload["errorCode"],
        vendor_error_code=payload.get("vendorErrorCode", ""),
        info=payload.get("info", ""),
        vendor_id=payload.get("vendorId", ""),
        at=at,
    )
    taken = await report_status(work, ctx.ref, report)
    if taken and evse_number:
        await ctx.services.transactions.note_status(work, ctx.ref, evse_number, payload["status"], at)
    if taken and payload["status"] in _OUT_OF_ORDER:
        await note_out_of_order(work, ctx.ref, evse_number, ctx.received_at)
    return {}


async def on_start_transaction(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Open a transaction; always answered with an id, whatever is thought of the token (TC_037_3, X16_01)."""
    report = StartReport(
        connector_number=1,
        evse_number=payload["connectorId"],
        token=TokenRef(payload["idTag"]),
        meter_wh=payload["meterStart"],
        at=moment_of(payload["timestamp"], ctx.received_at),
        received_at=ctx.received_at,
        reservation_id=payload.get("reservationId") or None,
    )
    outcome = await ctx.services.transactions.start(work, ctx.ref, report)
    if report.reservation_id is not None:
        transaction_id = outcome.transaction_id
        await note_used(work, ctx.ref, report.reservation_id, at=ctx.received_at, transaction_id=transaction_id)
    return {"transactionId": outcome.transaction_id, "idTagInfo": id_tag_info(outcome.decision)}


def on_meter_values(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store meter values, of a transaction or not (X16_14)."""
    received_at = ctx.received_at
    report = MeterReport(
        evse_number=payload["connectorId"],
        transaction_ref=payload.get("transactionId"),
        moments=read_meter_values(payload["meterValue"], received_at),
        received_at=received_at,
    )
    ctx.services.transactions.record_meter_values(work, ctx.ref, report)
    return {}


async def on_stop_transaction(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Close a transaction; an unknown one is kept and answered all the same (X16_04)."""
    id_tag = payload.get("idTag")
    report = StopReport(
        transaction_ref=payload["transactionId"],
        token=None if id_tag is None else TokenRef(id_tag),
        meter_wh=payload["meterStop"],
        at=moment_of(payload["timestamp"], ctx.received_at),
        received_at=ctx.received_at,
        reason=payload.get("reason", "Local"),  # DS_27
        moments=read_meter_values(payload.get("transactionData") or [], ctx.received_at),
    )
    outcome = await ctx.services.transactions.stop(work, ctx.ref, report)
    return {} if outcome.decision is None else {"idTagInfo": id_tag_info(outcome.decision)}


def id_tag_info(decision: Decision) -> dict[str, Any]:
    """What we say of a token, in 1.6's fewer words: whatever 2.x has besides is Invalid here."""
    expires_at, group = decision.expires_at, decision.group
    return without_none(
        expiryDate=None if expires_at is None else format_timestamp(expires_at),
        parentIdTag=group if group is not None and 0 < len(group) <= _LONGEST_ID_TAG else None,
        status=decision.status if decision.status in _STATUSES else "Invalid",
    )


def _warm_up(ctx: Exchange) -> Awaitable[None] | None:
    transactions = ctx.services.transactions
    return None if transactions.knows(ctx.ref.id) else transactions.prepare(ctx.ref)


ROUTES = {
    "Authorize": Route(on_authorize, otherwise=authorize_unseen),
    "BootNotification": Route(on_boot_notification),
    "DataTransfer": Route(data_transfer({})),
    "Heartbeat": Route(on_heartbeat),
    "MeterValues": Route(on_meter_values, prepare=_warm_up),
    "StartTransaction": Route(on_start_transaction, prepare=_warm_up),
    "StatusNotification": Route(on_status_notification, prepare=_warm_up),
    "StopTransaction": Route(on_stop_transaction, prepare=_warm_up),
}

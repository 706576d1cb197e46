"""OCPP 2.0.1, the messages of every station: what it asks, turned into our nouns and back."""

from collections.abc import Awaitable
from typing import Any

from csms.authorization.service import Decision
from csms.gateway.clocks import note_time
from csms.gateway.data_transfer import data_transfer
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.registration import register
from csms.gateway.v201.iso15118 import prepare_authorize, with_contract
from csms.gateway.wire import moment_of, without_none
from csms.ocpp.timestamps import format_timestamp
from csms.reservations.service import note_used
from csms.stations.service import BootReport, StatusReport, report_status
from csms.transactions.admitting import authorize
from csms.transactions.meter import read_meter_values
from csms.transactions.reports import EventOutcome, EventReport, MeterReport, TokenRef
from csms.work import Work

_NO_AUTHORIZATION = "NoAuthorization"
_GROUP_TYPE = "Central"


async def on_boot_notification(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Register the station (B01)."""
    station: dict[str, Any] = payload["chargingStation"]
    report = BootReport(
        vendor=station["vendorName"],
        model=station["model"],
        serial_number=station.get("serialNumber", ""),
        firmware_version=station.get("firmwareVersion", ""),
        reason=payload["reason"],
        info=payload,
    )
    return await register(ctx, report, work)


def on_heartbeat(ctx: Exchange, _payload: Payload, _work: Work) -> Payload:
    """Tell the time (G02)."""
    return {"currentTime": format_timestamp(ctx.received_at)}


async def on_authorize(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Judge a token (C01); one that stands for no authorization at all is accepted (C02).

    Contract certificates shown with it were judged before (C07).
    """
    token = _token(payload["idToken"])
    if token.type == _NO_AUTHORIZATION:
        return {"idTokenInfo": {"status": "Accepted"}}
    decision = await authorize(work, ctx.ref, token, ctx.received_at)
    return with_contract({"idTokenInfo": id_token_info(decision)}, ctx.prepared)


def authorize_unseen(ctx: Exchange) -> Payload:
    """A token that nobody can look up now (DS_30): as the settings say, but no contract unseen."""
    shows_contract = "certificate" in ctx.call.payload or "iso15118CertificateHashData" in ctx.call.payload
    accepted = ctx.services.settings.authorize_without_database and not shows_contract
    return {"idTokenInfo": {"status": "Accepted" if accepted else "Invalid"}}


async def on_status_notification(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store the status of a connector (G01)."""
    note_time(ctx, payload["timestamp"], work, "StatusNotification.timestamp")
    report = StatusReport(
        evse_number=payload["evseId"],
        connector_number=payload["connectorId"],
        status=payload["connectorStatus"],
        received_at=ctx.received_at,
        at=moment_of(payload["timestamp"], ctx.received_at),
    )
    await report_status(work, ctx.ref, report)
    return {}


def on_transaction_event(ctx: Exchange, payload: Payload, work: Work) -> Payload | Awaitable[Payload]:
    """Open, continue or close a transaction (E01 to E15); always answered, also when it cannot be placed (DS_22)."""
    outcome = ctx.services.transactions.record_event(work, ctx.ref, _event_report(ctx, payload))
    if payload.get("reservationId"):
        return _event_answer_reserved(ctx, payload, work, outcome)
    if isinstance(outcome, EventOutcome):
        return _event_answer(outcome)
    return _event_answer_later(outcome)


async def _event_answer_later(outcome: Awaitable[EventOutcome]) -> Payload:
    return _event_answer(await outcome)


async def _event_answer_reserved(
    ctx: Exchange, payload: Payload, work: Work, outcome: EventOutcome | Awaitable[EventOutcome]
) -> Payload:
    """H03: the transaction uses a reservation; 0 is none (quirk 35)."""
    told = outcome if isinstance(outcome, EventOutcome) else await outcome
    wire_id: str = payload["transactionInfo"]["transactionId"]
    await note_used(work, ctx.ref, payload["reservationId"], at=ctx.received_at, wire_id=wire_id)
    return _event_answer(told)


def _event_answer(outcome: EventOutcome) -> Payload:
    return without_none(
        totalCost=None if outcome.total_cost is None else float(outcome.total_cost),
        idTokenInfo=None if outcome.decision is None else id_token_info(outcome.decision),
    )


def on_meter_values(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Store meter values outside of transactions (J01)."""
    received_at = ctx.received_at
    report = MeterReport(
        evse_number=payload["evseId"],
        transaction_ref=None,
        moments=read_meter_values(payload["meterValue"], received_at),
        received_at=received_at,
    )
    ctx.services.transactions.record_meter_values(work, ctx.ref, report)
    return {}


def id_token_info(decision: Decision) -> dict[str, Any]:
    """What we say of a token."""
    group = decision.group
    expires_at = min(filter(None, (decision.expires_at, decision.cache_until)), default=None)
    return without_none(
        status=decision.status,
        cacheExpiryDateTime=None if expires_at is None else format_timestamp(expires_at),
        groupIdToken={"idToken": group, "type": _GROUP_TYPE} if group and len(group) <= 36 else None,
        personalMessage={"format": "UTF8", "content": decision.reason} if decision.reason else None,
    )


def _event_report(ctx: Exchange, payload: Payload) -> EventReport:
    transaction: dict[str, Any] = payload["transactionInfo"]
    evse: dict[str, Any] = payload.get("evse") or {}
    id_token = payload.get("idToken")
    return EventReport(
        kind=payload["eventType"],
        ocpp_id=transaction["transactionId"],
        seq_no=payload["seqNo"],
        at=moment_of(payload["timestamp"], ctx.received_at),
        received_at=ctx.received_at,
        trigger_reason=payload["triggerReason"],
        offline=payload.get("offline", False),
        evse_number=evse.get("id"),
        connector_number=evse.get("connectorId"),
        token=None if id_token is None else _token(id_token),
        charging_state=transaction.get("chargingState"),
        stopped_reason=transaction.get("stoppedReason"),
        remote_start_id=transaction.get("remoteStartId"),
        moments=read_meter_values(payload.get("meterValue") or [], ctx.received_at),
        time_spent_charging_s=transaction.get("timeSpentCharging"),
    )


def _token(id_token: dict[str, Any]) -> TokenRef:
    return TokenRef(id_token["idToken"], id_token["type"])


def _warm_up(ctx: Exchange) -> Awaitable[None] | None:
    transactions = ctx.services.transactions
    return None if transactions.knows(ctx.ref.id) else transactions.prepare(ctx.ref)


ROUTES = {
    "Authorize": Route(on_authorize, prepare=prepare_authorize, otherwise=authorize_unseen),
    "BootNotification": Route(on_boot_notification),
    "DataTransfer": Route(data_transfer({})),
    "Heartbeat": Route(on_heartbeat),
    "MeterValues": Route(on_meter_values, prepare=_warm_up),
    "StatusNotification": Route(on_status_notification),
    "TransactionEvent": Route(on_transaction_event, prepare=_warm_up),
}

"""OCPP 1.6: ISO 15118 inside DataTransfer (the alliance's white paper on Plug & Charge), only if claimed (X16_22)."""

from typing import Any

import orjson

from csms.certificates.service import SigningDemand, request_certificate
from csms.gateway.data_transfer import data_transfer
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.v201 import iso15118
from csms.ocpp.timestamps import format_timestamp
from csms.transactions.admitting import authorize
from csms.transactions.reports import TokenRef
from csms.work import Work

VENDOR = "org.openchargealliance.iso15118pnc"
_UNKNOWN_VENDOR = {"status": "UnknownVendorId"}
_UNKNOWN_MESSAGE = {"status": "UnknownMessageId"}
_UNREADABLE = {"status": "Rejected"}
_FINDERS = {
    "Authorize": iso15118.find_contract_status,
    "Get15118EVCertificate": iso15118.find_contract_certificate,
    "GetCertificateStatus": iso15118.find_certificate_status,
}


async def prepare_transfer(ctx: Exchange) -> None:
    """Ask outside the house what the message inside needs; other DataTransfers wait for nothing."""
    payload = ctx.call.payload
    find = _FINDERS.get(str(payload.get("messageId")))
    if not is_ours(payload) or not ctx.services.settings.ocpp16_iso15118 or find is None:
        return
    inner = _inner(payload)
    try:
        ctx.prepared = None if inner is None else await find(ctx, inner)
    except (KeyError, TypeError):
        ctx.prepared = None  # the handler will find it unreadable as well


async def on_transfer(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Answer the message inside, in the same wrapping."""
    if not ctx.services.settings.ocpp16_iso15118:
        return _UNKNOWN_VENDOR
    inner = _inner(payload)
    if inner is None:
        return _UNREADABLE
    try:
        match payload.get("messageId"):
            case "Authorize":
                return _wrapped(await _authorize(ctx, inner, work))
            case "SignCertificate":
                return _wrapped(await _sign(ctx, inner, work))
            case "Get15118EVCertificate" | "GetCertificateStatus":
                return _UNREADABLE if ctx.prepared is None else _wrapped(ctx.prepared)
            case _:
                return _UNKNOWN_MESSAGE
    except (KeyError, TypeError):
        return _UNREADABLE


def is_ours(payload: Payload) -> bool:
    """Whether a DataTransfer speaks of ISO 15118."""
    return str(payload.get("vendorId")).casefold() == VENDOR


async def _authorize(ctx: Exchange, inner: Payload, work: Work) -> Payload:
    value = iso15118.emaid_in(inner)
    decision = await authorize(work, ctx.ref, TokenRef(value), ctx.received_at)
    info: dict[str, Any] = {"status": decision.status}
    if decision.expires_at is not None:
        info["cacheExpiryDateTime"] = format_timestamp(decision.expires_at)
    return iso15118.with_contract({"idTokenInfo": info}, ctx.prepared)


async def _sign(ctx: Exchange, inner: Payload, work: Work) -> Payload:
    demand = SigningDemand(str(inner["csr"]), str(inner.get("certificateType") or "V2GCertificate"), is_wrapped=True)
    refused = await request_certificate(work, ctx.ref, demand, ctx.received_at)
    return {"status": "Accepted" if refused is None else "Rejected"}


def _inner(payload: Payload) -> Payload | None:
    data = payload.get("data")
    try:
        inner: Any = orjson.loads(data) if isinstance(data, str) else data
    except orjson.JSONDecodeError:
        return None
    return inner if isinstance(inner, dict) else None  # pyright: ignore[reportUnknownVariableType] - JSON


def _wrapped(answer: Payload) -> Payload:
    return {"status": "Accepted", "data": orjson.dumps(answer).decode()}


ROUTES = {"DataTransfer": Route(data_transfer({VENDOR: on_transfer}), prepare=prepare_transfer)}

"""OCPP 2.x, ISO 15118: contract certificates at Authorize (C07), their installation (M01, M02), OCSP (M06).

Responders and provisioning services are asked before the unit of work, which waits for nobody outside.
"""

import base64
from collections.abc import Awaitable, Callable
from typing import Any, cast

from csms.certificates.contracts import AskAbout, Contract, ContractStatus, judge_contract
from csms.certificates.hashdata import HashData
from csms.certificates.ocsp import OcspError
from csms.certificates.provider import ContractAnswer, ContractRequest, ProviderError
from csms.certificates.trust import anchors_for, certificates_of
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import without_none
from csms.work import Work
from models import CertificateUse

_MAX_INFO = 512
_MAX_OCSP = 5500
_MORE = ("maximumContractCertificateChains", "prioritizedEMAIDs")
_STATUSES = {
    ContractStatus.EXPIRED: "Expired",
    ContractStatus.REVOKED: "Invalid",
    ContractStatus.UNVERIFIABLE: "Invalid",
}


# ---- Authorize


async def find_contract_status(ctx: Exchange, payload: Payload) -> ContractStatus | None:
    """The verdict on the contract certificate shown with an Authorize; None, at once, where none is shown."""
    chain, hashes = payload.get("certificate"), payload.get("iso15118CertificateHashData")
    if not chain and not hashes:
        return None
    about = [AskAbout(HashData.read(one), str(one["responderURL"])) for one in cast(list[dict[str, Any]], hashes or [])]
    async with ctx.services.database.reading() as session:
        anchors = await anchors_for(session, CertificateUse.MO, CertificateUse.V2G)
    trusted = certificates_of(anchors, ctx.ref.tenant_id)
    contract = Contract(emaid_in(payload), chain or None, about)
    return await judge_contract(ctx.services.certificates.ocsp, contract, trusted, ctx.received_at)


def emaid_in(payload: Payload) -> str:
    """The token's value; in 1.6 the token is nothing but its value."""
    token: Any = payload["idToken"]
    return str(cast(Payload, token)["idToken"] if isinstance(token, dict) else token)


async def prepare_authorize(ctx: Exchange) -> None:
    """Before the unit of work of an Authorize."""
    ctx.prepared = await find_contract_status(ctx, ctx.call.payload)


def with_contract(answer: Payload, status: ContractStatus | None) -> Payload:
    """The answer to an Authorize, with what its certificate adds: it can only make a yes into a no (C07.FR.0x)."""
    if status is None:
        return answer
    info: dict[str, Any] = answer["idTokenInfo"]
    if status is not ContractStatus.ACCEPTED:
        return {"idTokenInfo": {"status": _STATUSES[status]}, "certificateStatus": status.value}
    if info["status"] != "Accepted":
        status = ContractStatus.CANCELLED
    return {**answer, "certificateStatus": status.value}


# ---- GetCertificateStatus


async def find_certificate_status(ctx: Exchange, payload: Payload) -> Payload:
    """M06: what the responder says, untouched; Failed with the reason where it says nothing."""
    asked = payload["ocspRequestData"]
    try:
        der = await ctx.services.certificates.ocsp.ask(HashData.read(asked), str(asked["responderURL"]))
    except OcspError as error:
        return {"status": "Failed", "statusInfo": _info("NoOcspAnswer", str(error))}
    text = base64.b64encode(der).decode()
    if len(text) > _MAX_OCSP:
        return {"status": "Failed", "statusInfo": _info("TooLarge", "The responder's answer is too long for OCPP")}
    return {"status": "Accepted", "ocspResult": text}


# ---- Get15118EVCertificate


async def find_contract_certificate(ctx: Exchange, payload: Payload) -> Payload:
    """M01, M02: what the provisioning service gives, unread; Failed with the reason where it gives nothing."""
    request = ContractRequest(
        payload["iso15118SchemaVersion"],
        payload["action"],
        payload["exiRequest"],
        {name: payload[name] for name in _MORE if name in payload},
    )
    try:
        answer = await ctx.services.certificates.provider.contract_certificate(request)
    except ProviderError as error:
        return {"status": "Failed", "exiResponse": "", "statusInfo": _info("NoCertificate", str(error))}
    return _contract_answer(answer)


def _contract_answer(answer: ContractAnswer) -> Payload:
    return without_none(status="Accepted", exiResponse=answer.exi, remainingContracts=answer.remaining)


def _info(code: str, text: str) -> Payload:
    return {"reasonCode": code, "additionalInfo": text[:_MAX_INFO]}


def _asked_before(find: Callable[[Exchange, Payload], Awaitable[Payload]]) -> Route:
    """A route whose answer is found outside the house, before the unit of work that archives it."""

    async def prepare(ctx: Exchange) -> None:
        ctx.prepared = await find(ctx, ctx.call.payload)

    def handle(ctx: Exchange, _payload: Payload, _work: Work) -> Payload:
        return ctx.prepared

    return Route(handle, prepare=prepare)


ROUTES = {
    "Get15118EVCertificate": _asked_before(find_contract_certificate),
    "GetCertificateStatus": _asked_before(find_certificate_status),
}

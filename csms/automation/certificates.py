"""Signs what stations ask to be signed, and sends it to them (A02, A03; TC_074, A_11 to A_13)."""

from typing import Any

import orjson
import structlog
from sqlmodel import col, select

from csms.automation.service import Hands, Reaction
from csms.bus.events import CertificateRequested, Event
from csms.certificates.authorities import Office, open_office
from csms.certificates.csr import read_csr
from csms.certificates.service import V2G_CERTIFICATES, chain_of, issue, settle_chain, settle_request
from csms.commands.commands import RawRequest
from csms.commands.service import CommandResult
from csms.stations.ref import StationRef
from csms.stations.service import EventReport, record_event
from csms.work import Work
from models import CertificateUse, ChargingStation, CommandState, Severity, SigningRequest, SigningState

log = structlog.get_logger(__name__)
UNSIGNED = "certificate.unsigned"
_VENDOR = "org.openchargealliance.iso15118pnc"


async def sign_requested(hands: Hands, event: CertificateRequested) -> None:
    """Sign the request and send the certificate. What cannot be signed is entered into the station's history."""
    async with hands.database.reading() as session:
        request = await session.get_one(SigningRequest, event.signing_request_id)
        query = select(ChargingStation).where(col(ChargingStation.id) == event.station_id)
        station = (await session.execute(query)).scalar_one()
        use = CertificateUse.V2G if request.certificate_type in V2G_CERTIFICATES else CertificateUse.STATION
        office = await open_office(session, hands.settings.resolved_secret_key(), use)
    ref = StationRef(event.station_id, event.tenant_id, station.location_id, station.identity)
    if office is None:
        return await _leave_unsigned(hands, ref, event, use)
    chain = await hands.committer.run(lambda work: _sign(work, hands, ref, request, office))
    result = await hands.commands.request(hands.actor(ref.tenant_id), ref.id, _answer(request, chain))
    await hands.committer.run(lambda work: _settle(work, ref, request, chain, result))


async def _sign(work: Work, hands: Hands, ref: StationRef, request: SigningRequest, office: Office) -> str:
    days, now = hands.settings.certificate_days, hands.clock.now()
    kind, csr = request.certificate_type, read_csr(request.csr)
    issued = await issue(work, ref, office, csr, certificate_type=kind, now=now, days=days)
    issued.signing_request_id = request.id
    await settle_request(work, request.id or 0, SigningState.SENT)
    return chain_of(issued, office)


async def _settle(work: Work, ref: StationRef, request: SigningRequest, chain: str, result: CommandResult) -> None:
    """An answer in the open has settled it already; here what never arrived, and what came wrapped."""
    if result.state in (CommandState.UNDELIVERED, CommandState.REFUSED):
        await settle_request(work, request.id or 0, SigningState.FAILED, result.error or "")
    elif request.is_wrapped and result.answer is not None:
        await settle_chain(work, ref, chain, _wrapped_status(result.answer))


def _answer(request: SigningRequest, chain: str) -> RawRequest:
    payload: dict[str, Any] = {"certificateChain": chain}
    if request.certificate_type and not request.is_wrapped:
        payload["certificateType"] = request.certificate_type
    if request.request_id is not None:
        payload["requestId"] = request.request_id
    if not request.is_wrapped:
        return RawRequest("CertificateSigned", payload)
    data = orjson.dumps(payload).decode()
    return RawRequest("DataTransfer", {"vendorId": _VENDOR, "messageId": "CertificateSigned", "data": data})


def _wrapped_status(answer: dict[str, Any]) -> str:
    try:
        return str(orjson.loads(answer.get("data") or "{}").get("status", ""))
    except (orjson.JSONDecodeError, AttributeError):
        return ""


async def _leave_unsigned(hands: Hands, ref: StationRef, event: CertificateRequested, use: CertificateUse) -> None:
    option = "" if use is CertificateUse.STATION else f" --use {use.value}"
    text = (
        "It asks for a certificate, but there is no authority to sign it. Make one with `ca create"
        f"{option}`, or have the request signed elsewhere and send CertificateSigned."
    )

    async def unit(work: Work) -> None:
        await settle_request(work, event.signing_request_id, SigningState.FAILED, "There is no authority to sign it")
        report = EventReport(UNSIGNED, Severity.INFO, text, hands.clock.now())
        await record_event(work, ref, report)

    await hands.committer.run(unit)


REACTIONS: dict[type[Event], Reaction] = {CertificateRequested: sign_requested}

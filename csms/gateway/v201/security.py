"""OCPP 2.x, blocks A and M: certificates of stations, security events, network profiles (A02 to A05, B09, M03)."""

from typing import Any, cast

from csms.certificates.service import SigningDemand, request_certificate
from csms.gateway import certifying
from csms.gateway.asking import Asked
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import moment_of
from csms.stations.profiles import NetworkProfileAnswer, record_network_profile
from csms.stations.security_events import record_security_event
from csms.work import Work

_MAX_INFO = 512


async def on_sign_certificate(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Take in a request for a certificate; it is signed afterwards (A02.FR.02). One that is none is Rejected."""
    demand = SigningDemand(payload["csr"], payload.get("certificateType") or "", payload.get("requestId"))
    refused = await request_certificate(work, ctx.ref, demand, ctx.received_at)
    if refused is None:
        return {"status": "Accepted"}
    await record_security_event(work, ctx.ref, "CertificateRequestRefused", ctx.received_at, refused)
    return {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidCSR", "additionalInfo": refused[:_MAX_INFO]}}


async def on_security_event_notification(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Keep a security event (A04)."""
    at = moment_of(payload["timestamp"], ctx.received_at)
    await record_security_event(work, ctx.ref, payload["type"], at, payload.get("techInfo") or "")
    return {}


async def learn_network_profile(work: Work, asked: Asked) -> None:
    """B09: what the station was told of how to connect. Accepted with a higher security profile, it may use that."""
    data = cast(dict[str, Any], asked.payload.get("connectionData") or {})
    slot, profile = asked.payload.get("configurationSlot"), data.get("securityProfile")
    if not isinstance(slot, int) or not isinstance(profile, int):
        return  # sent unchecked; nobody can say what it meant
    answer = NetworkProfileAnswer(slot, profile, data, str(asked.answer.get("status", "")))
    await record_network_profile(work, asked.ref, answer, asked.at)


ROUTES = {
    "SecurityEventNotification": Route(on_security_event_notification),
    "SignCertificate": Route(on_sign_certificate),
}

LESSONS = {
    **certifying.LESSONS,
    "GetInstalledCertificateIds": certifying.learn_kept,
    "SetNetworkProfile": learn_network_profile,
}

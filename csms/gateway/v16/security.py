"""OCPP 1.6, the security extension: certificates, security events, and the way up to a higher profile."""

from csms.certificates.service import SigningDemand, request_certificate
from csms.gateway import certifying
from csms.gateway.asking import Asked, both
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.v16.configuration import learn_change
from csms.gateway.wire import moment_of
from csms.stations.profiles import expect_profile
from csms.stations.security_events import record_security_event
from csms.work import Work

_TAKEN = ("Accepted", "RebootRequired")


async def on_sign_certificate(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Take in a request for a certificate, signed afterwards (TC_074). One that is none is Rejected (quirk 80)."""
    refused = await request_certificate(work, ctx.ref, SigningDemand(payload["csr"]), ctx.received_at)
    if refused is None:
        return {"status": "Accepted"}
    await record_security_event(work, ctx.ref, "CertificateRequestRefused", ctx.received_at, refused)
    return {"status": "Rejected"}


async def on_security_event_notification(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Keep a security event (TC_077, TC_078)."""
    at = moment_of(payload["timestamp"], ctx.received_at)
    await record_security_event(work, ctx.ref, payload["type"], at, payload.get("techInfo") or "")
    return {}


async def learn_profile(work: Work, asked: Asked) -> None:
    """TC_083: told to use a higher SecurityProfile, the station may come with it; nothing lowers it."""
    if str(asked.payload.get("key", "")).casefold() != "securityprofile" or asked.answer.get("status") not in _TAKEN:
        return
    value = str(asked.payload.get("value", "")).strip()
    if value.isdecimal():
        expect_profile(work, asked.ref, int(value))


ROUTES = {
    "SecurityEventNotification": Route(on_security_event_notification),
    "SignCertificate": Route(on_sign_certificate),
}

LESSONS = {
    **certifying.LESSONS,
    "GetInstalledCertificateIds": certifying.learn_kept_16,
    "ChangeConfiguration": both(learn_change, learn_profile),
}

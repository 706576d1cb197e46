"""Verbs of station certificates: a request is taken in, signed, sent, taken or refused (A02, A03), and revoked."""

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import select, update
from sqlmodel import col

from csms.bus.events import CertificateRequested
from csms.cause import current_cause
from csms.certificates.authorities import Office
from csms.certificates.csr import BadCsrError, Csr, read_csr
from csms.certificates.issuing import issue_station
from csms.certificates.x509 import fingerprint_of, pem_of, read_certificates, serial_of, subject
from csms.errors import InvalidInputError
from csms.stations.ref import StationRef
from csms.stations.security import certificate_names
from csms.work import Work
from models import (
    ChargingStation,
    IssuedCertificate,
    RevokedCertificate,
    SigningRequest,
    SigningState,
    Tenant,
)

STATION_CERTIFICATE = "ChargingStationCertificate"
V2G_CERTIFICATES = frozenset({"V2GCertificate", "V2G20Certificate"})
REASONS = tuple(flag.value for flag in x509.ReasonFlags if flag is not x509.ReasonFlags.remove_from_crl)


@dataclass(frozen=True, slots=True)
class SigningDemand:
    """A SignCertificate as it came."""

    csr: str
    certificate_type: str = ""
    request_id: int | None = None
    is_wrapped: bool = False


async def request_certificate(work: Work, ref: StationRef, demand: SigningDemand, at: datetime) -> str | None:
    """Take in a SignCertificate. Returns why it is refused, or None: then it is signed later (A02.FR.02).

    The name asked for must be the station's own, or it could be let in under another's.
    """
    try:
        csr = read_csr(demand.csr)
    except BadCsrError as error:
        return str(error)
    session = work.session()
    if demand.certificate_type not in V2G_CERTIFICATES and not await _is_own_name(work, ref, csr):
        return f"It asks for the name {csr.name!r}, which is neither serial number nor name of this station"
    row = SigningRequest(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        certificate_type=demand.certificate_type,
        request_id=demand.request_id,
        is_wrapped=demand.is_wrapped,
        csr=demand.csr,
        received_at=at,
    )
    session.add(row)
    await session.flush()
    work.announce(
        CertificateRequested(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            at=at,
            cause_id=current_cause(),
            signing_request_id=row.id or 0,
        )
    )
    return None


async def _is_own_name(work: Work, ref: StationRef, csr: Csr) -> bool:
    station = await work.session().get_one(ChargingStation, ref.id)
    names = certificate_names(station.identity, station.serial_number, station.certificate_name)
    return csr.name.casefold() in names


async def issue(
    work: Work, ref: StationRef, office: Office, csr: Csr, *, certificate_type: str, now: datetime, days: int
) -> IssuedCertificate:
    """Make a certificate for a station: its key, its name, the operator as organization (A00.FR.404)."""
    session = work.session()
    operator = (await session.execute(select(col(Tenant.name)).where(col(Tenant.id) == ref.tenant_id))).scalar_one()
    certificate = issue_station(subject(operator, csr.name), csr.request, office.signer, now, days)
    row = IssuedCertificate(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        authority_id=office.authority_id,
        certificate_type=certificate_type,
        subject=certificate.subject.rfc4514_string(),
        serial_number=serial_of(certificate),
        fingerprint=fingerprint_of(certificate),
        certificate=pem_of([certificate]),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
    )
    session.add(row)
    await session.flush()
    return row


def chain_of(issued: IssuedCertificate, office: Office) -> str:
    """The certificate and the authorities above it but for the root, which a station has or must not trust from us."""
    return issued.certificate + pem_of((office.signer.certificate, *office.signer.above[:-1]))


async def settle_request(work: Work, request_id: int, state: SigningState, note: str = "") -> None:
    """Note how far a request for a certificate has come."""
    await work.session().execute(
        update(SigningRequest)
        .where(col(SigningRequest.id) == request_id)
        .values(state=str(state), note=note)
        .execution_options(synchronize_session=False)
    )


async def settle_chain(work: Work, ref: StationRef, chain: str, status: str) -> None:
    """The station answered a CertificateSigned; a chain that is not ours, or none at all, is nobody's request."""
    try:
        [leaf, *_] = read_certificates(chain)
    except InvalidInputError:
        return
    query = select(col(IssuedCertificate.signing_request_id)).where(
        col(IssuedCertificate.station_id) == ref.id, col(IssuedCertificate.fingerprint) == fingerprint_of(leaf)
    )
    request_id = (await work.session().execute(query)).scalar_one_or_none()
    if request_id is not None:
        state = SigningState.ACCEPTED if status == "Accepted" else SigningState.REJECTED
        await settle_request(work, request_id, state)


async def revoke(work: Work, issued: IssuedCertificate, reason: str, at: datetime) -> None:
    """Take a certificate back. Known ones stay as they are. Raises InvalidInputError for a reason RFC 5280 lacks."""
    if reason not in REASONS:
        raise InvalidInputError(f"{reason!r} is no reason; known are: {', '.join(REASONS)}.")
    session = work.session()
    [certificate] = read_certificates(issued.certificate)
    issuer = certificate.issuer.rfc4514_string()
    known = select(RevokedCertificate).where(
        col(RevokedCertificate.issuer) == issuer, col(RevokedCertificate.serial_number) == issued.serial_number
    )
    if (await session.execute(known)).scalar_one_or_none() is None:
        row = RevokedCertificate(
            tenant_id=issued.tenant_id,
            issuer=issuer,
            serial_number=issued.serial_number,
            reason=reason,
            revoked_at=at,
        )
        session.add(row)
        await session.flush()

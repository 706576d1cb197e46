"""What the shell asks of certificates: authorities, servers, stations, trust. Each returns what to print."""

from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.certificates import queries
from csms.certificates.authorities import Office, create_authorities, open_office
from csms.certificates.csr import BadCsrError, read_csr
from csms.certificates.issuing import issue_crl
from csms.certificates.servers import write_server_certificates
from csms.certificates.service import chain_of, issue, revoke
from csms.certificates.trust import add_anchors
from csms.certificates.x509 import fingerprint_of, pem_of, read_certificates
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.stations.ref import StationRef
from csms.stations.security import certificate_names
from csms.work import Work
from models import CertificateUse, ChargingStation, RevokedCertificate
from models.scope import tenant_scope

CRL_DAYS = 30


async def create(work: Work, secret_key: bytes, organization: str, use: CertificateUse, now: datetime) -> str:
    """Make a root and a sub-authority; returns the root, for stations to trust."""
    office = await create_authorities(work.session(), secret_key, organization=organization, use=use, now=now)
    return pem_of(office.signer.above[-1:])


async def show(session: AsyncSession) -> str:
    """Every authority with its end and fingerprint, and the roots in PEM."""
    rows = await queries.authorities(session)
    if not rows:
        return "There is no certificate authority yet; `ca create` makes one."
    lines: list[str] = []
    for row in rows:
        [certificate] = read_certificates(row.certificate)
        until = f"{certificate.not_valid_after_utc:%Y-%m-%d}"
        lines.append(f"{row.use:8} {row.subject}\n         until {until}, SHA-256 {fingerprint_of(certificate)}")
    return "\n".join([*lines, "", *(row.certificate for row in rows if row.parent_id is None)])


async def make_server(
    session: AsyncSession, secret_key: bytes, folder: Path, hostname: str, organization: str, now: datetime, days: int
) -> list[Path]:
    """Write the two certificates of the TLS listener. Raises NotFoundError without an authority."""
    office = await _office(session, secret_key)
    return write_server_certificates(folder, hostname, office.signer, organization=organization, now=now, days=days)


async def sign(work: Work, secret_key: bytes, identity: str, csr: str, now: datetime, days: int) -> str:
    """A chain for a station from its request. Raises InvalidInputError for one that cannot be signed for it."""
    station, ref = await _station(work.session(), identity)
    try:
        read = read_csr(csr)
    except BadCsrError as error:
        raise InvalidInputError(f"The request cannot be signed. {error}.") from None
    names = certificate_names(station.identity, station.serial_number, station.certificate_name)
    if read.name.casefold() not in names:
        raise InvalidInputError(f"The request is for {read.name!r}; {identity} may be called: {', '.join(names)}.")
    office = await _office(work.session(), secret_key)
    with tenant_scope(ref.tenant_id):
        issued = await issue(work, ref, office, read, certificate_type="", now=now, days=days)
        await work.session().flush()
    return chain_of(issued, office)


async def take_back(work: Work, identity: str, reason: str, now: datetime) -> int:
    """Revoke every certificate of a station; returns how many that are. They open no door from now on."""
    _, ref = await _station(work.session(), identity)
    issued = await queries.issued_to(work.session(), ref.id)
    with tenant_scope(ref.tenant_id):
        for one in issued:
            await revoke(work, one, reason, now)
    return len(issued)


async def revocation_list(session: AsyncSession, secret_key: bytes, now: datetime) -> str:
    """The list of what our authority has taken back (RFC 5280), in PEM, for whoever else checks its certificates."""
    office = await _office(session, secret_key)
    rows = await queries.revoked_by(session, office.signer.certificate.subject.rfc4514_string())
    crl = issue_crl(office.signer, [_entry(row) for row in rows], now, CRL_DAYS)
    return crl.public_bytes(Encoding.PEM).decode()


async def trust(work: Work, tenant_id: int, pem: str, use: CertificateUse, now: datetime) -> list[str]:
    """Let a tenant trust authorities; returns the subjects that were new."""
    with tenant_scope(tenant_id):
        return [row.subject for row in await add_anchors(work.session(), pem, use, now)]


async def bind(work: Work, identity: str, profile: int | None, name: str | None) -> str:
    """Set the security profile of a station, the common name of its certificate, or both."""
    station, _ = await _station(work.session(), identity)
    if profile is not None:
        if profile in (1, 2) and station.password_hash is None:
            raise ConflictError(f"Security profile {profile} needs a password, and {identity} has none.")
        station.security_profile, station.pending_security_profile = profile, None
    if name is not None:
        station.certificate_name = name or None
    with tenant_scope(station.tenant_id):
        await work.session().flush()
    names = certificate_names(station.identity, station.serial_number, station.certificate_name)
    return f"{identity} uses security profile {station.security_profile}; its certificate bears: {', '.join(names)}."


async def _office(session: AsyncSession, secret_key: bytes) -> Office:
    office = await open_office(session, secret_key, CertificateUse.STATION)
    if office is None:
        raise NotFoundError("There is no certificate authority yet; `ca create` makes one.")
    return office


async def _station(session: AsyncSession, identity: str) -> tuple[ChargingStation, StationRef]:
    query = select(ChargingStation).where(col(ChargingStation.identity_key) == identity.casefold())
    station = (await session.execute(query)).scalar_one_or_none()
    if station is None or station.id is None:
        raise NotFoundError(f"There is no station {identity}.")
    return station, StationRef(station.id, station.tenant_id, station.location_id, station.identity)


def _entry(row: RevokedCertificate) -> tuple[int, datetime, str]:
    return int(row.serial_number, 16), row.revoked_at, row.reason

"""Whether a client certificate opens the door to a station (security profile 3: A00.FR.4xx, TR_32)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID
from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.certificates.paths import PathError, path_of
from csms.certificates.trust import Anchor, certificates_of
from csms.certificates.x509 import common_name, fingerprint_of, is_strong, kind_of, names_in, serial_of
from models import IssuedCertificate, RevokedCertificate, Tenant


@dataclass(frozen=True, slots=True)
class Claimed:
    """The station somebody claims to be."""

    station_id: int
    tenant_id: int
    names: frozenset[str]
    """Common names that its certificate may bear, case-folded."""


class CertificateRefusedError(Exception):
    """The certificate does not prove the claim; the text says why, in a sentence without its full stop."""


async def check_client(
    session: AsyncSession,
    claimed: Claimed,
    certificate: x509.Certificate,
    between: Sequence[x509.Certificate],
    anchors: Sequence[Anchor],
    at: datetime,
) -> None:
    """Raise CertificateRefusedError unless the certificate is the claimed station's. Scope: the station's tenant.

    Its path must end at an anchor that counts for the tenant, or another operator's authority could vouch for the
    station. One of our own making must have been made for this very station.
    """
    if not is_strong(certificate.public_key()):
        raise CertificateRefusedError(f"Its key is too short ({kind_of(certificate.public_key())})")
    trusted = certificates_of(anchors, claimed.tenant_id)
    try:
        path = path_of(certificate, between, trusted, at)
    except PathError as error:
        raise CertificateRefusedError(str(error)) from None
    await _refuse_revoked(session, path)
    name = common_name(certificate.subject)
    if name.casefold() not in claimed.names:
        raise CertificateRefusedError(
            f"It belongs to {name!r}, which is neither serial number nor name of this station"
        )
    if _is_ours(path, anchors):
        await _require_issued(session, claimed, certificate)
    else:
        await _require_organization(session, claimed, certificate)


async def _refuse_revoked(session: AsyncSession, path: Sequence[x509.Certificate]) -> None:
    issuer, serial = col(RevokedCertificate.issuer), col(RevokedCertificate.serial_number)
    any_of = or_(*(and_(issuer == one.issuer.rfc4514_string(), serial == serial_of(one)) for one in path))
    for revoked in (await session.execute(select(RevokedCertificate).where(any_of))).scalars():
        raise CertificateRefusedError(f"A certificate of {revoked.issuer} was revoked ({revoked.reason})")


async def _require_issued(session: AsyncSession, claimed: Claimed, certificate: x509.Certificate) -> None:
    query = select(col(IssuedCertificate.station_id)).where(
        col(IssuedCertificate.fingerprint) == fingerprint_of(certificate)
    )
    if (await session.execute(query)).scalar_one_or_none() != claimed.station_id:
        raise CertificateRefusedError("It was issued to another station")


async def _require_organization(session: AsyncSession, claimed: Claimed, certificate: x509.Certificate) -> None:
    """A00.FR.404: the organization names the operator."""
    operator = (await session.execute(select(col(Tenant.name)).where(col(Tenant.id) == claimed.tenant_id))).scalar_one()
    organizations = names_in(certificate.subject, NameOID.ORGANIZATION_NAME)
    if not any(operator.casefold() in one.casefold() for one in organizations):
        said = ", ".join(organizations) or "none"
        raise CertificateRefusedError(f"Its organization is {said}; it must contain {operator!r}")


def _is_ours(path: Sequence[x509.Certificate], anchors: Sequence[Anchor]) -> bool:
    ours = {fingerprint_of(anchor.certificate) for anchor in anchors if anchor.tenant_id is None}
    return fingerprint_of(path[-1]) in ours

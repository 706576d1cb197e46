"""Whom we trust for what: our own authorities on behalf of everybody, a tenant's anchors on its own behalf."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.certificates.x509 import fingerprint_of, pem_of, read_certificates
from csms.errors import InvalidInputError
from models import CertificateAuthority, CertificateUse, TrustAnchor


@dataclass(frozen=True, slots=True)
class Anchor:
    """A trusted certificate, and for whose stations it counts; None: the platform's own, for all."""

    certificate: x509.Certificate
    tenant_id: int | None


async def anchors_for(session: AsyncSession, *uses: CertificateUse) -> list[Anchor]:
    """The anchors of the tenant in scope, or of all, and the platform's own."""
    words = [str(use) for use in uses]
    ours = select(col(CertificateAuthority.certificate)).where(col(CertificateAuthority.use).in_(words))
    theirs = select(TrustAnchor).where(col(TrustAnchor.use).in_(words))
    found = [Anchor(one, None) for (pem,) in (await session.execute(ours)).all() for one in read_certificates(pem)]
    for row in (await session.execute(theirs)).scalars():
        found += [Anchor(one, row.tenant_id) for one in read_certificates(row.certificate)]
    return found


async def add_anchors(session: AsyncSession, pem: str, use: CertificateUse, now: datetime) -> list[TrustAnchor]:
    """Trust every certificate in `pem` for the tenant in scope; known ones are left as they are.

    Raises InvalidInputError for a text without one, or one that is no authority's.
    """
    rows: list[TrustAnchor] = []
    for certificate in read_certificates(pem):
        _require_authority(certificate)
        row = TrustAnchor(
            use=use,
            subject=certificate.subject.rfc4514_string(),
            fingerprint=fingerprint_of(certificate),
            certificate=pem_of([certificate]),
            added_at=now,
        )
        known = select(TrustAnchor).where(
            col(TrustAnchor.use) == str(use), col(TrustAnchor.fingerprint) == row.fingerprint
        )
        if (await session.execute(known)).scalar_one_or_none() is None:
            session.add(row)
            rows.append(row)
    await session.flush()
    return rows


def certificates_of(anchors: Sequence[Anchor], tenant_id: int) -> list[x509.Certificate]:
    """Those that count for a tenant."""
    return [anchor.certificate for anchor in anchors if anchor.tenant_id in (None, tenant_id)]


def _require_authority(certificate: x509.Certificate) -> None:
    try:
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        is_authority = False
    if not is_authority:
        raise InvalidInputError(
            f"{certificate.subject.rfc4514_string()} is no certificate authority, so nothing can be below it."
        )

"""Our own certificate authorities: made once, kept with their keys encrypted, taken up to sign."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.certificates.issuing import Signer, issue_root, issue_sub, new_ec_key
from csms.certificates.x509 import PrivateKey, pem_of, read_certificates, subject
from csms.errors import ConflictError
from models import CertificateAuthority, CertificateUse

ROOT_DAYS, SUB_DAYS = 3650, 1825


@dataclass(frozen=True, slots=True)
class Office:
    """An authority in the database and what it signs with."""

    authority_id: int
    signer: Signer


async def create_authorities(
    session: AsyncSession, secret_key: bytes, *, organization: str, use: CertificateUse, now: datetime
) -> Office:
    """Make a root and a sub-authority for `use`. Raises ConflictError when there is one already.

    The private keys are kept encrypted under the platform's secret key: without it they are lost.
    """
    if await _rows(session, use):
        raise ConflictError(f"There is a certificate authority for {use} already; `ca show` prints it.")
    root_key, sub_key = new_ec_key(), new_ec_key()
    words = {CertificateUse.STATION: "charging stations", CertificateUse.V2G: "V2G"}.get(use, str(use))
    root = issue_root(subject(organization, f"Root CA for {words}"), root_key, now, ROOT_DAYS)
    above = Signer(root, root_key)
    sub = issue_sub(subject(organization, f"Sub CA for {words}"), sub_key, above, now, SUB_DAYS)
    root_row = _row(root, root_key, secret_key, use, now)
    session.add(root_row)
    await session.flush()
    sub_row = _row(sub, sub_key, secret_key, use, now)
    sub_row.parent_id = root_row.id
    session.add(sub_row)
    await session.flush()
    return Office(sub_row.id or 0, Signer(sub, sub_key, (root,)))


async def open_office(session: AsyncSession, secret_key: bytes, use: CertificateUse) -> Office | None:
    """The newest authority that signs for `use`, ready to; None when there is none. Opening its key takes some ms."""
    rows = await _rows(session, use)
    if not rows:
        return None
    by_id = {row.id: row for row in rows}
    row = rows[-1]
    above: list[x509.Certificate] = []
    parent = by_id.get(row.parent_id)
    while parent is not None:
        above += read_certificates(parent.certificate)
        parent = by_id.get(parent.parent_id)
    [certificate] = read_certificates(row.certificate)
    return Office(row.id or 0, Signer(certificate, _open_key(row.private_key, secret_key), above))


async def _rows(session: AsyncSession, use: CertificateUse) -> list[CertificateAuthority]:
    query = select(CertificateAuthority).where(col(CertificateAuthority.use) == str(use))
    return list((await session.execute(query.order_by(col(CertificateAuthority.id)))).scalars())


def _row(
    certificate: x509.Certificate, key: PrivateKey, secret_key: bytes, use: CertificateUse, now: datetime
) -> CertificateAuthority:
    encryption = serialization.BestAvailableEncryption(_passphrase(secret_key))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
    return CertificateAuthority(
        use=use,
        subject=certificate.subject.rfc4514_string(),
        certificate=pem_of([certificate]),
        private_key=pem.decode(),
        created_at=now,
    )


def _open_key(pem: str, secret_key: bytes) -> PrivateKey:
    try:
        key = serialization.load_pem_private_key(pem.encode(), _passphrase(secret_key))
    except ValueError:
        raise ConflictError(
            "The certificate authority's key does not open: VOLTDECK_SECRET_KEY differs from the one it was made with."
        ) from None
    return key  # type: ignore[return-value]  # pyright: ignore[reportReturnType] - we wrote it


def _passphrase(secret_key: bytes) -> bytes:
    return hmac.new(secret_key, b"keys of certificate authorities", hashlib.sha256).hexdigest().encode()

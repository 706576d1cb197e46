"""Which certificates a station keeps: by what it took from us and by what it tells (M03 to M05; TC_075, TC_076)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from cryptography import x509
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.certificates.hashdata import ALGORITHMS, HashData, hash_data_of
from csms.certificates.x509 import read_certificates
from csms.errors import InvalidInputError
from csms.stations.ref import StationRef
from csms.work import Work
from models import InstalledCertificate


@dataclass(frozen=True, slots=True)
class Reported:
    """A certificate that a station tells of, and those below it in its chain."""

    certificate_type: str
    data: HashData
    children: tuple[HashData, ...] = ()


async def note_installed(work: Work, ref: StationRef, certificate_type: str, pem: str, at: datetime) -> None:
    """The station took a certificate from us. What is no PEM, it took all the same: it will tell the hashes itself."""
    certificate = _first(pem)
    if certificate is None:
        return
    data = hash_data_of(certificate, certificate, "SHA256")
    session = work.session()
    for row in await rows_of(session, ref.id, certificate_type):
        if is_same(row, data):
            await session.delete(row)
    session.add(_row(ref, Reported(certificate_type, data), pem, at))


async def note_report(
    work: Work, ref: StationRef, asked: Sequence[str], reported: Sequence[Reported], at: datetime
) -> None:
    """The station told what it keeps of the `asked` types (none: of all). What it left out, it no longer has."""
    session = work.session()
    before = [row for row in await rows_of(session, ref.id) if not asked or row.certificate_type in asked]
    known = {
        one: next((row.certificate for row in before if row.certificate and is_same(row, one.data)), None)
        for one in reported
    }
    for row in before:
        await session.delete(row)
    for one in reported:
        session.add(_row(ref, one, known[one], at))


async def note_deleted(work: Work, ref: StationRef, data: HashData) -> None:
    """The station no longer has a certificate."""
    session = work.session()
    for row in await rows_of(session, ref.id):
        if is_same(row, data):
            await session.delete(row)


async def rows_of(
    session: AsyncSession, station_id: int, certificate_type: str | None = None
) -> list[InstalledCertificate]:
    """What a station keeps, as far as we know."""
    query = select(InstalledCertificate).where(col(InstalledCertificate.station_id) == station_id)
    if certificate_type is not None:
        query = query.where(col(InstalledCertificate.certificate_type) == certificate_type)
    return list((await session.execute(query.order_by(col(InstalledCertificate.id)))).scalars())


def is_same(row: InstalledCertificate, data: HashData) -> bool:
    """Whether the row is of the certificate that `data` speaks of, in whichever algorithm it is kept."""
    if row.hash_algorithm == data.algorithm:
        kept = (row.issuer_name_hash, row.issuer_key_hash, row.serial_number)
        return kept == (data.issuer_name_hash, data.issuer_key_hash, data.serial_number)
    certificate = _first(row.certificate or "")
    if certificate is None or data.algorithm not in ALGORITHMS:
        return False
    return hash_data_of(certificate, certificate, data.algorithm) == data


def _row(ref: StationRef, reported: Reported, pem: str | None, at: datetime) -> InstalledCertificate:
    data = reported.data
    return InstalledCertificate(
        tenant_id=ref.tenant_id,
        station_id=ref.id,
        certificate_type=reported.certificate_type,
        hash_algorithm=data.algorithm,
        issuer_name_hash=data.issuer_name_hash,
        issuer_key_hash=data.issuer_key_hash,
        serial_number=data.serial_number,
        children=[asdict(child) for child in reported.children],
        certificate=pem,
        reported_at=at,
    )


def _first(pem: str) -> x509.Certificate | None:
    try:
        return read_certificates(pem)[0]
    except InvalidInputError:
        return None

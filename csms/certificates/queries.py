"""Reads of certificates: what was asked for, issued, taken back, and what runs out."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import CertificateAuthority, IssuedCertificate, RevokedCertificate, SigningRequest


async def authorities(session: AsyncSession) -> Sequence[CertificateAuthority]:
    """The platform's own authorities, roots first."""
    return (await session.execute(select(CertificateAuthority).order_by(col(CertificateAuthority.id)))).scalars().all()


async def issued_to(session: AsyncSession, station_id: int) -> Sequence[IssuedCertificate]:
    """Certificates of a station, newest first."""
    query = select(IssuedCertificate).where(col(IssuedCertificate.station_id) == station_id)
    return (await session.execute(query.order_by(col(IssuedCertificate.id).desc()))).scalars().all()


async def requests_of(session: AsyncSession, station_id: int, limit: int = 50) -> Sequence[SigningRequest]:
    """What a station asked to be signed, newest first."""
    query = select(SigningRequest).where(col(SigningRequest.station_id) == station_id)
    return (await session.execute(query.order_by(col(SigningRequest.id).desc()).limit(limit))).scalars().all()


async def running_out(session: AsyncSession, before: datetime) -> Sequence[IssuedCertificate]:
    """Certificates in scope that end before a moment, soonest first."""
    query = select(IssuedCertificate).where(col(IssuedCertificate.not_after) < before)
    return (await session.execute(query.order_by(col(IssuedCertificate.not_after)))).scalars().all()


async def revoked_by(session: AsyncSession, issuer: str) -> Sequence[RevokedCertificate]:
    """What an issuer (RFC 4514) has taken back, of the tenants in scope."""
    query = select(RevokedCertificate).where(col(RevokedCertificate.issuer) == issuer)
    return (await session.execute(query.order_by(col(RevokedCertificate.id)))).scalars().all()

"""Certificates: our own authorities, whom tenants trust, what stations asked for, were given and keep; their profiles.

Certificates are kept as PEM. Fingerprints are SHA-256 over the DER form, serial numbers hexadecimal without leading
zeros, both in lower case.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Index, Text, UniqueConstraint
from sqlmodel import Field

from models.base import Row, TenantScoped, moment
from models.types import Json


class CertificateUse(StrEnum):
    """What the certificates below an authority or a trusted root are for."""

    STATION = "station"
    """A station proves itself at our door (security profile 3)."""
    V2G = "v2g"
    """A station proves itself to vehicles (ISO 15118)."""
    MO = "mo"
    """A vehicle's contract with its mobility operator (ISO 15118)."""


class SigningState(StrEnum):
    """How far a station's request for a certificate has come."""

    PENDING = "pending"
    SENT = "sent"
    """Signed and sent; what the station thinks of it is not known yet, or the answer was lost."""
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    FAILED = "failed"
    """It could not be signed; `note` says why."""


class CertificateAuthority(Row, table=True):
    """A certificate authority of the platform itself. A sub-authority names its parent."""

    id: int | None = Field(default=None, primary_key=True)
    use: str = Field(max_length=8)
    parent_id: int | None = Field(default=None, foreign_key="certificate_authority.id")
    subject: str
    certificate: str = Field(sa_type=Text)
    private_key: str = Field(sa_type=Text)
    """PKCS#8, encrypted under the platform's secret key."""
    created_at: datetime = moment()


class TrustAnchor(TenantScoped, table=True):
    """A certificate below which a tenant trusts: its own authority's, or that of a mobility operator."""

    __table_args__ = (UniqueConstraint("tenant_id", "use", "fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    use: str = Field(max_length=8)
    subject: str
    fingerprint: str = Field(max_length=64)
    certificate: str = Field(sa_type=Text)
    added_at: datetime = moment()


class SigningRequest(TenantScoped, table=True):
    """A SignCertificate of a station (A02, A03), and what became of it."""

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id", index=True)
    certificate_type: str = Field(default="", max_length=40)
    """OCPP's CertificateSigningUse; empty in 1.6, and in 2.x for one certificate of both uses."""
    request_id: int | None = None
    """2.1: the station's number for it."""
    is_wrapped: bool = False
    """1.6: it came, and is answered, inside a DataTransfer (org.openchargealliance.iso15118pnc)."""
    csr: str = Field(sa_type=Text)
    state: str = Field(default=SigningState.PENDING, max_length=8)
    note: str = ""
    received_at: datetime = moment()


class IssuedCertificate(TenantScoped, table=True):
    """A certificate that an authority of ours issued to a station."""

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id", index=True)
    authority_id: int = Field(foreign_key="certificate_authority.id")
    signing_request_id: int | None = Field(default=None, foreign_key="signing_request.id")
    certificate_type: str = Field(default="", max_length=40)
    subject: str
    serial_number: str = Field(max_length=40)
    fingerprint: str = Field(unique=True, max_length=64)
    certificate: str = Field(sa_type=Text)
    not_before: datetime = moment()
    not_after: datetime = moment()


class RevokedCertificate(TenantScoped, table=True):
    """A certificate that no longer opens a door, whoever issued it."""

    __table_args__ = (UniqueConstraint("tenant_id", "issuer", "serial_number"),)

    id: int | None = Field(default=None, primary_key=True)
    issuer: str
    """RFC 4514."""
    serial_number: str = Field(max_length=40)
    reason: str = Field(default="unspecified", max_length=32)
    """As RFC 5280 calls it: keyCompromise, cessationOfOperation …"""
    revoked_at: datetime = moment()


class InstalledCertificate(TenantScoped, table=True):
    """A certificate that a station keeps, by its own word (M03) or because it took it from us (M05)."""

    __table_args__ = (Index("ix_installed_certificate_station", "station_id", "certificate_type"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    certificate_type: str = Field(max_length=40)
    """As the station's OCPP version calls it."""
    hash_algorithm: str = Field(max_length=8)
    issuer_name_hash: str = Field(max_length=128)
    issuer_key_hash: str = Field(max_length=128)
    serial_number: str = Field(max_length=40)
    children: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Hash data of the certificates below it in the chain, as reported."""
    certificate: str | None = Field(default=None, sa_type=Text)
    """The certificate itself, where it came from us."""
    reported_at: datetime = moment()


class NetworkProfile(TenantScoped, table=True):
    """How a station is to connect, as it was told with SetNetworkProfile (B09)."""

    __table_args__ = (UniqueConstraint("station_id", "slot"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    slot: int
    security_profile: int
    connection_data: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """As sent, without secrets."""
    status: str = Field(max_length=16)
    """The station's latest answer: Accepted, Rejected or Failed."""
    answered_at: datetime = moment()

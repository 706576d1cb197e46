"""What the certificate cases of all versions do: a station asks, is given, and comes back with it."""

import hashlib
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID

from csms.certificates.hashdata import hash_data_of
from csms.certificates.paths import issued_by
from csms.certificates.x509 import read_certificates
from models import IssuedCertificate, SigningRequest
from tests.certification.pki import authority, csr_for, station_key
from tests.certification.secure import SecureLab
from tests.certification.station import Asked, BenchStation, Json


async def ask_for_certificate(station: BenchStation, name: str, certificate_type: str | None = None) -> Asked:
    """SignCertificate, answered Accepted at once; then the CertificateSigned that follows."""
    payload = {"csr": csr_for(name)} | ({} if certificate_type is None else {"certificateType": certificate_type})
    assert await station.call("SignCertificate", payload) == {"status": "Accepted"}
    return await station.expect("CertificateSigned")


def check_chain(chain: str, lab: SecureLab, name: str, *, v2g: bool = False) -> x509.Certificate:
    """The chain is of this name and the bench's key, and leads to the root."""
    leaf, *above = read_certificates(chain)
    office = lab.v2g if v2g else lab.office
    for certificate, issuer in zip([leaf, *above], [*above, office.signer.above[-1]], strict=True):
        assert issued_by(certificate, issuer)
    assert public(leaf.public_key()) == public(station_key().public_key())
    [common] = leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    [organization] = leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    assert (common.value, organization.value) == (name, "Green")
    return leaf


def public(key: Any) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


async def states(lab: SecureLab, station: BenchStation) -> list[str]:
    """How far the station's requests have come."""
    return [row.state for row in await lab.rows(SigningRequest, station_id=station.ref.id)]


async def issued(lab: SecureLab, station: BenchStation) -> list[IssuedCertificate]:
    return await lab.rows(IssuedCertificate, station_id=station.ref.id)


def some_root() -> tuple[str, x509.Certificate]:
    """A root to install, as PEM and read."""
    certificate = authority().certificate
    return certificate.public_bytes(serialization.Encoding.PEM).decode(), certificate


def reported(certificate: x509.Certificate, algorithm: str = "SHA256") -> Json:
    """How a station speaks of a root that it keeps."""
    data = hash_data_of(certificate, certificate, algorithm)
    assert len(data.issuer_key_hash) == hashlib.new(algorithm.lower()).digest_size * 2
    return {
        "hashAlgorithm": data.algorithm,
        "issuerNameHash": data.issuer_name_hash,
        "issuerKeyHash": data.issuer_key_hash,
        "serialNumber": data.serial_number,
    }

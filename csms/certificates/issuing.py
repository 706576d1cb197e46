"""Makes certificates: authorities, servers, stations. Pure but for the random numbers; times are handed in."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from csms.certificates.x509 import PrivateKey

_CLOCK_SKEW = timedelta(hours=1)
"""Stations whose clock is a little behind must not find a fresh certificate unborn."""
_SIGNS = {"digital_signature": True, "key_cert_sign": True, "crl_sign": True}
_ENDS = {"digital_signature": True, "key_agreement": True}
_ENDS_RSA = {"digital_signature": True, "key_encipherment": True}
"""AES128-GCM-SHA256 and its like let the client encipher the key (TR_30)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """An authority that can sign: its own certificate and key, and the certificates above it, nearest first."""

    certificate: x509.Certificate
    key: PrivateKey
    above: Sequence[x509.Certificate] = ()


def new_ec_key() -> ec.EllipticCurvePrivateKey:
    """A P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> rsa.RSAPrivateKey:
    """A 2048-bit key: larger ones make certificates that 1.6 stations may have no room for (TR_31)."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def issue_root(name: x509.Name, key: PrivateKey, now: datetime, days: int) -> x509.Certificate:
    """A self-signed root authority."""
    builder = _begin(name, name, key.public_key(), now, days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return _extended(builder, key, _usage(_SIGNS)).sign(key, hashes.SHA256())


def issue_sub(name: x509.Name, key: PrivateKey, signer: Signer, now: datetime, days: int) -> x509.Certificate:
    """An authority below `signer` that signs for stations and servers, but makes no further authorities."""
    builder = _begin(name, signer.certificate.subject, key.public_key(), now, days)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    return _extended(builder, signer.key, _usage(_SIGNS)).sign(signer.key, hashes.SHA256())


def issue_server(
    name: x509.Name, hostname: str, key: PrivateKey, signer: Signer, now: datetime, days: int
) -> x509.Certificate:
    """A certificate for the listener at `hostname`, a DNS name or an address (TR_31: CN and SAN)."""
    builder = _begin(name, signer.certificate.subject, key.public_key(), now, days)
    builder = _end_entity(builder, ExtendedKeyUsageOID.SERVER_AUTH)
    builder = builder.add_extension(x509.SubjectAlternativeName([_general_name(hostname)]), critical=False)
    usage = (
        _ENDS if isinstance(key, ec.EllipticCurvePrivateKey) else {"digital_signature": True, "key_encipherment": True}
    )
    return _extended(builder, signer.key, _usage(usage)).sign(signer.key, hashes.SHA256())


def issue_station(
    name: x509.Name, request: x509.CertificateSigningRequest, signer: Signer, now: datetime, days: int
) -> x509.Certificate:
    """A certificate for a station: the key is the request's, the name is ours to say (A02.FR.09)."""
    builder = _begin(name, signer.certificate.subject, request.public_key(), now, days)
    builder = _end_entity(builder, ExtendedKeyUsageOID.CLIENT_AUTH)
    return _extended(builder, signer.key, _usage(_ENDS)).sign(signer.key, hashes.SHA256())


def issue_crl(
    signer: Signer, revoked: Sequence[tuple[int, datetime, str]], now: datetime, days: int
) -> x509.CertificateRevocationList:
    """The list of what `signer` takes back: serial numbers with when and why (RFC 5280's words)."""
    builder = x509.CertificateRevocationListBuilder(signer.certificate.subject, now, now + timedelta(days=days))
    for serial, at, reason in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(at)
        if reason != "unspecified":
            entry = entry.add_extension(x509.CRLReason(x509.ReasonFlags(reason)), critical=False)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(signer.key, hashes.SHA256())


def _begin(name: x509.Name, issuer: x509.Name, key: object, now: datetime, days: int) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - strong keys only, checked before
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )


def _end_entity(builder: x509.CertificateBuilder, purpose: x509.ObjectIdentifier) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    return builder.add_extension(x509.ExtendedKeyUsage([purpose]), critical=False)


def _extended(builder: x509.CertificateBuilder, issuer: PrivateKey, usage: x509.KeyUsage) -> x509.CertificateBuilder:
    authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
    return builder.add_extension(usage, critical=True).add_extension(authority, critical=False)


def _usage(granted: dict[str, bool]) -> x509.KeyUsage:
    nothing = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    return x509.KeyUsage(**(nothing | granted))


def _general_name(hostname: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(hostname))
    except ValueError:
        return x509.DNSName(hostname)

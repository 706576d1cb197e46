"""Keys and certificates for the bench: a station's key, its requests, contexts of real TLS clients."""

import ssl
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from csms.certificates.issuing import Signer, issue_root, issue_station, new_ec_key, new_rsa_key
from csms.certificates.x509 import PrivateKey, pem_of, subject

HOSTNAME = "localhost"


def now() -> datetime:
    return datetime.now(UTC)


@lru_cache
def rsa_key() -> rsa.RSAPrivateKey:
    """The one RSA key of a run: making one takes a while."""
    return new_rsa_key()


@lru_cache
def station_key() -> ec.EllipticCurvePrivateKey:
    """The key that stations on the bench have."""
    return new_ec_key()


def csr_for(name: str, key: PrivateKey | None = None, organization: str = "Maker") -> str:
    """A certificate signing request in PEM."""
    builder = x509.CertificateSigningRequestBuilder().subject_name(subject(organization, name))
    return builder.sign(key or station_key(), hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def authority(name: str = "Another root") -> Signer:
    """A certificate authority of somebody else."""
    key = new_ec_key()
    return Signer(issue_root(subject("Somebody", name), key, now(), 365), key)


def certificate_for(
    signer: Signer, organization: str, name: str, *, at: datetime | None = None, days: int = 30
) -> x509.Certificate:
    """A certificate for a station's key; `at` in the past makes an expired one."""
    request = x509.load_pem_x509_csr(csr_for(name).encode())
    return issue_station(subject(organization, name), request, signer, at or now(), days)


LONG_EXPIRED = timedelta(days=400)


def client(root: str, chain: str | None = None, folder: Path | None = None) -> ssl.SSLContext:
    """A TLS client that trusts `root` and presents `chain`, by the bench's key."""
    context = ssl.create_default_context(cadata=root)
    if chain is not None:
        assert folder is not None
        path = folder / "client.pem"
        path.write_text(chain + key_pem(station_key()))
        context.load_cert_chain(path)
    return context


def key_pem(key: PrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def chain_pem(certificate: x509.Certificate, signer: Signer) -> str:
    return pem_of((certificate, signer.certificate))

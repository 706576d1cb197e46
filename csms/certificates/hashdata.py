"""OCPP's CertificateHashData: how station and platform speak of a certificate without showing it (M03, M04). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization

ALGORITHMS: dict[str, type[hashes.SHA256 | hashes.SHA384 | hashes.SHA512]] = {
    "SHA256": hashes.SHA256,
    "SHA384": hashes.SHA384,
    "SHA512": hashes.SHA512,
}


@dataclass(frozen=True, slots=True)
class HashData:
    """Hashes of the issuer and the serial number, hexadecimal in lower case."""

    algorithm: str
    issuer_name_hash: str
    issuer_key_hash: str
    serial_number: str

    @classmethod
    def read(cls, fields: dict[str, Any]) -> "HashData":
        """From an OCPP payload; case and leading zeros differ from station to station and mean nothing."""
        return cls(
            str(fields["hashAlgorithm"]),
            str(fields["issuerNameHash"]).lower(),
            str(fields["issuerKeyHash"]).lower(),
            plain_serial(str(fields["serialNumber"])),
        )


def plain_serial(text: str) -> str:
    """A hexadecimal serial number without leading zeros, in lower case."""
    return text.lower().removeprefix("0x").lstrip("0") or "0"


def hash_data_of(certificate: x509.Certificate, issuer: x509.Certificate, algorithm: str) -> HashData:
    """The hash data of `certificate`; for a root, `issuer` is itself."""
    return HashData(
        algorithm,
        _digest(algorithm, certificate.issuer.public_bytes()),
        key_hash_of(issuer, algorithm),
        f"{certificate.serial_number:x}",
    )


def key_hash_of(certificate: x509.Certificate, algorithm: str) -> str:
    """Hash of the bare public key (RFC 6960: without tag, length and unused bits)."""
    der = certificate.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    return _digest(algorithm, _bit_string(der))


def name_hash_of(certificate: x509.Certificate, algorithm: str) -> str:
    """Hash of the subject's name, which is the issuer name of what it issued."""
    return _digest(algorithm, certificate.subject.public_bytes())


def find_by_hash(data: HashData, certificates: Sequence[x509.Certificate]) -> x509.Certificate | None:
    """The certificate that can have issued what `data` speaks of."""
    if data.algorithm not in ALGORITHMS:
        return None
    for one in certificates:
        if key_hash_of(one, data.algorithm) == data.issuer_key_hash:
            return one
    return None


def _digest(algorithm: str, data: bytes) -> str:
    digest = hashes.Hash(ALGORITHMS[algorithm]())
    digest.update(data)
    return digest.finalize().hex()


def _bit_string(spki: bytes) -> bytes:
    """The content of the BIT STRING at the end of a SubjectPublicKeyInfo: SEQUENCE { SEQUENCE, BIT STRING }."""
    _, start, _ = _element(spki, 0)
    _, _, end_of_algorithm = _element(spki, start)
    _, start, end = _element(spki, end_of_algorithm)
    return spki[start + 1 : end]  # its first byte counts the unused bits


def _element(der: bytes, at: int) -> tuple[int, int, int]:
    """Tag, start and end of the content of the DER element at `at`."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        size = length & 0x7F
        length, start = int.from_bytes(der[start : start + size]), start + size
    return der[at], start, start + length

"""A station's certificate signing request, read with distrust (A02.FR.04, A02.FR.06, quirk 80). Pure."""

from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from csms.certificates.x509 import common_name, is_strong, kind_of

MAX_CSR = 5500


class BadCsrError(ValueError):
    """The request cannot be signed; the text says why."""


@dataclass(frozen=True, slots=True)
class Csr:
    """A request whose signature and key were checked."""

    request: x509.CertificateSigningRequest
    name: str
    """The common name it asks for."""


def read_csr(pem: str) -> Csr:
    """The request in a PEM text. Raises BadCsrError for anything else, a signature that is not the key's own, or a
    key shorter than RSA 2048 or EC 224."""
    try:
        request = x509.load_pem_x509_csr(pem.encode())
        key = request.public_key()
        is_signed = request.is_signature_valid
        name = common_name(request.subject)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadCsrError("It is no PKCS#10 request in PEM form") from None
    if not is_signed:
        raise BadCsrError("Its signature is not by the key inside it")
    if not is_strong(key):
        raise BadCsrError(f"Its key is too short: {kind_of(key)}; RSA needs 2048 bits, elliptic curves 224")
    return Csr(request, name)

"""Certificates read and named: PEM in and out, subjects, fingerprints. Pure."""

from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed448, ed25519, rsa
from cryptography.x509.oid import NameOID

from csms.errors import InvalidInputError

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
MIN_RSA_BITS, MIN_EC_BITS = 2048, 224


def read_certificates(pem: str | bytes) -> list[x509.Certificate]:
    """Every certificate in a PEM text, in its order. Raises InvalidInputError when there is none that can be read."""
    try:
        return x509.load_pem_x509_certificates(pem.encode() if isinstance(pem, str) else pem)
    except ValueError:
        raise InvalidInputError(
            "This is no certificate in PEM form. It begins with -----BEGIN CERTIFICATE-----; give the whole of it."
        ) from None


def pem_of(certificates: Iterable[x509.Certificate]) -> str:
    """The certificates as PEM, one after the other."""
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in certificates)


def fingerprint_of(certificate: x509.Certificate) -> str:
    """SHA-256 of its DER form, 64 hex digits."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def serial_of(certificate: x509.Certificate) -> str:
    """Its serial number in hexadecimal without leading zeros, as OCPP wants it."""
    return f"{certificate.serial_number:x}"


def names_in(name: x509.Name, oid: x509.ObjectIdentifier) -> list[str]:
    """The values of one kind in a subject or issuer: common names, organizations."""
    return [str(attribute.value) for attribute in name.get_attributes_for_oid(oid)]


def common_name(name: x509.Name) -> str:
    """The common name; empty where there is none, the last where there are several."""
    return (names_in(name, NameOID.COMMON_NAME) or [""])[-1]


def is_strong(key: object) -> bool:
    """Whether a public key is long enough for OCPP (RSA 2048 bits, elliptic curves 224) and of a kind we know."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.key_size >= MIN_RSA_BITS
    if isinstance(key, ec.EllipticCurvePublicKey):
        return key.curve.key_size >= MIN_EC_BITS
    return isinstance(key, ed25519.Ed25519PublicKey | ed448.Ed448PublicKey)


def kind_of(key: object) -> str:
    """A public key in words: RSA 2048."""
    match key:
        case rsa.RSAPublicKey():
            return f"RSA {key.key_size}"
        case ec.EllipticCurvePublicKey():
            return f"EC {key.curve.key_size}"
        case dsa.DSAPublicKey():
            return f"DSA {key.key_size}"
        case _:
            return type(key).__name__.removesuffix("PublicKey")


def subject(organization: str, name: str) -> x509.Name:
    """A distinguished name of organization and common name, each cut to what X.520 allows (64 characters)."""
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization[:64]),
            x509.NameAttribute(NameOID.COMMON_NAME, name[:64]),
        ]
    )


def without_repeats(certificates: Iterable[x509.Certificate]) -> Sequence[x509.Certificate]:
    """Each certificate once, in order."""
    return list({fingerprint_of(one): one for one in certificates}.values())

"""Whether an OCSP answer was signed by the issuer, or by one whom the issuer named (RFC 6960, 4.2.2.2). Pure."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509 import ocsp
from cryptography.x509.oid import ExtendedKeyUsageOID

from csms.certificates.hashdata import HashData, find_by_hash
from csms.certificates.paths import PathError, issued_by, path_of


def is_vouched_for(
    der: bytes,
    data: HashData,
    helpers: Sequence[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    at: datetime,
) -> bool:
    """Whether the answer's signature leads to the issuer of the certificate, and the issuer to an anchor."""
    response = ocsp.load_der_ocsp_response(der)
    between = [*helpers, *response.certificates]
    issuer = find_by_hash(data, [*anchors, *between])
    if issuer is None:
        return False
    try:
        path_of(issuer, between, anchors, at)
    except PathError:
        return False
    signers = [issuer, *(one for one in response.certificates if _may_sign_for(one, issuer, at))]
    return any(_signed(response, signer) for signer in signers)


def _may_sign_for(certificate: x509.Certificate, issuer: x509.Certificate, at: datetime) -> bool:
    if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
        return False
    try:
        usages = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    return ExtendedKeyUsageOID.OCSP_SIGNING in usages and issued_by(certificate, issuer)


def _signed(response: ocsp.OCSPResponse, signer: x509.Certificate) -> bool:
    key, signed = signer.public_key(), response.tbs_response_bytes
    algorithm = response.signature_hash_algorithm
    if algorithm is None:
        return False
    try:
        match key:
            case ec.EllipticCurvePublicKey():
                key.verify(response.signature, signed, ec.ECDSA(algorithm))
            case rsa.RSAPublicKey():
                key.verify(response.signature, signed, padding.PKCS1v15(), algorithm)
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True

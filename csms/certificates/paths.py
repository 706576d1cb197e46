"""Whether a certificate leads up to one that is trusted (RFC 5280, section 6, without policies and names). Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm

from csms.certificates.x509 import fingerprint_of

MAX_DEPTH = 6


class PathError(Exception):
    """No path to a trusted certificate; the text says why."""


class ExpiredError(PathError):
    """A certificate on the path is not valid at the time, or not yet."""


def path_of(
    leaf: x509.Certificate,
    between: Iterable[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    at: datetime,
) -> list[x509.Certificate]:
    """The certificates from `leaf` to an anchor, both included; `between` may help and is trusted for nothing.

    Raises ExpiredError, or PathError where it leads nowhere.
    """
    _check_dates(leaf, at)
    trusted = {fingerprint_of(one) for one in anchors}
    path = _climb([leaf], list(between), anchors, trusted, at)
    if path is None:
        raise PathError(f"It was issued by {leaf.issuer.rfc4514_string()}, which is not trusted here")
    return path


def _climb(
    path: list[x509.Certificate],
    between: list[x509.Certificate],
    anchors: Sequence[x509.Certificate],
    trusted: set[str],
    at: datetime,
) -> list[x509.Certificate] | None:
    if fingerprint_of(path[-1]) in trusted:
        return path
    if len(path) > MAX_DEPTH:
        return None
    for issuer in (*anchors, *between):
        if issuer in path or not issued_by(path[-1], issuer) or not _may_issue(issuer, len(path) - 1):
            continue
        _check_dates(issuer, at)
        found = _climb([*path, issuer], between, anchors, trusted, at)
        if found is not None:
            return found
    return None


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether `issuer` signed `certificate`: names and signature agree."""
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _may_issue(issuer: x509.Certificate, authorities_below: int) -> bool:
    try:
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints).value
    except (x509.ExtensionNotFound, ValueError):
        return False
    if not constraints.ca or (constraints.path_length is not None and constraints.path_length < authorities_below):
        return False
    try:
        return issuer.extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    except x509.ExtensionNotFound:
        return True


def _check_dates(certificate: x509.Certificate, at: datetime) -> None:
    name = certificate.subject.rfc4514_string()
    if at > certificate.not_valid_after_utc:
        raise ExpiredError(f"The certificate of {name} expired at {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
    if at < certificate.not_valid_before_utc:
        raise ExpiredError(
            f"The certificate of {name} is valid only from {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC"
        )

"""Paths to what is trusted (RFC 5280), and what hash data say of certificates (M03)."""

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.x509 import ocsp

from csms.certificates.hashdata import HashData, hash_data_of, plain_serial
from csms.certificates.issuing import Signer, issue_root, issue_sub, new_ec_key
from csms.certificates.paths import ExpiredError, PathError, path_of
from csms.certificates.x509 import subject
from tests.certification.pki import authority, certificate_for, now, rsa_key

ROOT = authority()
SUB_KEY = new_ec_key()
SUB = Signer(issue_sub(subject("Somebody", "Sub"), SUB_KEY, ROOT, now(), 100), SUB_KEY, (ROOT.certificate,))
LEAF = certificate_for(SUB, "Green", "SN-1")


def test_a_path_leads_over_what_was_sent_to_what_is_trusted() -> None:
    assert path_of(LEAF, [SUB.certificate], [ROOT.certificate], now()) == [LEAF, SUB.certificate, ROOT.certificate]
    assert path_of(LEAF, [], [SUB.certificate], now()) == [LEAF, SUB.certificate]


@pytest.mark.parametrize("anchors", [[], [authority().certificate]])
def test_what_was_sent_is_not_trusted_for_that(anchors: list[object]) -> None:
    with pytest.raises(PathError, match="not trusted here"):
        path_of(LEAF, [SUB.certificate, ROOT.certificate], anchors, now())  # type: ignore[arg-type]


def test_a_station_cannot_make_certificates() -> None:
    forger = Signer(LEAF, SUB_KEY)
    forged = certificate_for(forger, "Green", "SN-2")
    with pytest.raises(PathError):
        path_of(forged, [LEAF, SUB.certificate], [ROOT.certificate], now())


def test_a_sub_authority_cannot_make_another() -> None:
    key = new_ec_key()
    deeper = Signer(issue_sub(subject("Somebody", "Deeper"), key, SUB, now(), 50), key)
    leaf = certificate_for(deeper, "Green", "SN-3")
    with pytest.raises(PathError):
        path_of(leaf, [deeper.certificate, SUB.certificate], [ROOT.certificate], now())


@pytest.mark.parametrize("moment", [now() + timedelta(days=60), now() - timedelta(days=1)])
def test_dates(moment: object) -> None:
    with pytest.raises(ExpiredError):
        path_of(LEAF, [SUB.certificate], [ROOT.certificate], moment)  # type: ignore[arg-type]


@pytest.mark.parametrize("algorithm", [hashes.SHA256, hashes.SHA384, hashes.SHA512])
def test_hash_data_are_those_of_ocsp(algorithm: type[hashes.SHA256]) -> None:
    for certificate, issuer in ((LEAF, SUB.certificate), (ROOT.certificate, ROOT.certificate)):
        reference = ocsp.OCSPRequestBuilder().add_certificate(certificate, issuer, algorithm()).build()
        data = hash_data_of(certificate, issuer, algorithm.name.upper())
        assert data.issuer_name_hash == reference.issuer_name_hash.hex()
        assert data.issuer_key_hash == reference.issuer_key_hash.hex()
        assert int(data.serial_number, 16) == reference.serial_number


def test_hash_data_of_an_rsa_authority() -> None:
    root = issue_root(subject("Somebody", "RSA"), rsa_key(), now(), 10)
    reference = ocsp.OCSPRequestBuilder().add_certificate(root, root, hashes.SHA256()).build()
    assert hash_data_of(root, root, "SHA256").issuer_key_hash == reference.issuer_key_hash.hex()


def test_case_and_leading_zeros_mean_nothing() -> None:
    fields = {"hashAlgorithm": "SHA256", "issuerNameHash": "AB", "issuerKeyHash": "CD", "serialNumber": "00AF"}
    assert HashData.read(fields) == HashData("SHA256", "ab", "cd", "af")
    assert plain_serial("0x0") == "0"

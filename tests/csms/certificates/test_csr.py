"""A station's request is read with distrust (A02.FR.04, quirk 80)."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from csms.certificates.csr import BadCsrError, read_csr
from tests.certification.pki import csr_for, rsa_key


def test_a_good_request_tells_its_name() -> None:
    assert read_csr(csr_for("SN-1")).name == "SN-1"
    assert read_csr(csr_for("SN-1", rsa_key())).name == "SN-1"
    assert read_csr(csr_for("SN-1", ec.generate_private_key(ec.SECP224R1()))).name == "SN-1"


@pytest.mark.quirk(80)
@pytest.mark.parametrize("text", ["", "adsad", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END", "\0", "ü" * 99])
def test_what_is_no_request(text: str) -> None:
    with pytest.raises(BadCsrError, match="no PKCS#10"):
        read_csr(text)


def test_a_key_that_is_too_short() -> None:
    with pytest.raises(BadCsrError, match="EC 192"):
        read_csr(csr_for("SN-1", ec.generate_private_key(ec.SECP192R1())))


def test_a_signature_that_is_not_the_key_s_own() -> None:
    first, *body, last = csr_for("SN-1").splitlines()
    der = bytearray(base64.b64decode("".join(body)))
    der[-5] ^= 1
    with pytest.raises(BadCsrError):
        read_csr("\n".join([first, base64.b64encode(der).decode(), last, ""]))

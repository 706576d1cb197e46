"""Basic authentication, byte for byte (TR_10 to TR_15)."""

import base64

import pytest

from csms.gateway.security import Proof, parse_basic, proof_of
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from csms.stations.service import StationAccess

KEY = b"secret"
RAW = bytes.fromhex("0001020304050607FFFFFFFFFFFFFFFFFFFFFFFF")


def header(username: bytes, password: bytes) -> str:
    return "Basic " + base64.b64encode(username + b":" + password).decode()


def access(password: bytes | None, *, profile: int = 1, pending: bytes | None = None) -> StationAccess:
    def digest(given: bytes | None) -> str | None:
        return None if given is None else digest_password(KEY, given)

    ref = StationRef(1, 1, 1, "AL1000")
    return StationAccess(
        ref=ref,
        security_profile=profile,
        password_hash=digest(password),
        pending_password_hash=digest(pending),
        pending_password_stays=False,
        subprotocol_optional=False,
        registration="Accepted",
        ocpp_version=None,
    )


def test_tr_10_the_specification_s_example_is_read_as_bytes() -> None:
    example = "Basic QUwxMDAwOgABAgMEBQYH////////////////"
    assert parse_basic(example) == (b"AL1000", bytes.fromhex("0001020304050607") + b"\xff" * 12)


def test_tr_10_a_password_may_hold_colons() -> None:
    assert parse_basic(header(b"AL1000", b"a:b:c")) == (b"AL1000", b"a:b:c")


@pytest.mark.parametrize("sent", [RAW, RAW.hex().encode(), RAW.hex().upper().encode()])
def test_tr_10_a_raw_key_opens_as_bytes_and_as_hex(sent: bytes) -> None:
    assert proof_of(access(RAW), "al1000", header(b"AL1000", sent), KEY) is Proof.PASSWORD


def test_tr_11_a_plain_password_must_match_exactly() -> None:
    station = access(b"Sixteen-letters!")
    assert proof_of(station, "al1000", header(b"AL1000", b"Sixteen-letters!"), KEY) is Proof.PASSWORD
    assert proof_of(station, "al1000", header(b"AL1000", b"sixteen-letters!"), KEY) is Proof.NOTHING


@pytest.mark.parametrize("username", [b"AL1000", b"al1000", b"Al1000"])
def test_the_user_name_is_matched_in_any_case(username: bytes) -> None:
    assert proof_of(access(b"pw"), "al1000", header(username, b"pw"), KEY) is Proof.PASSWORD


@pytest.mark.parametrize("username", [b"AL1001", b"", b"\xff"])
def test_tr_12_the_user_name_must_be_the_identity(username: bytes) -> None:
    assert proof_of(access(b"pw"), "al1000", header(username, b"pw"), KEY) is Proof.NOTHING


@pytest.mark.parametrize("bad", [None, "", "Basic", "Basic ?", "Basic QUwxMDAw", "Bearer QUwxMDAwOnB3", "QUwxMDAwOnB3"])
def test_tr_13_no_or_bad_credentials_prove_nothing(bad: str | None) -> None:
    assert parse_basic(bad) is None
    assert proof_of(access(b""), "al1000", bad, KEY) is Proof.NOTHING


def test_tr_15_while_a_password_changes_both_open_and_we_know_which() -> None:
    station = access(b"old", pending=b"new")
    assert proof_of(station, "al1000", header(b"AL1000", b"old"), KEY) is Proof.PASSWORD
    assert proof_of(station, "al1000", header(b"AL1000", b"new"), KEY) is Proof.PENDING_PASSWORD
    assert proof_of(station, "al1000", header(b"AL1000", b"other"), KEY) is Proof.NOTHING


def test_an_unknown_station_has_no_proof() -> None:
    assert proof_of(None, "al1000", header(b"AL1000", b"pw"), KEY) is Proof.NOTHING

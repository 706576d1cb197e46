"""Station passwords: every way in which the field sends them (TR_10), and nothing else."""

import hashlib
import hmac
import string

import pytest

from csms.stations.security import digest_password, generate_password, password_matches

KEY = b"platform key"
RAW = bytes.fromhex("0001020304050607" + "FF" * 12)


def test_the_digest_is_a_keyed_sha_256() -> None:
    assert digest_password(KEY, RAW) == hmac.new(KEY, RAW, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("presented", [RAW, RAW.hex().encode(), RAW.hex().upper().encode()])
def test_tr_10_raw_bytes_and_their_hex_text_are_the_same_password(presented: bytes) -> None:
    assert password_matches(KEY, digest_password(KEY, RAW), presented)


def test_tr_10_a_plain_secret_matches_itself() -> None:
    stored = digest_password(KEY, b"Correct-Horse-42")
    assert password_matches(KEY, stored, b"Correct-Horse-42")
    assert not password_matches(KEY, stored, b"correct-horse-42")


def test_tr_11_a_text_that_looks_like_hex_matches_exactly() -> None:
    text = b"ABCDEF0123456789ABCD"
    assert password_matches(KEY, digest_password(KEY, text), text)
    assert not password_matches(KEY, digest_password(KEY, text), text.lower())


@pytest.mark.parametrize("presented", [b"", b"wrong", b"\xff\xfe", RAW[:-1], b"0001"])
def test_anything_else_is_refused(presented: bytes) -> None:
    assert not password_matches(KEY, digest_password(KEY, RAW), presented)


def test_without_a_stored_password_nothing_matches() -> None:
    assert not password_matches(KEY, None, b"")
    assert not password_matches(KEY, None, b"no such station")


def test_another_platforms_key_does_not_match() -> None:
    assert not password_matches(b"other", digest_password(KEY, RAW), RAW)


def test_generated_passwords_are_long_plain_and_different() -> None:
    passwords = {generate_password() for _ in range(50)}
    assert len(passwords) == 50
    assert all(len(p) == 20 and set(p) <= set(string.ascii_letters + string.digits) for p in passwords)

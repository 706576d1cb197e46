"""When two spellings mean the same token."""

import runpy
from pathlib import Path

import pytest

from csms.authorization.keys import same_token, token_key
from models import migrations


@pytest.mark.quirk(32)
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AbC", "aBc"),
        ("20:69:C0:21", "2069c021"),
        ("20 69 c0 21", "20-69-C0-21"),
        ("04:A2:B3:C4:D5:E6:80", "04a2b3c4d5e680"),
        ("DE-8AA-1A2B3C4D5-9", "DE8AA1A2B3C4D59"),
        (" CARD ", "card"),
    ],
)
def test_the_same_token(one: str, other: str) -> None:
    assert same_token(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("AB-CD", "ABCD"), ("GREEN-CARD", "GREENCARD"), ("SIM-0001", "SIM0001"), ("20:69:C0", "2069C0"), ("A", "B")],
)
def test_other_tokens(one: str, other: str) -> None:
    assert not same_token(one, other)


def test_a_key_is_its_own_key() -> None:
    for value in ("20:69:C0:21", "DE-8AA-1A2B3C4D5-9", "Straße", ""):
        assert token_key(token_key(value)) == token_key(value)


def test_tokens_from_before_were_rewritten_alike() -> None:
    revision = Path(migrations.__path__[0]) / "versions" / "0006_authorization.py"
    respelled = runpy.run_path(str(revision))["_respelled"]
    for value in ("20:69:C0:21", "20-69-c0-21", "DE-8AA-1A2B3C4D5-9", "GREEN-CARD", "AB-CD", "2069c021"):
        assert respelled(value.casefold()) == token_key(value)

"""VAT numbers by the rules of their countries."""

import pytest

from csms.tariffs.vat import checked_vat_number


@pytest.mark.parametrize(
    ("text", "compact"),
    [
        ("DE136695976", "DE136695976"),
        (" de 136 695-976 ", "DE136695976"),
        ("EL094259216", "EL094259216"),
        ("NL4495445B01", "NL004495445B01"),
        ("GB980780684", "GB980780684"),
        ("CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("NO995525828MVA", "NO995525828MVA"),
    ],
)
def test_good_numbers(text: str, compact: str):
    assert checked_vat_number(text) == compact


@pytest.mark.parametrize(
    "text", ["", "DE", "DE136695978", "GB980780685", "136695976", "XX123456789", "ÄÖ12345678", "0" * 20, "__", "12345"]
)
def test_bad_numbers(text: str):
    assert checked_vat_number(text) is None

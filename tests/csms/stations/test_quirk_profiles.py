"""Profiles of products: which apply, and how a platform adds its own."""

from pathlib import Path

import pytest

from csms.stations.quirk_profiles import QuirkBook, QuirkProfile, Quirks, load_quirks


@pytest.mark.quirk(11, 18, 24)
@pytest.mark.parametrize(
    ("vendor", "model", "firmware", "name", "value"),
    [
        ("EN+", "whatever", "1", "answers_pings", False),
        ("Wallbox", "Pulsar Pro", "6.1.2", "boots_on_reconnect", False),
        ("Wallbox", "Pulsar Pro", "5.1.2", "boots_on_reconnect", True),
        ("wallbox chargers", "copper", "5", "reads_all_configuration", False),
    ],
)
def test_what_is_known_of_products(vendor: str, model: str, firmware: str, name: str, value: bool) -> None:
    assert getattr(QuirkBook().of(vendor, model, firmware), name) is value


def test_others_are_taken_to_keep_to_the_specification() -> None:
    assert QuirkBook().of("Vendor", "Model", "1.0") == QuirkBook().of("", "", "") == Quirks()


def test_later_profiles_go_over_earlier_ones() -> None:
    book = QuirkBook(
        (QuirkProfile("V*", quirks={"max_message_id": 20}), QuirkProfile("V*", "M", quirks={"max_message_id": 36}))
    )
    assert book.of("V", "X", "").max_message_id == 20
    assert book.of("V", "M", "").max_message_id == 36


def test_a_platform_adds_its_own(tmp_path: Path) -> None:
    file = tmp_path / "quirks.toml"
    file.write_text('[[profile]]\nvendor = "EN+*"\nanswers_pings = true\nmessage_interval_s = 0.5\n')
    quirks = load_quirks(file).of("EN+", "AC", "")
    assert (quirks.answers_pings, quirks.message_interval_s, quirks.ping_interval_s) == (True, 0.5, 240.0)


@pytest.mark.parametrize(
    "text",
    ["[[profile", "[[profile]]\nshoe_size = 44", '[[profile]]\nanswers_pings = "no"', "[[profile]]\nanswers_pings = 1"],
)
def test_a_file_that_cannot_be_understood_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "quirks.toml"
    file.write_text(text)
    with pytest.raises(ValueError):
        load_quirks(file)

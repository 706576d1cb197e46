"""Tables of cards: whatever is in them comes back as it went, and nothing of it runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.authorization.token_csv import FIELDS, MOST_BYTES, as_text, read_cards, write_cards
from csms.errors import InvalidInputError

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=30)


@given(st.binary(max_size=200))
def test_no_file_breaks_it(data: bytes) -> None:
    try:
        read_cards(b"card;driver\n" + data, "Europe/Berlin")
    except InvalidInputError:
        return


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_no_cell_is_a_formula(cells: list[tuple[str, str]]) -> None:
    rows = [(value, "ISO14443", label, "", "", "", "", None, None) for value, label in cells]
    for row in csv.reader(io.StringIO(write_cards(rows), newline="")):
        assert all(not cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in row)


@pytest.mark.parametrize("value", ["=1+1", "+49", "-1", "@SUM(A1)", " =2", "04A1", "'quoted"])
def test_what_is_written_is_read_again(value: str) -> None:
    [line] = read_cards(write_cards([(value, "KeyCode", "", "", "", "", "Blocked", None, None)]).encode(), "UTC")
    assert (line.value, line.type, line.status, line.error) == (value.strip(), "KeyCode", "Blocked", "")


def test_headings_separators_and_days_as_people_write_them() -> None:
    table = "UID\tE-Mail\tValid until\n04A1\tbo@example.test\t2027-06-30\n".encode("utf-8-sig")
    [line] = read_cards(table, "Europe/Berlin")
    assert (line.value, line.email) == ("04A1", "bo@example.test")
    assert line.expires_at is not None
    assert line.expires_at.isoformat() == "2027-06-30T21:59:59+00:00"  # the whole of that day


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"number plate;colour\nB-AE 1;red\n", "No column is called"),
        (b"card\n" + b"x" * MOST_BYTES, "larger than"),
    ],
)
def test_what_is_no_table_of_cards_is_refused(data: bytes, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        read_cards(data, "UTC")


@pytest.mark.parametrize(
    ("row", "error"),
    [
        (";ISO14443;", "No card number."),
        ("04A1;Papyrus;", "There is no kind of card called Papyrus."),
        ("04A1;;melted", "A card is accepted or blocked, not melted."),
    ],
)
def test_a_line_says_what_is_wrong_with_it(row: str, error: str) -> None:
    [line] = read_cards(f"card;type;status\n{row}\n".encode(), "UTC")
    assert (line.line, line.error) == (2, error)


def test_a_cell_that_is_no_formula_stays_as_it_is() -> None:
    assert [as_text(cell) for cell in ("04A1", None, 7)] == ["04A1", "", "7"]
    assert FIELDS[0] == "card"

"""Tokens as a table of text: read as spreadsheets write it, and written so that a spreadsheet runs nothing."""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from csms.authorization.keys import token_key
from csms.authorization.tokens import TYPES
from csms.errors import InvalidInputError

FIELDS: Final = ("card", "type", "label", "driver", "email", "group", "status", "valid_from", "expires_at")
MOST_ROWS, MOST_BYTES = 20_000, 4_000_000
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_ALSO: Final = {
    "value": "card",
    "token": "card",
    "idtag": "card",
    "uid": "card",
    "rfid": "card",
    "number": "card",
    "name": "driver",
    "e-mail": "email",
    "mail": "email",
    "parent": "group",
    "parentidtag": "group",
    "expires": "expires_at",
    "expiry": "expires_at",
    "valid from": "valid_from",
    "valid until": "expires_at",
}
_STATUSES: Final = {"": "Accepted", "accepted": "Accepted", "active": "Accepted", "blocked": "Blocked"}


@dataclass(frozen=True, slots=True)
class CardLine:
    """A line of the table as it is meant; `error` says why it cannot be."""

    line: int
    value: str
    type: str = "ISO14443"
    label: str = ""
    driver: str = ""
    email: str = ""
    group: str = ""
    status: str = "Accepted"
    valid_from: datetime | None = None
    expires_at: datetime | None = None
    error: str = ""


def read_cards(data: bytes, time_zone: str) -> list[CardLine]:
    """The lines of a CSV file with a heading; comma, semicolon or tab. Dates are days of `time_zone`, or ISO 8601.

    Raises InvalidInputError where it is no such file at all. A card named twice is an error in the second line.
    """
    if len(data) > MOST_BYTES:
        raise InvalidInputError(f"The file is larger than {MOST_BYTES // 1_000_000} MB; import it in parts.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    if "\0" in text:  # no database keeps it
        raise InvalidInputError("This is not a CSV file.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error:
        raise InvalidInputError("This is not a CSV file.") from None
    if not rows:
        raise InvalidInputError("The file is empty. Its first line names the columns, one of them “card”.")
    names = [_named(cell) for cell in rows[0]]
    if "card" not in names:
        raise InvalidInputError("No column is called “card”. The first line names the columns: card, type, driver, …")
    if len(rows) - 1 > MOST_ROWS:
        raise InvalidInputError(f"The file has more than {MOST_ROWS:,} lines; import it in parts.")
    said = [dict(zip(names, row, strict=False)) for row in rows[1:]]
    return _without_twins([_read(number, cells, time_zone) for number, cells in enumerate(said, start=2)])


def write_cards(rows: Iterable[Sequence[object]]) -> str:
    """A CSV file of rows in the order of FIELDS, which a spreadsheet shows as text whatever is in it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(FIELDS)
    writer.writerows([as_text(cell) for cell in row] for row in rows)
    return out.getvalue()


def as_text(cell: object) -> str:
    """A cell that no spreadsheet takes for a formula: an apostrophe is put before what could be one."""
    if isinstance(cell, datetime):
        return cell.isoformat()
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) or text.startswith(_FORMULA) else text


def _plain(cell: str) -> str:
    """The other way round: what `as_text` put before a cell is not part of it."""
    cell = cell.strip()
    return cell[1:].strip() if cell.startswith("'") and cell[1:].lstrip(" ").startswith(_FORMULA) else cell


def _delimiter(text: str) -> str:
    heading = text.lstrip().partition("\n")[0]
    return max(",;\t", key=heading.count)


def _named(cell: str) -> str:
    name = cell.strip().casefold().replace("_", " ")
    name = _ALSO.get(name, name)
    return name.replace(" ", "_")


def _read(number: int, cells: dict[str, str], time_zone: str) -> CardLine:
    said = {name: _plain(cells.get(name, "")) for name in FIELDS}
    kind = next((one for one in TYPES if one.casefold() == said["type"].casefold() and one), "")
    status = _STATUSES.get(said["status"].casefold())
    valid_from, wrong_from = _moment(said["valid_from"], time_zone, is_end=False)
    expires_at, wrong_end = _moment(said["expires_at"], time_zone, is_end=True)
    error = ""
    if not said["card"]:
        error = "No card number."
    elif len(said["card"]) > 255:
        error = "The card number is longer than 255 characters."
    elif said["type"] and not kind:
        error = f"There is no kind of card called {said['type'][:30]}."
    elif status is None:
        error = f"A card is accepted or blocked, not {said['status'][:30]}."
    elif wrong_from or wrong_end:
        error = "Dates are written like 2027-12-31."
    elif valid_from and expires_at and expires_at <= valid_from:
        error = "It ends before it begins."
    about = (said["label"][:100], said["driver"][:200], said["email"][:254], said["group"][:36])
    return CardLine(
        number, said["card"][:255], kind or "ISO14443", *about, status or "Accepted", valid_from, expires_at, error
    )


def _moment(text: str, time_zone: str, *, is_end: bool) -> tuple[datetime | None, bool]:
    """A moment, and whether the text is none. A day without a time ends with its last second."""
    if not text:
        return None, False
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None, True
    if len(text) <= 10 and is_end:
        at = datetime.combine(at.date(), time(23, 59, 59))
    at = at if at.tzinfo else at.replace(tzinfo=ZoneInfo(time_zone))
    return at.astimezone(UTC), False


def _without_twins(lines: list[CardLine]) -> list[CardLine]:
    seen: dict[tuple[str, str], int] = {}
    kept: list[CardLine] = []
    for line in lines:
        first = seen.setdefault((token_key(line.value), line.type), line.line)
        is_twin = not line.error and first != line.line
        kept.append(_wrong(line, f"The same card as in line {first}.") if is_twin else line)
    return kept


def _wrong(line: CardLine, error: str) -> CardLine:
    return CardLine(line.line, line.value, line.type, line.label, line.driver, line.email, line.group, error=error)

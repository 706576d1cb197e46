"""What is said of cards, drivers and groups where people read it."""

from datetime import datetime
from typing import Final
from urllib.parse import quote

from components.data_table import Cell
from components.formats import Formats
from csms.authorization.keeping import ListState
from csms.authorization.queries import TokenEntry
from pages.operator.words import token_type_words

STATES: Final = {
    "accepted": ("Available", "Accepted"),
    "blocked": ("Faulted", "Blocked"),
    "expired": ("Unavailable", "Expired"),
    "not_yet": ("Reserved", "Not valid yet"),
    "no_credit": ("Unavailable", "No credit"),
}
"""A token's state: the look it shares with a status, and its word."""
LISTS: Final = {
    "current": ("Available", "Up to date"),
    "waiting": ("Preparing", "Changes on their way"),
    "offline": ("Offline", "Offline, catches up later"),
    "failed": ("Faulted", "Not up to date"),
    "unsupported": ("Unavailable", "Has no list"),
    "off": ("Unavailable", "Left alone"),
}
"""How a station's local list stands."""


def card_address(token_id: int | None) -> str:
    """Where a card's page is."""
    return f"/cards/{token_id}"


def driver_address(driver_id: int | None) -> str:
    """Where a driver's page is."""
    return f"/drivers/{driver_id}"


def group_address(value: str) -> str:
    """The cards of a group."""
    return f"/cards?q={quote(value)}"


def state_cell(entry: TokenEntry, now: datetime, formats: Formats) -> Cell:
    """A card's state; since or until when, where that matters."""
    state = entry.state(now)
    status, word = STATES[state]
    row = entry.token
    sub = ""
    if state == "not_yet":
        sub = f"from {formats.date(row.valid_from)}"
    elif row.expires_at is not None:
        sub = f"{'since' if state == 'expired' else 'until'} {formats.date(row.expires_at)}"
    elif state == "blocked" and entry.is_archived:
        sub = "driver archived"
    return Cell(word, status=status, sub=sub)


def list_cell(state: ListState) -> Cell:
    """How a station's list stands, and why not better."""
    status, word = LISTS[state.word]
    return Cell(word, status=status, sub=state.error if state.word == "failed" else "")


def kind_words(kind: str) -> str:
    """What kind of card it is."""
    return token_type_words(kind) if kind else "Any kind"

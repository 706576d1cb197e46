"""Times as stations write them, and as we do (TR_94, TR_96)."""

from datetime import UTC, datetime

_SHORTEST = len("2026-11-22T10:00")


def parse_timestamp(text: object) -> datetime | None:
    """A station's time in UTC, or None for what is none.

    Without a zone it is UTC; any offset is converted; digits past the microsecond are cut.
    """
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _parse_untidy(text)
    return _in_utc(moment) if len(text) >= _SHORTEST else None


def _parse_untidy(text: str) -> datetime | None:
    """Blanks around the text and a lower-case z are common enough to be read."""
    tidy = text.strip().upper()
    if len(tidy) < _SHORTEST:
        return None
    try:
        return _in_utc(datetime.fromisoformat(tidy))
    except ValueError:
        return None


def _in_utc(moment: datetime) -> datetime | None:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except OverflowError:  # the first or last day of the calendar, moved beyond it
        return None


def format_timestamp(moment: datetime) -> str:
    """A time as we send it: `2026-11-22T10:00:00.123Z`. Raises ValueError for a time without a zone."""
    if moment.tzinfo is None:
        raise ValueError("A time without a zone cannot be sent")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

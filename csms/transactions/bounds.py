"""What is believed of a station's numbers and times: nothing it says may overflow a column or freeze a meter.

JSON's 1.0 is a valid integer to a schema and a float to Python, hence int() in the functions that bound a number.
"""

from datetime import UTC, datetime, timedelta

EARLIEST = datetime(2020, 1, 1, tzinfo=UTC)
"""Before this a clock was never set (quirk 60)."""
MOST_AHEAD = timedelta(days=1)
"""A station may take local time for UTC, but not tomorrow for today."""
OFFLINE_AFTER = timedelta(minutes=2)
"""A message older than this when it comes was kept while the station had no connection."""
MAX_NUMBER = 32_767
MAX_INT = 2**31 - 1
MAX_WH = 10**15


def believable(at: datetime | None, received_at: datetime) -> datetime:
    """`at`, or `received_at` where the station's clock is plainly wrong or said nothing."""
    if at is None or at < EARLIEST or at - received_at > MOST_AHEAD:
        return received_at
    return at


def register(meter_wh: int | None) -> int | None:
    """A meter register that can be; None for what is none."""
    return int(meter_wh) if meter_wh is not None and -MAX_WH < meter_wh < MAX_WH else None


def evse(number: int | None) -> int:
    """An EVSE or connector number; 0 (unknown) for what is none."""
    return int(number) if number is not None and 0 < number <= MAX_NUMBER else 0


def count(number: int | None) -> int | None:
    """A number of 31 bits; None for what is none."""
    return int(number) if number is not None and 0 <= number <= MAX_INT else None

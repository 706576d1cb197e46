from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.ocpp.timestamps import format_timestamp, parse_timestamp

TEN = datetime(2026, 11, 22, 10, tzinfo=UTC)


@pytest.mark.case("TR_96")
@pytest.mark.quirk(59)
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T10:00:00Z", TEN),
        ("2026-11-22T10:00:00z", TEN),
        ("2026-11-22t10:00:00z", TEN),
        ("2026-11-22T10:00:00", TEN),
        ("2026-11-22 10:00:00", TEN),
        ("2026-11-22T10:00Z", TEN),
        (" 2026-11-22T10:00:00Z ", TEN),
        ("2026-11-22T11:00:00+01:00", TEN),
        ("2026-11-22T12:00:00+02", TEN),
        ("2026-11-22T12:00:00+0200", TEN),
        ("2026-11-22T04:30:00-05:30", TEN),
        ("2026-11-22T10:00:00.5Z", TEN + timedelta(seconds=0.5)),
        ("2026-11-22T10:00:00.123456789Z", TEN + timedelta(microseconds=123456)),
        ("2026-11-22T11:00:00.123456789+01:00", TEN + timedelta(microseconds=123456)),
        ("1970-01-01T00:00:00Z", datetime(1970, 1, 1, tzinfo=UTC)),
        ("2262-04-11T23:47:16Z", datetime(2262, 4, 11, 23, 47, 16, tzinfo=UTC)),
    ],
)
def test_tr_96_forms_of_a_timestamp(text, moment):
    read = parse_timestamp(text)
    assert read == moment
    assert read.utcoffset() == timedelta(0)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "2026-11-22", "2026-W47-7", "2026-13-01T00:00:00Z", "2026-11-22T25:00:00Z"),
        *("0001-01-01T00:00:00+02:00", "9999-12-31T23:59:59-02:00", "null", "1795341600", None, 1795341600, {}),
    ],
)
def test_tr_96_garbage_is_no_time(text):
    assert parse_timestamp(text) is None


@given(st.text(max_size=40))
def test_tr_96_no_text_raises(text):
    parse_timestamp(text)


@pytest.mark.case("TR_94")
@pytest.mark.quirk(23)
@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (TEN, "2026-11-22T10:00:00.000Z"),
        (TEN + timedelta(microseconds=123999), "2026-11-22T10:00:00.123Z"),
        (datetime(2026, 11, 22, 12, tzinfo=timezone(timedelta(hours=2))), "2026-11-22T10:00:00.000Z"),
    ],
)
def test_tr_94_we_send_utc_with_milliseconds(moment, text):
    assert format_timestamp(moment) == text


def test_a_time_without_zone_is_not_sent():
    with pytest.raises(ValueError, match="zone"):
        format_timestamp(datetime(2026, 11, 22, 10))  # noqa: DTZ001


@given(st.datetimes(timezones=st.timezones(), min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30)))  # noqa: DTZ001
def test_what_we_write_we_read_to_the_millisecond(moment):
    read = parse_timestamp(format_timestamp(moment))
    assert abs(read - moment) < timedelta(milliseconds=1)

"""Where samples may lie: everywhere they do, and not in the years between them."""

import json
from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from csms.transactions.span import AHEAD, LAST, Span, span_of
from tests.csms.transactions.charger import T0

MINUTE, YEARS = timedelta(minutes=1), timedelta(days=1500)
moments = st.datetimes(T0.replace(tzinfo=None) - YEARS, T0.replace(tzinfo=None)).map(
    lambda naive: naive.replace(tzinfo=T0.tzinfo)
)
sessions = st.lists(moments | st.integers(-9000, 9000).map(lambda minutes: T0 + minutes * MINUTE), max_size=30)


def spanning(*times: datetime) -> Span:
    span = Span()
    for at in times:
        span = span.including(at)
    return span


@given(sessions)
def test_every_sample_lies_within_and_it_can_be_kept(times: list[datetime]):
    span = spanning(*times)
    ranges = span.ranges()
    assert all(any(since <= at <= until for since, until in ranges) for at in times)
    assert all(span.including(at) is span for at in times)
    assert ranges == sorted(ranges)
    assert span_of({"samples": json.loads(json.dumps(span.to_json()))}, T0, None) == span


def test_without_samples_there_is_nowhere_to_look():
    assert Span().ranges() == []


def test_a_usual_session_needs_to_be_told_once_an_hour():
    spans = [spanning(T0)]
    for minute in range(8 * 60):
        spans.append(spans[-1].including(T0 + minute * MINUTE))
    assert len(set(spans)) == 8
    assert spans[-1].ranges() == [(T0, spans[-1].until)]


def test_a_clock_set_right_on_the_way_leaves_a_gap_and_costs_no_more():
    before = [T0 - YEARS + minute * MINUTE for minute in range(120)]
    after = [T0 + minute * MINUTE for minute in range(120)]
    first, last = spanning(*before, *after).ranges()
    assert (first[0], last[0]) == (before[0], after[0])
    assert first[1] - before[-1] <= AHEAD
    assert last[1] - after[-1] <= AHEAD
    first, last = spanning(T0, *before).ranges()  # the first of them had a better clock
    assert (first[0], last) == (before[0], (T0, T0 + AHEAD))
    assert first[1] - before[-1] <= AHEAD


def test_a_row_that_remembers_nothing_keeps_to_its_times():
    assert span_of({}, T0, T0 + AHEAD).ranges() == [(T0, T0 + AHEAD)]
    assert span_of({}, T0, None).ranges() == [(T0, LAST)]

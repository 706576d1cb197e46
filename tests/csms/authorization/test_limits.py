"""Limits as arithmetic; hypothesis looks for where it goes wrong."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from csms.authorization.limits import NO_LIMITS, Left, Limits, Periods, Use, left_of, problem_with, too_many, used_up

WH = st.integers(1, 10**9)
MONEY = st.decimals(Decimal("0.01"), 10**6, places=2)
LIMITS = st.builds(
    Limits,
    st.none() | st.integers(1, 9),
    st.none() | WH,
    st.none() | WH,
    st.none() | MONEY,
    st.none() | MONEY,
)
USE = st.builds(
    Use,
    st.integers(0, 12),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.decimals(0, 10**6, places=2),
    st.decimals(0, 10**6, places=2),
)


@given(limits=LIMITS, use=USE)
def test_nothing_is_left_exactly_where_something_is_used_up(limits: Limits, use: Use) -> None:
    left = left_of(limits, use)
    assert (used_up("token", limits, use, "EUR") is not None) == (0 in (left.energy_wh, left.cost))
    assert all(value is None or value >= 0 for value in (left.energy_wh, left.cost))
    assert problem_with(limits) is None


@given(limits=LIMITS, use=USE, more=st.integers(0, 10**6))
def test_more_use_never_allows_more(limits: Limits, use: Use, more: int) -> None:
    later = Use(
        use.transactions + 1, use.energy_day_wh + more, use.energy_month_wh + more, use.cost_day, use.cost_month
    )
    assert used_up("driver", limits, use, "EUR") is None or used_up("driver", limits, later, "EUR") is not None
    assert too_many("driver", limits, use) is None or too_many("driver", limits, later) is not None
    assert left_of(limits, later).at_most(left_of(limits, use)) == left_of(limits, later)


@given(use=USE)
def test_without_limits_everything_is_allowed(use: Use) -> None:
    assert (used_up("group", NO_LIMITS, use, "EUR"), too_many("group", NO_LIMITS, use)) == (None, None)
    assert left_of(NO_LIMITS, use) == Left()


def test_sentences_say_what_happened_and_when_it_is_over() -> None:
    limits = Limits(1, 20_000, None, Decimal(5), None)
    assert used_up("token", limits, Use(energy_day_wh=20_000), "EUR") == (
        "This card has used its 20 kWh for today; it can charge again tomorrow."
    )
    assert used_up("driver", limits, Use(cost_day=Decimal("5.01")), "SGD") == (
        "This driver has used its 5.00 SGD for today; it can charge again tomorrow."
    )
    assert too_many("group", limits, Use(transactions=1)) == (
        "This group of cards may have one session at a time, and has one running already."
    )


def test_days_and_months_are_those_of_the_place() -> None:
    now = datetime(2026, 3, 1, 3, tzinfo=UTC)  # already March in Singapore, and in Berlin too
    assert Periods.at(now, "Asia/Singapore").month == datetime(2026, 2, 28, 16, tzinfo=UTC)
    assert Periods.at(now, "Europe/Berlin").day == datetime(2026, 2, 28, 23, tzinfo=UTC)
    summer = Periods.at(datetime(2026, 3, 29, 12, tzinfo=UTC), "Europe/Berlin")  # the clock was put forward
    assert (summer.day, summer.month) == (
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 2, 28, 23, tzinfo=UTC),
    )

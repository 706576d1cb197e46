"""Parts of a report, joined whatever their order."""

from hypothesis import given
from hypothesis import strategies as st

from csms.maintenance.parts import MOST_MISSING, Parts, parts_of


@given(st.integers(1, 30).flatmap(lambda count: st.permutations(range(count))), st.data())
def test_in_any_order_and_repeated_the_report_is_whole_at_the_last_new_part(
    order: list[int], data: st.DataObject
) -> None:
    parts = Parts()
    for position, number in enumerate(order):
        assert not parts.is_complete
        again = data.draw(st.integers(1, 2))
        for _ in range(again):
            parts = parts.with_part(number, to_be_continued=number != len(order) - 1)
        came = set(order[: position + 1])
        highest = len(order) - 1 if parts.last is not None else max(came)
        assert parts.missing == [n for n in range(highest + 1) if n not in came]
    assert parts.is_complete
    assert parts.numbers == tuple(range(len(order)))


@given(st.lists(st.integers(-5, 2**40), max_size=20), st.none() | st.integers(0, 2**40))
def test_wild_numbers_stay_small(numbers: list[int], last: int | None) -> None:
    parts = parts_of([max(0, number) for number in numbers], last)
    assert len(parts.missing) <= MOST_MISSING
    assert not set(parts.missing) & set(parts.numbers)


def test_a_part_without_a_word_on_more_is_the_last() -> None:
    assert Parts().with_part(0, to_be_continued=False).is_complete  # quirk 76: tbc is left out
    assert not Parts().with_part(1, to_be_continued=False).is_complete

"""Which messages bring a list up to date; hypothesis plays the station."""

from hypothesis import given
from hypothesis import strategies as st

from csms.authorization.list_plan import ListEntry, ListLimits, ListPart, parts_for

Held = dict[tuple[str, str], ListEntry]


def entry(name: str, status: str | None = "Accepted") -> ListEntry:
    return ListEntry(name, "ISO14443", status)


def taken(held: Held, parts: list[ListPart]) -> Held:
    """What a station has after these messages."""
    now = dict(held)
    for part in parts:
        now = {} if part.is_full else now
        for item in part.entries:
            if item.status is None:
                now.pop(item.key, None)
            else:
                now[item.key] = item
    return now


def by_key(entries: list[ListEntry]) -> Held:
    return {item.key: item for item in entries}


ENTRIES = st.lists(
    st.builds(entry, st.sampled_from("abcdefghijklm"), st.sampled_from(["Accepted", "Blocked"])),
    unique_by=lambda item: item.key,
)
LIMITS = st.builds(
    ListLimits,
    length=st.none() | st.integers(1, 15),
    per_message=st.none() | st.integers(1, 4),
    bytes_per_message=st.none() | st.integers(1, 2000),
)


@given(held=ENTRIES, is_certain=st.booleans(), version=st.integers(-1, 50), wanted=ENTRIES, limits=LIMITS)
def test_the_station_ends_up_with_what_is_wanted(
    held: list[ListEntry], is_certain: bool, version: int, wanted: list[ListEntry], limits: ListLimits
) -> None:
    parts = parts_for(by_key(held) if is_certain else None, version, wanted, limits)
    expected = wanted if limits.length is None else wanted[: limits.length]
    assert taken(by_key(held), parts) == by_key(expected)
    versions = [part.version for part in parts]
    assert versions == sorted(set(versions))
    assert all(number > max(0, version) for number in versions)
    assert [part.is_full for part in parts[1:]] == [False] * (len(parts) - 1 if parts else 0)
    assert all(part.entries or part.is_full for part in parts)
    if limits.per_message is not None:
        assert all(len(part.entries) <= limits.per_message for part in parts)


def test_nothing_to_do() -> None:
    held = by_key([entry("a"), entry("b")])
    assert parts_for(held, 3, [entry("b"), entry("a")], ListLimits()) == []
    assert parts_for({}, 0, [], ListLimits()) == []


def test_uncertain_and_empty() -> None:
    assert parts_for(None, 3, [], ListLimits()) == [ListPart(4, True, ())]
    assert parts_for(by_key([entry("a")]), 3, [], ListLimits()) == [ListPart(4, True, ())]


def test_removals_come_first() -> None:
    [part] = parts_for(by_key([entry("a")]), 1, [entry("b")], ListLimits())
    assert part == ListPart(2, False, (entry("a", None), entry("b")))

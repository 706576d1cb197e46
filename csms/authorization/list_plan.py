"""Works out which messages bring a station's local authorization list up to date (D01, D02, X16_17). Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ListEntry:
    """A token on a list and what the station is told of it. `status` None: it is to be taken off the list."""

    id_token: str
    id_token_type: str
    """Empty in 1.6, which has no types."""
    status: str | None
    expires_at: datetime | None = None
    group: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes two entries speak of the same token."""
        return self.id_token.casefold(), self.id_token_type


@dataclass(frozen=True, slots=True)
class ListLimits:
    """What a station can take; None where it did not say."""

    length: int | None = None
    """Entries of the whole list."""
    per_message: int | None = None
    """Entries of one message."""
    bytes_per_message: int | None = None


@dataclass(frozen=True, slots=True)
class ListPart:
    """One SendLocalList: the whole list so far (`is_full`), or what changes."""

    version: int
    is_full: bool
    entries: tuple[ListEntry, ...]


_FRAME_BYTES, _ENTRY_BYTES = 200, 240
"""What the names, brackets and times of a message, and of an entry, come to at most."""


def parts_for(
    held: Mapping[tuple[str, str], ListEntry] | None,
    version: int,
    wanted: Sequence[ListEntry],
    limits: ListLimits,
) -> list[ListPart]:
    """The messages that make a list of `version` into `wanted`; none if it is that already.

    `held` is what the station has, None where that is uncertain: then the list is sent anew. Whatever is wanted beyond
    the limit of the list is left out, the last first.
    """
    wanted = wanted if limits.length is None else wanted[: max(0, limits.length)]
    if held is None or (wanted and not held):
        return _numbered(_split(wanted, limits), version, begins_full=True)
    changes = _changes(held, wanted)
    if changes and not wanted:
        return [ListPart(max(0, version) + 1, True, ())]
    return _numbered(_split(changes, limits), version, begins_full=False) if changes else []


def _changes(held: Mapping[tuple[str, str], ListEntry], wanted: Sequence[ListEntry]) -> list[ListEntry]:
    """Removals first, so that the list is never longer than in the end."""
    keys = {entry.key for entry in wanted}
    removed = [ListEntry(old.id_token, old.id_token_type, None) for key, old in held.items() if key not in keys]
    return removed + [entry for entry in wanted if held.get(entry.key) != entry]


def _numbered(chunks: Iterator[tuple[ListEntry, ...]], version: int, *, begins_full: bool) -> list[ListPart]:
    """Each message raises the version, which is never 0 or -1: those mean that there is no list (D01.FR.05)."""
    first = max(0, version) + 1
    return [ListPart(first + n, begins_full and n == 0, chunk) for n, chunk in enumerate(chunks)]


def _split(entries: Sequence[ListEntry], limits: ListLimits) -> Iterator[tuple[ListEntry, ...]]:
    """Chunks that one message may hold; one without entries if there are none."""
    chunk: list[ListEntry] = []
    size = _FRAME_BYTES
    for entry in entries:
        bytes_ = _ENTRY_BYTES + len(entry.id_token.encode()) + len((entry.group or "").encode())
        if chunk and (_is_full(len(chunk), limits.per_message) or _is_full(size + bytes_, limits.bytes_per_message)):
            yield tuple(chunk)
            chunk, size = [], _FRAME_BYTES
        chunk.append(entry)
        size += bytes_
    yield tuple(chunk)


def _is_full(used: int, limit: int | None) -> bool:
    return limit is not None and limit > 0 and used >= limit

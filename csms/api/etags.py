"""ETags: has it changed since it was read (If-None-Match), and may it be written over (If-Match).

An ETag has two halves, `"<what is kept>.<all of it>"`. If-Match looks at the first: a heartbeat that came in between
does not stand in the way of a new name. If-None-Match looks at both.
"""

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any, cast

import orjson
from fastapi import Depends, Header

from csms.api.errors import PreconditionFailedError
from csms.api.shapes import Shape

Json = Mapping[str, Any]


def etag_of(document: Any, volatile: frozenset[str] = frozenset()) -> str:
    """The ETag of an answer, quotes included."""
    if not volatile:
        return f'"{_digest(document)}.0"'
    return f'"{_digest(_without(document, volatile))}.{_digest(document)}"'


def is_known(header: str | None, etag: str) -> bool:
    """Whether If-None-Match names this very state."""
    return header is not None and any(each in ("*", etag) for each in _split(header))


class Match:
    """The If-Match header of a request."""

    def __init__(self, header: str | None) -> None:
        self._header = header

    def require(self, current: Shape | None) -> None:
        """Raise PreconditionFailedError when it was given and `current` (None: nothing is there) is another state."""
        if self._header is None:
            return
        wanted = [each.split(".")[0].strip('"') for each in _split(self._header)]
        if current is not None:
            kept = etag_of(current.document(), current.volatile).split(".")[0].strip('"')
            if "*" in wanted or kept in wanted:
                return
        raise PreconditionFailedError("It has changed since you read it. Read it again, and decide anew.")


def _if_match(
    if_match: Annotated[
        str | None,
        Header(description="ETag of the state that is meant; 412 when it is another by now.", max_length=1000),
    ] = None,
) -> Match:
    return Match(if_match)


IfMatch = Annotated[Match, Depends(_if_match)]


def _without(document: Any, volatile: frozenset[str]) -> Any:
    if isinstance(document, list):
        return [_without(item, volatile) for item in cast("list[Any]", document)]
    if not isinstance(document, Mapping):
        return document
    fields = cast(Json, document)
    return {key: _without(value, volatile) for key, value in fields.items() if key not in volatile}


def _split(header: str) -> list[str]:
    return [each.strip().removeprefix("W/") for each in header.split(",") if each.strip()]


def _digest(document: Any) -> str:
    text = orjson.dumps(document, option=orjson.OPT_SORT_KEYS, default=str)
    return hashlib.sha256(text).hexdigest()[:24]

"""One cause runs from click to frame to status to audit row: an id carried along in a context variable."""

import uuid
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar

_current: ContextVar[str | None] = ContextVar("cause", default=None)


def current_cause() -> str | None:
    """Id of what set the current work in motion, if anything did."""
    return _current.get()


def new_cause() -> str:
    """A fresh cause id (UUID4, 36 characters)."""
    return str(uuid.uuid4())


@contextmanager
def because_of(cause_id: str) -> Generator[str]:
    """Everything done inside happens because of `cause_id`."""
    token = _current.set(cause_id)
    try:
        yield cause_id
    finally:
        _current.reset(token)

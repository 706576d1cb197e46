"""Statements are compiled once in a run, not once in each test: a new database for every test would begin anew.

SQLAlchemy keeps what it compiled by engine and dialect. Here all dialects of a kind are one, as they are: the settings
of every `Database` are the same.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.util import LRUCache

from models import db

STATEMENTS_KEPT = 5_000


@contextmanager
def compiled_once() -> Iterator[None]:
    """While this lasts, every `Database` finds what an earlier one has compiled."""
    compiled: LRUCache[Any, Any] = LRUCache(STATEMENTS_KEPT)
    create: Callable[..., AsyncEngine] = db.create_async_engine

    def create_sharing(*args: Any, **options: Any) -> AsyncEngine:
        return create(*args, execution_options={"compiled_cache": compiled}, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db, "create_async_engine", create_sharing)
        patch.setattr(DefaultDialect, "__eq__", lambda self, other: type(self) is type(other))
        patch.setattr(DefaultDialect, "__hash__", lambda self: hash(type(self)))
        yield

"""Lists by the page: a cursor that says after which row to go on, so that nothing is skipped or told twice."""

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import orjson
from fastapi import Query
from sqlalchemy import and_, or_
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.datastructures import URL
from starlette.requests import Request

from csms.api.errors import CursorError
from csms.api.shapes import Listed

T = TypeVar("T")
Item = TypeVar("Item")
MAX_LIMIT = 200
_CURSOR = r"^[A-Za-z0-9_-]*$"


@dataclass(frozen=True, slots=True)
class Key:
    """A column to sort by, which is never NULL, and how its value is read from a cursor."""

    column: Any
    kind: type[str] | type[int] | type[datetime] = str

    def read(self, value: Any) -> Any:
        if self.kind is datetime and isinstance(value, str):
            return datetime.fromisoformat(value)
        if not isinstance(value, self.kind) or isinstance(value, bool):
            raise CursorError(_FOREIGN)
        return value


@dataclass(frozen=True, slots=True)
class PageAsk:
    """Which page of a list is asked for."""

    url: URL
    limit: int
    sort: str
    after: tuple[Any, int] | None

    @property
    def name(self) -> str:
        return self.sort.removeprefix("-")

    @property
    def descending(self) -> bool:
        return self.sort.startswith("-")


class Ordering:
    """The ways in which a list can be sorted. `page: Annotated[PageAsk, Depends(X.asked)]` takes in the parameters."""

    def __init__(self, row_id: Any, keys: Mapping[str, Key], default: str) -> None:
        self._id = row_id
        self._keys = keys
        self.asked = _dependency(self, f"^-?({'|'.join(keys)})$", default)

    def begin(self, url: URL, limit: int, sort: str, cursor: str) -> PageAsk:
        """Read the parameters. Raises CursorError."""
        if not cursor:
            return PageAsk(url, limit, sort, None)
        try:
            text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
            made_for, value, row_id = orjson.loads(text)
            if made_for != sort or not isinstance(row_id, int) or isinstance(row_id, bool):
                raise CursorError(_FOREIGN)
            return PageAsk(url, limit, sort, (self._keys[sort.removeprefix("-")].read(value), row_id))
        except (binascii.Error, ValueError, TypeError):
            raise CursorError(_FOREIGN) from None

    async def page(self, session: AsyncSession, query: Any, ask: PageAsk, shape: Callable[[Any], T]) -> Listed[T]:
        """The rows of `query` on that page, each turned into what is answered."""
        rows, following = await self.rows(session, query, ask)
        return Listed[T](data=[shape(row) for row in rows], next=following)

    async def rows(self, session: AsyncSession, query: Any, ask: PageAsk) -> tuple[Sequence[Any], str | None]:
        """The rows of `query`, a select, on that page, and the address of the next one."""
        key = self._keys[ask.name].column
        if ask.after is not None:
            value, row_id = ask.after
            further = (key < value, self._id < row_id) if ask.descending else (key > value, self._id > row_id)
            query = query.where(or_(further[0], and_(key == value, further[1])))
        order = (key.desc(), self._id.desc()) if ask.descending else (key.asc(), self._id.asc())
        found = query.add_columns(key.label("sort_key"), self._id.label("row_id")).order_by(*order).limit(ask.limit + 1)
        rows = (await session.execute(found)).all()
        shown = rows[: ask.limit]
        following = None
        if len(rows) > ask.limit:
            following = _next(ask, shown[-1].sort_key, shown[-1].row_id)
        return shown, following

    def pick(
        self, items: Sequence[Item], ask: PageAsk, place: Callable[[Item], tuple[Any, int]]
    ) -> tuple[list[Item], str | None]:
        """The same for what is only known as a whole. `place` tells an item's value to sort by, and its id."""
        ordered = sorted(items, key=place, reverse=ask.descending)
        if ask.after is not None:
            after = ask.after
            ordered = [one for one in ordered if (place(one) < after if ask.descending else place(one) > after)]
        shown = ordered[: ask.limit]
        return shown, _next(ask, *place(shown[-1])) if len(ordered) > len(shown) else None


def _dependency(ordering: Ordering, pattern: str, default: str) -> Callable[..., PageAsk]:
    def asked(
        request: Request,
        limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Rows on a page.")] = 50,
        sort: Annotated[str, Query(pattern=pattern, description="Column; with `-` before it, downwards.")] = default,
        cursor: Annotated[
            str, Query(pattern=_CURSOR, max_length=1000, description="From `next`: where to go on. Opaque.")
        ] = "",
    ) -> PageAsk:
        return ordering.begin(request.url, limit, sort, cursor)

    return asked


def _next(ask: PageAsk, value: Any, row_id: int) -> str:
    told = value.isoformat() if isinstance(value, datetime) else value
    cursor = base64.urlsafe_b64encode(orjson.dumps([ask.sort, told, row_id])).decode().rstrip("=")
    url = ask.url.include_query_params(cursor=cursor)
    return f"{url.path}?{url.query}"


_FOREIGN = "This cursor was not made for this list in this order. Begin again without one."

"""A table whose rows live on the server: paged, searched, filtered and sorted there, changed cell by cell when live."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from nicegui import ui
from nicegui.events import GenericEventArguments

from components.assets import STATIC_URL
from components.empty import Empty, show_empty
from components.status import status_data

Kind = Literal["text", "link", "status", "num", "mono", "muted", "age"]
"""age: the text is a moment in ISO 8601, shown as how long ago that is; the browser keeps it true."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column. In a narrow place each row is a card: `mobile` says where in it the cell goes.

    That is its title, beside the title, a row of its own with the label, or nowhere.
    """

    name: str
    label: str
    kind: Kind = "text"
    align: Literal["left", "right"] = "left"
    sortable: bool = False
    mobile: Literal["title", "side", "row", "hide"] = "row"
    width: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A value that is more than its text: a second line, an address, the reason on hover, a status beside it.

    `marks` are statuses drawn small, each a (status, label); `tags` are words in a row of labels.
    """

    text: str
    sub: str = ""
    href: str = ""
    title: str = ""
    status: str = ""
    marks: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filter:
    """A chip that narrows the list; its `key` comes back in `Query.filters` while it is on."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Query:
    """What the table asks for."""

    search: str = ""
    filters: frozenset[str] = frozenset()
    sort: str | None = None
    descending: bool = False
    offset: int = 0
    limit: int = 25


Row = Mapping[str, Any]
"""Cells by column name (text or Cell); "href" makes the row a link; the table's `key` names it."""


@dataclass(frozen=True, slots=True)
class Page:
    """The rows asked for, and how many there are in all."""

    rows: Sequence[Row]
    total: int


Fetch = Callable[[Query], Awaitable[Page]]


@dataclass(slots=True)
class _State:
    query: Query
    keys: list[str] = field(default_factory=list)
    asked: int = 0


class DataTable(ui.element, component="data_table.js"):
    """Shows what `fetch` answers; a skeleton until the first answer, `empty` when there is nothing at all.

    `on_rows` is told the keys on show after each load, so that a page can follow just those. `start` is the query to
    begin with, such as one that came with the address; it outranks `sort` and `descending`. Rows with a true "opens"
    call `on_open` with their key when clicked.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        fetch: Fetch,
        *,
        key: str = "id",
        search: str = "",
        filters: Sequence[Filter] = (),
        sort: str | None = None,
        descending: bool = False,
        page_size: int = 25,
        empty: Empty | None = None,
        on_rows: Callable[[list[str]], Any] | None = None,
        on_open: Callable[[str], Any] | None = None,
        title: str = "",
        start: Query | None = None,
    ) -> None:
        super().__init__()
        begin = replace(start or Query(sort=sort, descending=descending), limit=page_size)
        self._fetch = fetch
        self._key = key
        self._on_rows = on_rows
        self._state = _State(begin)
        self.props.update(
            {
                "columns": [asdict(column) for column in columns],
                "filters": [asdict(one) for one in filters],
                "search": search,
                "begin": {"search": begin.search, "filters": sorted(begin.filters)},
                "sort": begin.sort,
                "descending": begin.descending,
                "limit": page_size,
                "statuses": status_data(),
                "static-url": STATIC_URL,
                "title": title,
            }
        )
        with self.add_slot("empty"):
            show_empty(empty or Empty("Nothing here yet"))
        self.on("ask", self._asked)
        if on_open:
            self.on("open", lambda event: on_open(str(event.args)))
        ui.timer(0, self.reload, once=True)

    @property
    def keys(self) -> list[str]:
        """The keys of the rows on show."""
        return list(self._state.keys)

    @property
    def query(self) -> Query:
        return self._state.query

    async def reload(self) -> None:
        """Ask for the rows again, with the same query."""
        self._state.asked += 1
        turn = self._state.asked
        query = self._state.query
        page = await self._fetch(query)
        if turn != self._state.asked or self.is_deleted:
            return  # a later question overtook this one, or the page was left
        rows = [_plain(row) | {"_key": str(row[self._key])} for row in page.rows]
        self._state.keys = [row["_key"] for row in rows]
        self.run_method("show", rows, page.total, query.offset, bool(query.search or query.filters))
        if self._on_rows:
            self._on_rows(self.keys)

    async def restart(self) -> None:
        """Ask from the first row on, because what the page adds to the query has changed."""
        self._state.query = replace(self._state.query, offset=0)
        await self.reload()

    def patch_row(self, key: str, changes: Row) -> None:
        """Change cells of one row in the browser; a key that is not on show is ignored."""
        if key in self._state.keys:
            self.run_method("patch", key, _plain(changes))

    async def _asked(self, event: GenericEventArguments) -> None:
        asked: dict[str, Any] = event.args
        known = {column["name"] for column in self.props["columns"] if column["sortable"]}
        offered = {one["key"] for one in self.props["filters"]}
        sort = asked.get("sort")
        self._state.query = Query(
            search=str(asked.get("search", ""))[:200].strip(),
            filters=frozenset(offered.intersection(asked.get("filters", ()))),
            sort=sort if sort in known else None,
            descending=bool(asked.get("descending")),
            offset=max(0, int(asked.get("offset", 0))),
            limit=self._state.query.limit,
        )
        await self.reload()


def _plain(row: Row) -> dict[str, Any]:
    return {name: asdict(value) if isinstance(value, Cell) else value for name, value in row.items()}

"""What a list shows, kept in the page's address: so a link to it can be shared, and Back brings it back."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from nicegui import ui
from nicegui.elements.sub_pages import SubPages
from starlette.datastructures import QueryParams

from components.data_table import Query


@dataclass(frozen=True, slots=True)
class ListAddress:
    """The address of a list: `path`, and the order and page size that go without saying."""

    path: str
    sort: str
    descending: bool = False
    page_size: int = 25

    def query(self, q: str = "", show: str = "", sort: str = "", page: str = "") -> Query:
        """The query that an address asks for; what makes no sense in it is left out."""
        number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
        return Query(
            search=q[:200],
            filters=frozenset(filter(None, show.split(","))),
            sort=sort.removeprefix("-") or self.sort,
            descending=sort.startswith("-") if sort else self.descending,
            offset=(max(1, number) - 1) * self.page_size,
            limit=self.page_size,
        )

    def parameters(self, query: Query, **more: str) -> dict[str, str]:
        """The same the other way round, without what goes without saying."""
        is_usual = (query.sort, query.descending) == (self.sort, self.descending)
        asked = {
            "q": query.search,
            "show": ",".join(sorted(query.filters)),
            "sort": "" if is_usual else f"{'-' if query.descending else ''}{query.sort}",
            "page": str(query.offset // self.page_size + 1) if query.offset else "",
            **more,
        }
        return {name: value for name, value in asked.items() if value}


class AddressBar:
    """The part of the address after the path, while a page is open."""

    def __init__(self, path: str, begin: Mapping[str, str]) -> None:
        self._path = path
        self._now = dict(begin)
        self._pages = next(
            element for element in ui.context.slot.parent.ancestors(include_self=True) if isinstance(element, SubPages)
        )

    def show(self, parameters: Mapping[str, str]) -> None:
        """Write the parameters into the address. Typing a search leaves one entry in the history, not one a key."""
        if self._now == parameters:
            return
        typing = bool(self._now.get("q")) and self._now.get("q") != parameters.get("q")
        self._now = dict(parameters)
        self._remember(parameters)
        address = f"{self._path}?{urlencode(parameters)}" if parameters else self._path
        (ui.navigate.history.replace if typing else ui.navigate.history.push)(address)

    def _remember(self, parameters: Mapping[str, str]) -> None:
        """Tell the sub pages where they are, so that Back, and a link to the bare path, are seen as a change."""
        match = self._pages._match  # NiceGUI itself learns of addresses only from its own links
        if match is not None:
            match.query_params = QueryParams(dict(parameters))

"""Tabs that one browser test leaves to the next: a new one takes more work than the page in it."""

from collections import defaultdict
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page


class Tabs:
    """The tabs of a file's tests, by host and role; those of one host and role share a context, as in one browser, so
    that what one page has fetched the next has at hand.

    `rest(host)` is an address at the host that opens no socket: where tabs wait. `open_context(host, role)` is asked
    once for each, and `watch(page, problems)` listens to each tab for what no test may cause.
    """

    def __init__(
        self,
        rest: Callable[[str], str],
        open_context: Callable[[str, str], BrowserContext],
        watch: Callable[[Page, list[str]], None],
    ) -> None:
        self._rest = rest
        self._open_context = open_context
        self._watch = watch
        self._contexts: dict[tuple[str, str], BrowserContext] = {}
        self._idle: defaultdict[tuple[str, str], list[Page]] = defaultdict(list)
        self._taken: list[tuple[Page, str, str]] = []
        self._problems: list[str] = []

    def take(self, host: str, role: str = "", *, width: int = 1440, mode: str = "") -> Page:
        """A tab that shows nothing yet, at `host`: so wide, and in the light or dark `mode` that was chosen there."""
        page = self._idle[host, role].pop() if self._idle[host, role] else self._open(host, role)
        self._taken.append((page, host, role))
        page.set_viewport_size({"width": width, "height": 900})
        if mode:
            page.evaluate("mode => localStorage.setItem('voltdeck-mode', mode)", mode)
        return page

    def give_back(self) -> None:
        """Leave nothing of a test behind: neither what the browser kept nor an open socket, nor a stranger's cookies.
        Raises AssertionError when a tab had a problem."""
        for page, host, role in self._taken:
            if page.is_closed():
                continue
            page.goto(self._rest(host))
            page.evaluate("localStorage.clear()")
            page.mouse.move(0, 0)
            if not role:
                page.context.clear_cookies()
            self._idle[host, role].append(page)
        problems, self._problems[:] = list(self._problems), []
        self._taken.clear()
        assert not problems, problems

    def close(self) -> None:
        for context in self._contexts.values():
            context.close()

    def _open(self, host: str, role: str) -> Page:
        if (host, role) not in self._contexts:
            self._contexts[host, role] = self._open_context(host, role)
        page = self._contexts[host, role].new_page()
        self._watch(page, self._problems)
        page.goto(self._rest(host))
        return page

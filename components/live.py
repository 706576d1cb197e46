"""Brings the live board into a browser tab, and leaves with it.

A subscription made on a sub page would outlive it, for the tab lives on; here it ends with the element it belongs to.
"""

import logging
import weakref
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Protocol

from nicegui import ui
from nicegui.element import Element

Batch = dict[str, Any]
Unsubscribe = Callable[[], None]
_log = logging.getLogger(__name__)


class Board(Protocol):
    """What is followed: one picture of a tenant's stations, told in batches {key: snapshot} on the event loop."""

    def subscribe(self, tenant_id: int, key: str, callback: Callable[[Batch], None]) -> Unsubscribe:
        """Call `callback` with each batch about `key` until the result is called."""
        ...


class Following:
    """A running subscription. It holds its element weakly, so that it never keeps a closed tab alive."""

    def __init__(self, board: Board, tenant_id: int, update: Callable[[Batch], Any], owner: Element) -> None:
        self._board = board
        self._tenant_id = tenant_id
        self._update: Callable[[Batch], Any] | None = update
        self._owner = weakref.ref(owner)
        self._running: dict[str, Unsubscribe] = {}
        when_gone(owner, self.stop)

    def watch(self, keys: Iterable[str]) -> None:
        """Follow these keys from now on, and no others."""
        wanted = set(keys)
        if self._update is None:
            return
        for key in self._running.keys() - wanted:
            self._running.pop(key)()
        for key in wanted - self._running.keys():
            self._running[key] = self._board.subscribe(self._tenant_id, key, self._deliver)

    def stop(self) -> None:
        """Stop following; harmless when it has ended already."""
        while self._running:
            self._running.popitem()[1]()
        self._update = None

    def _deliver(self, batch: Batch) -> None:
        owner = self._owner()
        if owner is None or owner.is_deleted:
            self.stop()
        if owner is None or self._update is None:
            return
        try:
            with owner:
                self._update(batch)
        except Exception:
            _log.exception("a live update failed")


def follow(
    board: Board,
    tenant_id: int,
    keys: Iterable[str],
    update: Callable[[Batch], Any],
    *,
    owner: Element | None = None,
) -> Following:
    """Call `update({key: snapshot})` for each batch about `keys` while `owner` and its tab are there.

    Without an `owner` it is bound to the current place: it ends when that is cleared, as a sub page is when it is left.
    `update` is synchronous and runs in the tab's context; what it raises is logged and reaches nobody else.
    """
    following = Following(board, tenant_id, update, owner or _marker())
    following.watch(keys)
    return following


def _marker() -> Element:
    """An unseen element in the current place. The place itself, such as `ui.sub_pages`, may outlive its content."""
    return ui.element("span").classes("hidden")


def when_gone(element: Element, callback: Callable[[], None]) -> None:
    """Run `callback` when `element` goes, by itself or with its client; NiceGUI has no public hook for it."""
    element._handle_delete = partial(_both, callback, element._handle_delete)  # type: ignore[method-assign]


def _both(first: Callable[[], None], second: Callable[[], None]) -> None:
    first()
    second()

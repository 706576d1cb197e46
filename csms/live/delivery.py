"""Brings changes to those who follow: the first at once, then at most four batches a second per tenant."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from csms import metrics
from csms.clock import Clock

log = structlog.get_logger(__name__)
Batch = dict[str, Any]
Callback = Callable[[Batch], None]

PAUSE_S = 0.25
"""Between two batches of one tenant."""


class Delivery:
    """The followers of one tenant's keys. No timer runs while nothing changes or nobody follows."""

    def __init__(self, clock: Clock, collect: Callable[[str], Batch], forget: Callable[[], None]) -> None:
        self._clock = clock
        self._collect = collect
        self._forget = forget
        self._followers: dict[str, list[Callback]] = {}
        self._scheduled = False
        self._next_at = 0.0

    @property
    def wanted(self) -> bool:
        """Whether anybody follows anything."""
        return bool(self._followers)

    def follows(self, key: str) -> bool:
        """Whether anybody follows this key."""
        return key in self._followers

    def follow(self, key: str, callback: Callback) -> Callable[[], None]:
        """Call `callback` with the batches of `key`. Returns what ends it; ending twice does no harm."""
        self._followers.setdefault(key, []).append(callback)
        followers = metrics.board_followers.labels(kind=key.partition(":")[0])
        followers.inc()

        def leave() -> None:
            callbacks = self._followers.get(key, [])
            if callback in callbacks:
                callbacks.remove(callback)
                followers.dec()
            if not callbacks:
                self._followers.pop(key, None)

        return leave

    def changed(self) -> None:
        """Something may be of interest. The batch leaves when the loop turns, so that one commit's news go together."""
        if self._scheduled or not self._followers:
            return
        self._scheduled = True
        loop = asyncio.get_running_loop()
        wait_s = self._next_at - self._clock.monotonic()
        if wait_s <= 0:
            loop.call_soon(self._send)
        else:
            loop.call_later(wait_s, self._send)

    def _send(self) -> None:
        self._scheduled = False
        self._next_at = self._clock.monotonic() + PAUSE_S
        batches = {key: batch for key in self._followers if (batch := self._collect(key))}
        self._forget()
        for key, batch in batches.items():
            for callback in tuple(self._followers.get(key, ())):
                _tell(callback, batch, key)


def _tell(callback: Callback, batch: Batch, key: str) -> None:
    try:
        callback(batch)
    except Exception:
        log.exception("follower failed", key=key)

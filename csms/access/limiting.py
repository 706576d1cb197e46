"""How often somebody may ask: moving windows counted in memory, or in Redis for all nodes together."""

import math
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import structlog
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter
from limits.errors import StorageError

T = TypeVar("T")
log = structlog.get_logger(__name__)
REDIS_PATIENCE_S: Final = 1.0
"""A Redis that does not answer must not hold up who asks."""
ASK_AGAIN_S: Final = 5.0
"""So long a Redis that did not answer is not asked again: one request waits for it, not each."""


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests per window; `name` keeps the counts of different doors apart."""

    name: str
    requests: int
    window_s: int = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How whoever asks stands with a rate."""

    admitted: bool
    limit: int
    remaining: int
    reset_s: int
    """Seconds until more is allowed."""

    @property
    def headers(self) -> dict[str, str]:
        """What programs are told (draft-ietf-httpapi-ratelimit-headers)."""
        told = {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_s),
        }
        return told if self.admitted else told | {"Retry-After": str(self.reset_s)}


class Limiter:
    """Counts requests. One per process; with `redis_url` the processes count together.

    While Redis cannot be asked, each process counts alone: the door is neither shut nor left unguarded.
    """

    def __init__(self, redis_url: str | None = None) -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = None if redis_url is None else MovingWindowRateLimiter(_redis(redis_url))
        self._is_alone = False
        self._ask_again_at = 0.0

    async def admit(self, rate: Rate, who: str) -> Standing:
        """Count a request of `who`, unless there were too many."""
        item = _item(rate)

        async def ask(windows: MovingWindowRateLimiter) -> Standing:
            admitted = await windows.hit(item, who)
            return await _standing(windows, item, rate, who, admitted=admitted)

        return await self._ask(ask)

    async def look(self, rate: Rate, who: str) -> Standing:
        """Whether a request of `who` would be admitted now; it is not counted."""
        item = _item(rate)

        async def ask(windows: MovingWindowRateLimiter) -> Standing:
            return await _standing(windows, item, rate, who, admitted=await windows.test(item, who))

        return await self._ask(ask)

    async def forget(self, rate: Rate, who: str) -> None:
        """Begin anew for `who`."""
        await self._ask(lambda windows: windows.clear(_item(rate), who))

    async def _ask(self, question: Callable[[MovingWindowRateLimiter], Awaitable[T]]) -> T:
        if self._shared is not None and time.monotonic() >= self._ask_again_at:
            try:
                answer = await question(self._shared)
            except StorageError as error:
                self._ask_again_at = time.monotonic() + ASK_AGAIN_S
                self._note(is_alone=True, why=str(error.storage_error))
            else:
                self._note(is_alone=False)
                return answer
        return await question(self._local)

    def _note(self, *, is_alone: bool, why: str = "") -> None:
        """Say it once, not with every request."""
        if is_alone == self._is_alone:
            return
        self._is_alone = is_alone
        if is_alone:
            log.warning("Redis does not answer: this process counts requests by itself", error=why)
        else:
            log.info("Redis answers again: requests are counted together")


async def _standing(
    windows: MovingWindowRateLimiter, item: RateLimitItem, rate: Rate, who: str, *, admitted: bool
) -> Standing:
    stats = await windows.get_window_stats(item, who)
    reset_s = max(1, math.ceil(stats.reset_time - time.time()))
    return Standing(admitted, rate.requests, max(0, int(stats.remaining)) if admitted else 0, reset_s)


def _item(rate: Rate) -> RateLimitItem:
    return RateLimitItemPerSecond(rate.requests, rate.window_s, namespace=f"voltdeck/{rate.name}")


def _redis(url: str) -> RedisStorage:
    return RedisStorage(
        f"async+{url}",
        implementation="redispy",
        wrap_exceptions=True,
        socket_timeout=REDIS_PATIENCE_S,
        socket_connect_timeout=REDIS_PATIENCE_S,
    )

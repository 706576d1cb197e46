"""How often somebody may ask: moving windows counted in memory, or in Redis for all nodes together."""

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import MovingWindowRateLimiter


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests per window; `name` keeps the counts of different doors apart."""

    name: str
    requests: int
    window_s: int = 60


@dataclass(frozen=True, slots=True)
class Standing:
    """How whoever asks stands with a rate after this request."""

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
    """Counts requests. One per process; with `redis_url` the processes count together."""

    def __init__(self, redis_url: str | None = None) -> None:
        storage = MemoryStorage() if redis_url is None else RedisStorage(f"async+{redis_url}", implementation="redispy")
        self._windows = MovingWindowRateLimiter(storage)

    async def admit(self, rate: Rate, who: str) -> Standing:
        """Count a request of `who`, unless there were too many."""
        item: RateLimitItem = RateLimitItemPerSecond(rate.requests, rate.window_s, namespace=f"voltdeck/{rate.name}")
        admitted = await self._windows.hit(item, who)
        stats = await self._windows.get_window_stats(item, who)
        reset_s = max(1, math.ceil(stats.reset_time - time.time()))
        return Standing(admitted, rate.requests, max(0, int(stats.remaining)) if admitted else 0, reset_s)

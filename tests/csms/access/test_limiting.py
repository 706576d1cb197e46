"""Moving windows: in memory, in Redis for all nodes together, and alone while Redis is away."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from uuid import uuid4

import pytest
from structlog.testing import capture_logs

from csms.access.limiting import ASK_AGAIN_S, Limiter, Rate
from csms.access.throttle import SignInThrottle
from csms.clock import ManualClock
from csms.errors import SignInError
from tests.processes import free_port
from tests.services import require_redis
from tests.windows import count_by

RATE = Rate("test", 3)
Make = Callable[[], Limiter]


@pytest.fixture(params=["memory", "redis"])
async def limiters(request: pytest.FixtureRequest) -> AsyncGenerator[Make]:
    """Limiters that count together: one in memory, or one for each node on Redis."""
    if request.param == "memory":
        only = Limiter()
        yield lambda: only
    else:
        url = require_redis()
        yield lambda: Limiter(url)


@pytest.fixture
def who() -> str:
    """Somebody whom no other test counts."""
    return uuid4().hex


async def test_requests_are_counted_together_and_forgotten(limiters: Make, who: str) -> None:
    nodes = [limiters(), limiters()]
    standings = [await nodes[number % 2].admit(RATE, who) for number in range(4)]
    assert [standing.admitted for standing in standings] == [True, True, True, False]
    assert [standing.remaining for standing in standings] == [2, 1, 0, 0]
    assert (await nodes[0].admit(RATE, f"{who} 2")).admitted
    await nodes[1].forget(RATE, who)
    assert (await nodes[0].admit(RATE, who)).remaining == 2
    await nodes[0].forget(RATE, who)


async def test_looking_counts_nothing(limiters: Make, who: str) -> None:
    limiter = limiters()
    for _ in range(5):
        assert (await limiter.look(RATE, who)).remaining == 3
    assert (await limiter.admit(RATE, who)).remaining == 2
    await limiter.forget(RATE, who)


async def test_a_window_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limiter, rate = ManualClock(), Limiter(), Rate("moving", 2, 60)
    count_by(clock, monkeypatch)
    await limiter.admit(rate, "a")
    clock.forward(20)
    await limiter.admit(rate, "a")
    refused = await limiter.admit(rate, "a")
    assert (refused.admitted, refused.reset_s, refused.headers["Retry-After"]) == (False, 40, "40")
    clock.forward(41)
    assert [(await limiter.admit(rate, "a")).admitted for _ in range(2)] == [True, False]


async def test_without_redis_each_process_counts_alone_and_says_so_once() -> None:
    limiter = Limiter(f"redis://127.0.0.1:{free_port()}/0")
    with capture_logs() as lines:
        standings = [await limiter.admit(RATE, "a") for _ in range(4)]
        await limiter.forget(RATE, "a")
        assert (await limiter.look(RATE, "a")).remaining == 3
    assert [standing.admitted for standing in standings] == [True, True, True, False]
    assert [line["log_level"] for line in lines] == ["warning"]
    assert "counts requests by itself" in lines[0]["event"]


async def test_a_redis_that_was_away_is_asked_again_after_a_while(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, limiter, other_node = ManualClock(), Limiter(require_redis()), Limiter(require_redis())
    count_by(clock, monkeypatch)
    there, gone = limiter._shared, Limiter(f"redis://127.0.0.1:{free_port()}/0")._shared
    limiter._shared = gone
    assert (await limiter.admit(RATE, who)).remaining == 2
    limiter._shared = there
    with capture_logs() as lines:
        clock.forward(ASK_AGAIN_S - 0.1)
        assert (await limiter.admit(RATE, who)).remaining == 1, "it still counts by itself"
        assert lines == []
        clock.forward(0.2)
        assert (await limiter.admit(RATE, who)).remaining == 2
    assert [line["event"] for line in lines] == ["Redis answers again: requests are counted together"]
    assert (await other_node.look(RATE, who)).remaining == 2
    await limiter.forget(RATE, who)


async def test_success_forgives_the_person_but_not_the_address(limiters: Make, who: str) -> None:
    guard = SignInThrottle(limiters(), f"test {who}", per_person=1, per_address=2, window_s=60)
    other_node = SignInThrottle(limiters(), f"test {who}", per_person=1, per_address=2, window_s=60)
    await guard.admit("ann", "10.0.0.1")
    assert await refused(lambda: other_node.admit("ann", "10.0.0.1")) == "Too many attempts. Try again in 1 min."
    await guard.succeeded("ann")
    await other_node.admit("ann", "10.0.0.1")
    await guard.succeeded("ann")
    assert await refused(lambda: guard.admit("ann", "10.0.0.1"))
    await guard.admit("ann", "10.0.0.2")
    # Who is locked out does not use up what others at the address have.
    assert await refused(lambda: guard.admit("ann", "10.0.0.2"))
    await guard.admit("bob", "10.0.0.2")


async def refused(job: Callable[[], Awaitable[None]]) -> str:
    with pytest.raises(SignInError) as caught:
        await job()
    return str(caught.value)

"""Sends all stations away in good order, spread over time when they are many: they would all return at once."""

import asyncio
from collections.abc import Iterable

from websockets.asyncio.server import ServerConnection
from websockets.frames import CloseCode

AT_ONCE_PER_S = 500
"""A fleet that comes back within a second anyway is not kept waiting."""
_REASON = "Voltdeck is restarting; come back soon"
_STEP_S = 0.1


async def send_away(sockets: Iterable[ServerConnection], within_s: float) -> None:
    """Close every socket with 1001; over `within_s` seconds for a large fleet, at once for a small one (TR_81)."""
    left = list(sockets)
    steps = max(1, round(min(within_s, len(left) / AT_ONCE_PER_S) / _STEP_S))
    size = -(-len(left) // steps) or 1
    closing: list[asyncio.Task[None]] = []
    for start in range(0, len(left), size):
        if start:
            await _pause()
        group = left[start : start + size]
        closing += [asyncio.create_task(socket.close(CloseCode.GOING_AWAY, _REASON)) for socket in group]
    if closing:
        await asyncio.wait(closing)


async def _pause() -> None:
    await asyncio.sleep(_STEP_S)

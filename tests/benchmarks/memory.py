"""Memory of an idle connection: stations that booted, answered what the platform asks of new ones, and are silent."""

import asyncio
import resource
import time
from pathlib import Path

import orjson
from websockets.asyncio.client import ClientConnection

from tests.benchmarks import frames
from tests.benchmarks.load import open_station
from tests.benchmarks.platform import start_platform
from tests.processes import ServerProcess

SIZES = (1_000, 5_000)
AT_ONCE = 50
QUIET_S = 5.0
"""Stations are idle when none has heard anything for so long."""


class IdleStations:
    """Connected stations; each knows no request that the platform makes, and says so."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sockets: list[ClientConnection] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._heard_at = time.monotonic()

    async def come(self, numbers: range) -> None:
        """Let stations of these numbers connect and boot, a few at once."""
        for first in range(numbers.start, numbers.stop, AT_ONCE):
            await asyncio.gather(*(self._come(number) for number in range(first, min(first + AT_ONCE, numbers.stop))))

    async def fall_silent(self) -> None:
        """Wait until the platform has asked whatever it wanted to know."""
        while (silent_s := time.monotonic() - self._heard_at) < QUIET_S:  # noqa: ASYNC110 - measured, not waited for
            await asyncio.sleep(QUIET_S - silent_s)

    def leave(self) -> None:
        """All at once, without a word."""
        for socket in self._sockets:
            socket.transport.abort()
        for task in self._tasks:
            task.cancel()

    async def _come(self, number: int) -> None:
        socket = await open_station(self._url, f"BENCH-{number}")
        self._sockets.append(socket)
        await socket.send(frames.boot("boot"))
        booted = asyncio.Event()
        self._tasks.append(asyncio.create_task(self._live(socket, booted)))
        await booted.wait()

    async def _live(self, socket: ClientConnection, booted: asyncio.Event) -> None:
        async for text in socket:
            self._heard_at = time.monotonic()
            kind, message_id, *_ = orjson.loads(text)
            if kind == 2:
                await socket.send(orjson.dumps([4, message_id, "NotImplemented", "", {}]).decode())
            else:
                booted.set()


def measure(folder: Path) -> dict[int, float]:
    """KiB of resident memory per idle connection, by number of connections."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = start_platform(f"sqlite:///{folder / 'memory.sqlite3'}", folder, max(SIZES) + AT_ONCE)
    try:
        return asyncio.run(_measure(server))
    finally:
        server.kill()


async def _measure(server: ServerProcess) -> dict[int, float]:
    stations = IdleStations(f"ws://127.0.0.1:{server.port}/ocpp")
    await stations.come(range(max(SIZES), max(SIZES) + AT_ONCE))  # warms caches and pools
    await stations.fall_silent()
    before = server.rss_kib()
    per_connection: dict[int, float] = {}
    opened = 0
    for size in SIZES:
        await stations.come(range(opened, size))
        await stations.fall_silent()
        per_connection[size] = (server.rss_kib() - before) / size
        opened = size
    stations.leave()
    return per_connection

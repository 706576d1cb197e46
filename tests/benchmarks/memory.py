"""Memory of an idle connection: stations that booted and then say nothing."""

import asyncio
import resource
from pathlib import Path

from websockets.asyncio.client import ClientConnection

from tests.benchmarks import frames
from tests.benchmarks.load import ask, open_station
from tests.benchmarks.platform import start_platform
from tests.processes import ServerProcess

SIZES = (1_000, 5_000)
AT_ONCE = 50


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
    url = f"ws://127.0.0.1:{server.port}/ocpp"
    sockets = [await _booted(url, max(SIZES) + n) for n in range(AT_ONCE)]  # warms caches and pools
    before = server.rss_kib()
    per_connection: dict[int, float] = {}
    opened = 0
    for size in SIZES:
        while opened < size:
            sockets += await asyncio.gather(*(_booted(url, opened + n) for n in range(AT_ONCE)))
            opened += AT_ONCE
        per_connection[size] = (server.rss_kib() - before) / size
    for socket in sockets:
        socket.transport.abort()
    return per_connection


async def _booted(url: str, number: int) -> ClientConnection:
    socket = await open_station(url, f"BENCH-{number}")
    await ask(socket, frames.boot("boot"))
    return socket

"""The load: stations in a closed loop, each sending its next frame when the last one was answered."""

import asyncio
import base64
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from tests.benchmarks import frames

PASSWORD = "benchmark-password-1"


@dataclass(frozen=True, slots=True)
class Load:
    """What a run of the load saw."""

    answered: int
    seconds: float
    p50_ms: float
    p99_ms: float


def headers_for(identity: str) -> dict[str, str]:
    """Basic auth of a benchmark station."""
    return {"Authorization": "Basic " + base64.b64encode(f"{identity}:{PASSWORD}".encode()).decode()}


async def open_station(url: str, identity: str) -> ClientConnection:
    """A connected station that sends no pings of its own and asks for no compression."""
    return await connect(
        f"{url}/{identity}",
        subprotocols=[Subprotocol("ocpp1.6")],
        additional_headers=headers_for(identity),
        compression=None,
        ping_interval=None,
        max_queue=4,
    )


async def ask(socket: ClientConnection, text: str) -> list[object]:
    """Send a CALL and return its answer."""
    await socket.send(text)
    return orjson.loads(await socket.recv())


async def begin_transaction(socket: ClientConnection) -> str:
    """Boot and start a transaction; returns the transactionId as text, "1" where the server only echoes."""
    await ask(socket, frames.boot("boot"))
    answer = await ask(socket, frames.start_transaction("start", 0))
    payload = answer[2]
    return str(payload.get("transactionId", 1)) if isinstance(payload, dict) else "1"


async def closed_loop(
    sockets: list[ClientConnection], transactions: list[str], frame: Callable[[str, int], str], first: int, each: int
) -> Load:
    """Let every socket send `each` frames numbered from `first`; latencies are measured per answer."""
    latencies: list[float] = []

    async def drive(socket: ClientConnection, transaction: str) -> None:
        for number in range(first, first + each):
            text = frame(f"m{number}", number).replace("TX", transaction)
            asked = time.perf_counter()
            await socket.send(text)
            answer = await socket.recv()
            latencies.append(time.perf_counter() - asked)
            if isinstance(answer, str) and answer.startswith("[4"):
                raise AssertionError(f"refused: {answer[:300]}")

    began = time.perf_counter()
    await asyncio.gather(*(drive(s, t) for s, t in zip(sockets, transactions, strict=True)))
    seconds = time.perf_counter() - began
    quantiles = statistics.quantiles(latencies, n=100)
    return Load(len(latencies), seconds, statistics.median(latencies) * 1000, quantiles[98] * 1000)

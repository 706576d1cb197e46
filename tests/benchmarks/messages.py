"""CPU and latency per answered message, Voltdeck between its floor and what a Python developer would pick instead."""

import asyncio
import os
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import frames
from tests.benchmarks.load import begin_transaction, closed_loop, open_station
from tests.benchmarks.platform import start_platform
from tests.processes import ServerProcess, cpu_seconds_of, free_port

STATIONS = 100
WARM_UP = 10
EACH = 100
ROUNDS = 3
KINDS: dict[str, Callable[[str, int], str]] = {"Heartbeat": frames.heartbeat, "MeterValues": frames.meter_values}


@dataclass(frozen=True, slots=True)
class Cost:
    """What one answered message cost: medians over the rounds."""

    cpu_us: float
    p50_ms: float
    p99_ms: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Subject:
    """A server under measurement."""

    name: str
    server: ServerProcess
    database_process: str | None = None

    def cpu_seconds(self) -> float:
        """The server's time, and its database's."""
        own = self.server.cpu_seconds()
        return own + (cpu_seconds_of(self.database_process) if self.database_process else 0.0)


def yardstick(kind: str) -> ServerProcess:
    """The echo floor or the `ocpp` package's example."""
    port = free_port()
    return ServerProcess(["-m", "tests.benchmarks.yardsticks", kind, str(port)], port)


def measure(folder: Path, postgres_url: str | None) -> dict[str, dict[str, Cost]]:
    """Costs by subject and kind of message, every subject measured in turn, round by round."""
    subjects = [
        Subject("echo", yardstick("echo")),
        Subject("ocpp", yardstick("ocpp")),
        Subject("sqlite", start_platform(f"sqlite:///{folder / 'messages.sqlite3'}", folder, STATIONS)),
    ]
    if postgres_url:
        subjects.append(Subject("postgresql", start_platform(postgres_url, folder, STATIONS), "postgres"))
    own, servers = cores()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {own})
    try:
        for subject in subjects:
            subject.server.pin(servers)
        return asyncio.run(_measure(subjects))
    finally:
        for subject in subjects:
            subject.server.kill()
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(0, range(os.cpu_count() or 1))


def cores() -> tuple[int, int]:
    """The load's core and the servers' core; the same where there is only one."""
    count = os.cpu_count() or 1
    return count - 1, max(0, count - 2)


async def _measure(subjects: list[Subject]) -> dict[str, dict[str, Cost]]:
    sockets = {}
    transactions = {}
    for subject in subjects:
        url = f"ws://127.0.0.1:{subject.server.port}/ocpp"
        sockets[subject.name] = [await open_station(url, f"BENCH-{n}") for n in range(STATIONS)]
        transactions[subject.name] = [await begin_transaction(socket) for socket in sockets[subject.name]]
    rounds: dict[tuple[str, str], list[Cost]] = {}
    number = 1
    for _ in range(ROUNDS):
        for kind, frame in KINDS.items():
            for subject in subjects:
                mine = sockets[subject.name], transactions[subject.name], frame
                await closed_loop(*mine, number, WARM_UP)
                cpu = subject.cpu_seconds()
                load = await closed_loop(*mine, number + WARM_UP, EACH)
                cpu = subject.cpu_seconds() - cpu
                cost = Cost(cpu / load.answered * 1e6, load.p50_ms, load.p99_ms, load.answered / load.seconds)
                rounds.setdefault((subject.name, kind), []).append(cost)
            number += WARM_UP + EACH
    for opened in sockets.values():
        for socket in opened:
            socket.transport.abort()
    return {s.name: {kind: _median(rounds[s.name, kind]) for kind in KINDS} for s in subjects}


def _median(costs: list[Cost]) -> Cost:
    return Cost(
        *(
            statistics.median(getattr(cost, field) for cost in costs)
            for field in ("cpu_us", "p50_ms", "p99_ms", "per_second")
        )
    )

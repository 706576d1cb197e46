"""Runs every benchmark once and writes docs/benchmarks.md: `python -m tests.benchmarks [--kills 50]`."""

import argparse
import asyncio
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from tests.benchmarks import kills, memory, messages, screen
from tests.benchmarks.kills import Verdict
from tests.benchmarks.messages import Cost
from tests.databases import PostgresServer, postgres_at
from tests.processes import ROOT

NAMES = {
    "echo": "floor: bare `websockets` echo, same frames",
    "ocpp": "yardstick: the `ocpp` package's example server, schema validation on, nothing stored",
    "sqlite": "**Voltdeck, durable, SQLite** (WAL, `synchronous=FULL`)",
    "postgresql": "**Voltdeck, durable, PostgreSQL**, the database's CPU counted",
}


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks")
    parser.add_argument("--kills", type=int, default=50, help="how often the server is killed, per database")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        page = report(Path(name), arguments.kills)
    print(page)
    (ROOT / "docs" / "benchmarks.md").write_text(page)


def report(folder: Path, times: int) -> str:
    """The page, freshly measured."""
    with Postgres() as costs_url:
        costs = messages.measure(folder, costs_url)
    per_connection = memory.measure(folder)
    seen = screen.measure(folder)
    verdicts = {"SQLite": kills.run(f"sqlite+aiosqlite:///{folder / 'kills.sqlite3'}", folder, times)}
    with Postgres() as url:
        if url:
            verdicts["PostgreSQL"] = kills.run(url, folder, times)
    return PAGE.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=f"Python {platform.python_version()} on {platform.system()} {platform.machine()}",
        stations=messages.STATIONS,
        heartbeat=table(costs, "Heartbeat"),
        meter_values=table(costs, "MeterValues"),
        memory="\n".join(f"| {size:,} | {kib:.1f} KiB |" for size, kib in per_connection.items()),
        samples=screen.SAMPLES,
        dom_p50=f"{seen.p50_ms:.0f}",
        dom_p95=f"{seen.p95_ms:.0f}",
        kills="\n".join(kill_row(name, verdict) for name, verdict in verdicts.items()),
    )


class Postgres:
    """A database of this run's own, or None where no PostgreSQL answers."""

    def __enter__(self) -> str | None:
        self._server: PostgresServer | None = postgres_at()
        if self._server is None:
            return None
        asyncio.run(self._server.create())
        return self._server.url

    def __exit__(self, *_exception: object) -> None:
        if self._server is not None:
            asyncio.run(self._server.drop())


def table(costs: dict[str, dict[str, Cost]], kind: str) -> str:
    """Rows of one kind of message, each against floor and yardstick."""
    floor, yardstick = costs["echo"][kind].cpu_us, costs["ocpp"][kind].cpu_us
    return "\n".join(
        f"| {NAMES[name]} | {c.cpu_us:.0f} µs | {c.cpu_us / floor:.1f}× | {yardstick / c.cpu_us:.1f}× "
        f"| {c.p50_ms:.1f} ms | {c.p99_ms:.1f} ms | {c.per_second:,.0f} |"
        for name, c in ((name, by_kind[kind]) for name, by_kind in costs.items())
    )


def kill_row(name: str, verdict: Verdict) -> str:
    """One database's count."""
    return (
        f"| {name} | {verdict.kills} | {verdict.starts:,} | {verdict.meters:,} | {verdict.stops:,} "
        f"| {verdict.lost} | {verdict.duplicated} |"
    )


PAGE = """# Benchmarks

Written by `make bench`, all in one run: {date}, {machine}.
Server on one core, load on another, on a shared machine: read the ratios, compare only within one run. What the figures
are made of: [performance.md](performance.md).

## CPU and latency of an answered message

{stations} stations, each sending its next frame when the last was answered; CPU is user + system time of the server's
process (and of every PostgreSQL process), medians of three rounds. Voltdeck runs with everything on: frame log, events,
live board. "Cheaper than the yardstick" says how many times less CPU than the `ocpp` package's example.

### MeterValues, OCPP 1.6, six sampled values, one durable row and its frame

| server | CPU per message | times the floor | cheaper than the yardstick | p50 | p99 | answered per second |
|---|---|---|---|---|---|---|
{meter_values}

### Heartbeat

| server | CPU per message | times the floor | cheaper than the yardstick | p50 | p99 | answered per second |
|---|---|---|---|---|---|---|
{heartbeat}

## Memory of an idle connection

| booted, idle stations | resident memory per connection |
|---|---|
{memory}

## Charger event to screen

From the frame leaving the station to the changed text in a Chromium tab, {samples} times: median {dom_p50} ms,
p95 {dom_p95} ms.

## Killed under load

SIGKILL at a random moment while twenty stations charge, then a new start, again and again; stations send again what was
not acknowledged. Lost: acknowledged but not stored exactly once. Stored twice: the same message in two rows.

| database | kills | acknowledged starts | meter values | stops | lost | stored twice |
|---|---|---|---|---|---|---|
{kills}
"""

if __name__ == "__main__":
    main()

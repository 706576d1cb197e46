"""SIGKILL under load: every acknowledged Start, MeterValues and Stop must be in the database exactly once."""

import asyncio
import contextlib
import itertools
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
from sqlalchemy import text
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import WebSocketException

from models.db import Database
from tests.benchmarks.load import open_station
from tests.benchmarks.platform import furnish, serve
from tests.processes import Start, free_port, spawn

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_TRANSACTIONS = """
    SELECT s.identity, t.started_at, t.id, t.is_open
    FROM "transaction" t JOIN charging_station s ON s.id = t.station_id
"""
_SAMPLES = """
    SELECT s.identity, m.sampled_at, m.transaction_id
    FROM meter_value m JOIN charging_station s ON s.id = m.station_id
    WHERE m.context = 'Sample.Periodic'
"""
_FAILURES = (OSError, WebSocketException, TimeoutError, EOFError)


@dataclass(slots=True)
class Acknowledged:
    """What the station was told was received. Times are the station's and unique, so they name the message."""

    starts: dict[str, int] = field(default_factory=dict)
    """Start time to transactionId."""
    meters: list[tuple[str, int]] = field(default_factory=list)
    stops: list[int] = field(default_factory=list)


class KilledStation:
    """A 1.6 station that never gives up: what was not acknowledged is sent again, word for word, after reconnecting."""

    def __init__(self, url: str, identity: str) -> None:
        self._url, self._identity = url, identity
        self._socket: ClientConnection | None = None
        self._ticks = itertools.count()
        self._ids = itertools.count()
        self.acknowledged = Acknowledged()
        self.served = asyncio.Event()

    async def live(self) -> None:
        """Charge, session after session, until cancelled."""
        try:
            while True:
                await self._session()
        finally:
            if self._socket is not None:
                self._socket.transport.abort()

    async def _session(self) -> None:
        started_at = self._now()
        start = {"connectorId": 1, "idTag": "BENCH", "meterStart": 0, "timestamp": started_at}
        transaction = (await self._deliver("StartTransaction", start))["transactionId"]
        self.acknowledged.starts[started_at] = transaction
        for number in range(8):
            at = self._now()
            sample = {"value": str(number * 100), "measurand": "Energy.Active.Import.Register", "unit": "Wh"}
            meter_value = [{"timestamp": at, "sampledValue": [sample]}]
            await self._deliver(
                "MeterValues", {"connectorId": 1, "transactionId": transaction, "meterValue": meter_value}
            )
            self.acknowledged.meters.append((at, transaction))
            self.served.set()
        stop = {"transactionId": transaction, "meterStop": 800, "timestamp": self._now(), "reason": "Local"}
        await self._deliver("StopTransaction", stop)
        self.acknowledged.stops.append(transaction)

    async def _deliver(self, action: str, payload: dict[str, object]) -> dict[str, int]:
        message_id = f"{self._identity}-{next(self._ids)}"
        frame = orjson.dumps([2, message_id, action, payload]).decode()
        while True:
            with contextlib.suppress(*_FAILURES):
                async with asyncio.timeout(10):
                    return await self._exchange(frame, message_id)
            self._socket = None
            await asyncio.sleep(0.02)  # the server is dead: knock again

    async def _exchange(self, frame: str, message_id: str) -> dict[str, int]:
        if self._socket is None:
            self._socket = await open_station(self._url, self._identity)
            await self._socket.send('[2,"boot","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
        await self._socket.send(frame)
        while True:
            answer = orjson.loads(await self._socket.recv())
            if answer[1] != message_id:
                continue
            if answer[0] != 3:
                raise EOFError(f"not acknowledged: {answer}")
            return answer[2]

    def _now(self) -> str:
        return (_EPOCH + timedelta(seconds=next(self._ticks))).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the count came out."""

    kills: int
    starts: int
    meters: int
    stops: int
    lost: int
    duplicated: int


def run(url: str, folder: Path, kills: int, stations: int = 20, seed: int = 1, start: Start = spawn) -> Verdict:
    """Kill the server `kills` times under load, then compare what was acknowledged with what is stored."""
    asyncio.run(furnish(url, stations))
    return asyncio.run(_run(url, folder, kills, stations, random.Random(seed), start))


async def _run(url: str, folder: Path, kills: int, stations: int, dice: random.Random, start: Start) -> Verdict:
    port = free_port()
    fleet = [KilledStation(f"ws://127.0.0.1:{port}/ocpp", f"BENCH-{n}") for n in range(stations)]
    lives = [asyncio.create_task(station.live()) for station in fleet]
    for _ in range(kills):
        server = await asyncio.to_thread(serve, url, folder, port, start)
        for station in fleet:
            station.served.clear()
        await asyncio.gather(*(station.served.wait() for station in fleet))  # under load, not while starting
        await asyncio.sleep(dice.uniform(0.0, 0.5))
        await asyncio.to_thread(server.kill)
    server = await asyncio.to_thread(serve, url, folder, port, start)
    for life in lives:
        life.cancel()
    await asyncio.gather(*lives, return_exceptions=True)
    await asyncio.to_thread(server.stop)
    return await _count(url, kills, [station.acknowledged for station in fleet])


async def _count(url: str, kills: int, acknowledged: list[Acknowledged]) -> Verdict:
    database = Database(url)
    async with database.writer.connect() as connection:  # which sees every tenant's rows
        transactions = (await connection.execute(text(_TRANSACTIONS))).all()
        samples = (await connection.execute(text(_SAMPLES))).all()
    await database.close()
    closed = {transaction for _, _, transaction, is_open in transactions if not is_open}
    started = Counter((identity, _seconds(at), transaction) for identity, at, transaction, _ in transactions)
    by_time = Counter((identity, at) for identity, at, _ in started.elements())
    meters = Counter((identity, _seconds(at), transaction) for identity, at, transaction in samples)
    lost = 0
    for number, told in enumerate(acknowledged):
        identity = f"BENCH-{number}"
        lost += sum(started[identity, _seconds(at), transaction] != 1 for at, transaction in told.starts.items())
        lost += sum(meters[identity, _seconds(at), transaction] != 1 for at, transaction in told.meters)
        lost += sum(transaction not in closed for transaction in told.stops)
    duplicated = sum(count > 1 for count in (*meters.values(), *by_time.values()))
    return Verdict(
        kills,
        sum(len(a.starts) for a in acknowledged),
        sum(len(a.meters) for a in acknowledged),
        sum(len(a.stops) for a in acknowledged),
        lost,
        duplicated,
    )


def _seconds(at: datetime | str) -> int:
    moment = datetime.fromisoformat(at.replace("Z", "+00:00")) if isinstance(at, str) else at
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round((moment - _EPOCH).total_seconds())

"""Sends mutated frames over a real socket and counts: every CALL is answered exactly once, the socket stays open."""

import _sqlite3
import asyncio
import ctypes
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from csms.ocpp.errors import FrameError
from csms.ocpp.frames import UNREADABLE_ID, Call, parse_frame
from csms.ocpp.version import OcppVersion
from tests.certification.lab import Lab
from tests.csms.gateway.stations import basic
from tests.fuzz.mutate import mutated
from tests.fuzz.samples import generated, recorded

BATCH = 50
PATIENCE_S = 60.0
UNBOUNDED = {"ocpp_messages_per_s": 1e9, "ocpp_message_burst": 1e9, "ocpp_malformed_limit": 10**9}
"""Settings without which the gateway would, rightly, send such a station away."""


@dataclass(slots=True)
class Report:
    """What came of it."""

    version: OcppVersion
    sent: int = 0
    answered: int = 0
    results: int = 0
    codes: Counter[str] = field(default_factory=Counter[str])
    memory_mb: list[float] = field(default_factory=list[float])
    caches_mb: list[float] = field(default_factory=list[float])
    """What SQLite holds of it: pages of the file that grows, up to the size each connection's cache is given."""


def expected_id(text: str, version: OcppVersion) -> str | int | None:
    """The id by which the frame must be answered, by the rules of OCPP-J; None where it must not be (TR_40)."""
    if not text.strip():
        return None
    try:
        frame = parse_frame(text, version)
    except FrameError as error:
        if not error.answerable or (version is OcppVersion.V16 and error.message_id is None):
            return None
        return UNREADABLE_ID if error.message_id is None else error.message_id
    return frame.message_id if isinstance(frame, Call) and frame.expects_answer else None


async def attack(lab: Lab, version: OcppVersion, frames: int, seed: int = 1) -> Report:
    """Send so many frames as a station of its own. Fails on a missing or a second answer."""
    rng, report = random.Random(seed), Report(version)
    ref = await lab.register()
    pairs = recorded(version) * 3 + generated(version, rng)
    async with connect(
        f"ws://127.0.0.1:{lab.platform.gateway.port}/ocpp/{ref.identity}",
        subprotocols=[Subprotocol(version.subprotocol)],
        additional_headers=basic(ref.identity),
        ping_interval=None,
        compression=None,
        max_size=None,
    ) as socket:
        while report.sent < frames:
            first = report.sent
            texts = [mutated(*rng.choice(pairs), f"f{first + number}", rng) for number in range(BATCH)]
            await _exchange(socket, version, [*texts, f'[2,"alive-{first}","Heartbeat",{{}}]'], report)
            report.sent += BATCH
            if report.sent % 5_000 < BATCH:
                report.memory_mb.append(memory_mb())
                report.caches_mb.append(sqlite_mb())
    return report


async def _exchange(socket: ClientConnection, version: OcppVersion, texts: list[str], report: Report) -> None:
    missing = Counter(expected for text in texts if (expected := expected_id(text, version)) is not None)
    for text in texts:
        await socket.send(text)
    try:
        async with asyncio.timeout(PATIENCE_S):
            while missing:
                await _take(orjson.loads(await socket.recv()), socket, missing, report)
    except TimeoutError:
        unanswered = [text for text in texts if expected_id(text, version) in missing]
        raise AssertionError(f"never answered: {unanswered}") from None


async def _take(answer: list[Any], socket: ClientConnection, missing: Counter[Any], report: Report) -> None:
    if answer[0] == 2:  # what the platform asks of new stations
        return await socket.send(orjson.dumps([4, answer[1], "NotSupported", "", {}]).decode())
    assert missing[answer[1]] > 0, f"nobody asked for {answer}"
    missing[answer[1]] -= 1
    if not missing[answer[1]]:
        del missing[answer[1]]
    report.answered += 1
    if answer[0] == 3:
        report.results += 1
    else:
        report.codes[answer[2]] += 1


def memory_mb() -> float:
    """What this process takes of the machine's memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 1e6


def sqlite_mb() -> float:
    """What SQLite has allocated in this process."""
    used = ctypes.CDLL(_sqlite3.__file__).sqlite3_memory_used
    used.restype = ctypes.c_int64
    return used() / 1e6

"""A charging station on the bench: says exactly what a test tells it to, and checks every frame it is sent."""

import asyncio
import itertools
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from csms.ocpp.codec import violation_of
from csms.ocpp.version import OcppVersion
from csms.stations.ref import StationRef

Json = dict[str, Any]
Answer = Json | Callable[[Json], Json]
_ids = itertools.count(1)

_BOOT_2 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Bench", "model": "Two", "firmwareVersion": "2.0"}}
BOOT = {
    "1.6": {"chargePointVendor": "Bench", "chargePointModel": "One", "firmwareVersion": "1.0"},
    "2.0.1": _BOOT_2,
    "2.1": _BOOT_2,
}


@dataclass(frozen=True)
class Asked:
    """A CALL of the central system, checked against its schema."""

    message_id: str
    action: str
    payload: Json


class BenchStation:
    """Reads in the background: answers go to whoever asked, requests wait until a test expects them.

    `answers` are given at once, by action; what is not among them a test answers itself. `raw` is every frame received.
    """

    def __init__(self, socket: ClientConnection, ref: StationRef, version: OcppVersion) -> None:
        self.socket = socket
        self.ref = ref
        self.version = version
        self.answers: dict[str, Answer] = {}
        self.raw: list[str] = []
        self.faults: list[str] = []
        """Frames of the central system that break the schema; they fail the test at its end."""
        self._calls: dict[str, asyncio.Queue[Asked]] = defaultdict(asyncio.Queue)
        self._waiting: dict[str, tuple[str, asyncio.Future[list[Any]]]] = {}
        self._reader = asyncio.create_task(self._read())

    # ---- what the station says

    async def exchange(self, action: str, payload: Any, message_id: str | None = None) -> list[Any]:
        """Send a CALL and return the frame that answers it, CALLRESULT or CALLERROR."""
        message_id = message_id or f"bench-{next(_ids)}"
        future: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._waiting[message_id] = (action, future)
        await self.send([2, message_id, action, payload])
        return await future

    async def call(self, action: str, payload: Json | None = None, message_id: str | None = None) -> Json:
        """Send a CALL and return the payload of its CALLRESULT; a CALLERROR fails the test."""
        answer = await self.exchange(action, payload or {}, message_id)
        assert answer[0] == 3, answer
        return answer[2]

    async def refused(self, action: str, payload: Json | None = None) -> str:
        """Send a CALL that must come back as a CALLERROR; returns its code."""
        answer = await self.exchange(action, payload or {})
        assert answer[0] == 4, answer
        return answer[2]

    async def send(self, frame: Any) -> None:
        """Send a frame; text and bytes go as they are."""
        await self.socket.send(frame if isinstance(frame, str | bytes) else orjson.dumps(frame).decode())

    async def boot(self, **changes: Any) -> Json:
        """BootNotification; returns the answer."""
        return await self.call("BootNotification", BOOT[self.version.value] | changes)

    # ---- what it is asked

    async def expect(self, action: str) -> Asked:
        """The next request of this action, waited for."""
        return await self._calls[action].get()

    def was_asked(self, action: str) -> bool:
        """Whether a request of this action waits to be answered."""
        return not self._calls[action].empty()

    async def answer(self, asked: Asked, payload: Json) -> None:
        """Answer a request; the answer is checked too, so that no test misleads itself."""
        violation = violation_of(self.version, asked.action, "response", payload)
        assert violation is None, f"the test's own answer is invalid: {violation}"
        await self.send([3, asked.message_id, payload])

    async def answer_badly(self, asked: Asked, payload: Any) -> None:
        """Answer with a CALLRESULT that may break the schema."""
        await self.send([3, asked.message_id, payload])

    async def refuse(self, asked: Asked, code: str = "NotSupported", description: str = "") -> None:
        """Answer a request by a CALLERROR."""
        await self.send([4, asked.message_id, code, description, {}])

    # ---- in the background

    async def _read(self) -> None:
        try:
            async for text in self.socket:
                assert isinstance(text, str)
                self.raw.append(text)
                await self._take(orjson.loads(text))
        except ConnectionClosed:
            pass
        finally:
            for _, future in self._waiting.values():
                if not future.done():
                    future.set_exception(ConnectionError("the socket closed before the answer came"))

    async def _take(self, frame: list[Any]) -> None:
        if frame[0] == 2:
            await self._take_call(Asked(frame[1], frame[2], frame[3]))
        elif frame[1] in self._waiting:
            action, future = self._waiting.pop(frame[1])
            if frame[0] == 3:
                self._check(action, "response", frame[2])
            if not future.done():
                future.set_result(frame)
        elif frame[0] != 4:  # a CALLERROR about a frame that was no CALL is read from `raw`
            self.faults.append(f"nobody asked for {frame}")

    async def _take_call(self, asked: Asked) -> None:
        self._check(asked.action, "request", asked.payload)
        automatic = self.answers.get(asked.action)
        if automatic is None:
            self._calls[asked.action].put_nowait(asked)
        else:
            await self.send([3, asked.message_id, automatic(asked.payload) if callable(automatic) else automatic])

    def _check(self, action: str, kind: Any, payload: Any) -> None:
        try:
            violation = violation_of(self.version, action, kind, payload)
        except KeyError:
            return self.faults.append(f"{action} is no action of OCPP {self.version.value}")
        if violation is not None:
            self.faults.append(f"{action} {kind} breaks the schema: {violation} in {payload}")

    async def close(self) -> None:
        """Hang up in good order."""
        await self.socket.close()
        await self._reader

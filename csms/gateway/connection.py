"""The socket of one station: the asyncio shell of RpcPeer. Reads without waiting, answers in order, asks one by one.

An idle connection costs no task but the reader and no timer: the worker lives while requests wait, the deadline while
we wait for an answer; pings come from one place for all (csms.gateway.keepalive).
"""

import asyncio
import contextlib

import structlog
from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from csms import metrics
from csms.gateway.allowance import Allowance
from csms.gateway.archive import frame_row, keep_frame_soon, shown_malformed
from csms.gateway.context import Services, Station
from csms.gateway.dispatch import Dispatcher, Exchange
from csms.gateway.parking import is_transactional, park_refused
from csms.gateway.requests import Requests
from csms.ocpp.events import Answered, Ignored, Received, Reply
from csms.ocpp.frames import Call
from csms.ocpp.memory import AnswerMemory
from csms.ocpp.rpc import Role, RpcPeer

MAX_WAITING = 64
SEEN_EVERY_S = 60.0
"""A station that sends anything is noted as seen, but no row is written more often than this."""
MAX_WAITING_BYTES = 2_000_000
MALFORMED_PER_S, MALFORMED_BURST = 0.2, 20.0
REPLACED = 4000
"""Close code of a connection whose station opened a newer one."""


log = structlog.get_logger(__name__)


class StationConnection:
    """One authenticated socket of a station."""

    __slots__ = (
        "_allowance",
        "_dispatcher",
        "_oddities",
        "_peer",
        "_room",
        "_seen",
        "_services",
        "_waiting",
        "_waiting_bytes",
        "_websocket",
        "_worker",
        "dropped_for",
        "epoch",
        "heard",
        "pinged",
        "requests",
        "station",
    )

    def __init__(
        self,
        websocket: ServerConnection,
        station: Station,
        services: Services,
        dispatcher: Dispatcher,
        memory: AnswerMemory,
    ) -> None:
        now = services.clock.monotonic()
        settings = services.settings
        self.station = station
        self.epoch = 0
        self.dropped_for: str | None = None
        self.heard = now
        """When the station last gave a sign of life, in monotonic seconds."""
        self.pinged: float | None = None
        self._seen = now
        self._websocket = websocket
        self._services = services
        self._dispatcher = dispatcher
        self._peer = RpcPeer(station.version, Role.CSMS, memory=memory)
        self.requests = Requests(self._peer, station, services, self._send_now)
        self._allowance = Allowance(settings.ocpp_messages_per_s, settings.ocpp_message_burst, now)
        self._oddities: Allowance | None = None
        self._waiting: list[Exchange] = []
        self._waiting_bytes = 0
        self._worker: asyncio.Task[None] | None = None
        self._room: asyncio.Future[None] | None = None

    # ---- in

    async def read_frames(self) -> None:
        """Take in frames until the socket closes. Never waits for a handler; only a flood is made to wait."""
        receive, monotonic, peer = self._websocket.recv, self._services.clock.monotonic, self._peer
        with contextlib.suppress(ConnectionClosed):
            while True:
                text = await receive()
                self.heard = now = monotonic()
                if isinstance(text, bytes):
                    return await self.close(CloseCode.UNSUPPORTED_DATA, "OCPP-J travels in text frames")
                event = peer.receive(text, now)
                if isinstance(event, Received):
                    self._enqueue(event.call, now)
                    if len(self._waiting) >= MAX_WAITING or self._waiting_bytes >= MAX_WAITING_BYTES:
                        await self._wait_for_room()
                else:
                    await self._take_other(event, text, now)
                if (pause := self._allowance.take(now)) > 0.0:
                    await asyncio.sleep(pause)

    def _enqueue(self, call: Call, now: float) -> None:
        exchange = Exchange(call, self._peer, self.station, self._services, now)
        if now - self._seen >= SEEN_EVERY_S:
            self._seen, exchange.seen = now, True
        self._waiting.append(exchange)
        self._waiting_bytes += len(call.text)
        if self._worker is None:
            self._worker = asyncio.create_task(self.answer_calls())

    async def _take_other(self, event: Answered | Reply | Ignored, text: str, now: float) -> None:
        match event:
            case Answered():
                self.requests.answered(event)
            case Reply():
                await self._refuse(event, now)
            case Ignored():
                metrics.malformed_frames.inc()
                self._archive_oddity(shown_malformed(text), "", None, "dropped", now)
        if self._peer.malformed_in_a_row >= self._services.settings.ocpp_malformed_limit:
            await self.close(CloseCode.POLICY_VIOLATION, "Too many frames in a row were no OCPP messages")

    async def _refuse(self, event: Reply, now: float) -> None:
        """Send a refusal, or an earlier answer again, that needs no handler."""
        if event.code is None:
            self._archive_oddity(event.call_text, event.action or "", event.text, "repeated", now)
        else:
            metrics.malformed_frames.inc()
            if is_transactional(event.action):
                await park_refused(self._services, self.station.ref, event)
            else:
                text = event.call_text if event.action else shown_malformed(event.call_text)
                self._archive_oddity(text, event.action or "", event.text, event.code, now)
        await self._send(event.text)

    def _archive_oddity(self, text: str, action: str, answer_text: str | None, outcome: str, now: float) -> None:
        """Archive a frame that no handler saw; a flood of them leaves its beginning, then a few a minute."""
        if not text.strip():
            return
        if self._oddities is None:
            self._oddities = Allowance(MALFORMED_PER_S, MALFORMED_BURST, now)
        if not self._oddities.take_if_any(now):
            return
        row = frame_row(
            self.station.ref,
            at=self._services.clock.now(),
            from_station=True,
            message_id="",
            action=action,
            text=text,
            answer_text=answer_text,
            outcome=outcome,
            latency_ms=None,
        )
        keep_frame_soon(self._services, self.station.ref, row)

    # ---- answers

    async def answer_calls(self) -> None:
        """Serve the waiting requests one at a time, in order, until none waits."""
        waiting = self._waiting
        try:
            while waiting:
                exchange = waiting.pop(0)
                for text in await self._dispatcher.answer(exchange):
                    await self._send(text)
                self._waiting_bytes -= len(exchange.call.text)
                if self._room is not None and len(waiting) <= MAX_WAITING // 2:
                    self._make_room()
        except ConnectionClosed:
            pass  # what is committed stays; the station will ask again and hear the same
        except Exception:
            log.exception("a station's requests are served no further", station=self.station.ref.identity)
            self.drop("an error in Voltdeck")
        finally:
            self._worker = None
            self._make_room()

    async def _wait_for_room(self) -> None:
        self._room = asyncio.get_running_loop().create_future()
        await self._room

    def _make_room(self) -> None:
        room, self._room = self._room, None
        if room is not None and not room.done():
            room.set_result(None)

    # ---- out

    async def _send(self, text: str) -> None:
        """Send, waiting for a station that is slow to read: what it does not take we do not pile up."""
        if self._websocket.transport.get_write_buffer_size() == 0:
            self._send_now(text)
        else:
            await self._websocket.send(text)

    def _send_now(self, text: str) -> None:
        broadcast((self._websocket,), text)  # `send` without its waiting, which costs more than the sending

    async def ping(self) -> None:
        """Ask for a sign of life."""
        self.pinged = self._services.clock.monotonic()
        with contextlib.suppress(ConnectionClosed):
            await (await self._websocket.ping())
            self.heard = self._services.clock.monotonic()
            self.pinged = None

    async def close(self, code: int, reason: str) -> None:
        """Close the socket; `reason` is a sentence of at most 123 bytes."""
        await self._websocket.close(code, reason)

    def drop(self, reason: str) -> None:
        """End a connection whose other side is gone, without the good manners of closing."""
        self.dropped_for = reason
        self._websocket.transport.abort()

    def retire(self) -> None:
        """Another connection speaks for the station now: what waits is dropped, for the station will say it again."""
        self._waiting.clear()
        self.requests.abandon()

    async def end(self) -> None:
        """The socket is gone; what is being served is finished."""
        self.retire()
        if self._worker is not None:
            await asyncio.wait([self._worker])

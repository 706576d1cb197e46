"""The socket of one station: the asyncio shell of RpcPeer. Takes in without waiting, answers in order, asks one by one.

Messages are pushed in and answers pushed out by the commit that makes them durable: no task waits for either. An idle
connection costs no timer; pings come from one place for all (csms.gateway.keepalive).
"""

import asyncio
import contextlib
from collections import deque

import structlog
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from csms import metrics
from csms.gateway.allowance import Allowance
from csms.gateway.archive import frame_row, keep_frame_soon, shown_malformed
from csms.gateway.context import Services, Station
from csms.gateway.dispatch import Dispatcher, Exchange
from csms.gateway.flood import FloodWatch, note_flood
from csms.gateway.message_ids import ids_for
from csms.gateway.parking import is_transactional, park_refused
from csms.gateway.requests import Requests
from csms.gateway.socket import StationSocket
from csms.gateway.tolerance.mender import mender_for
from csms.ocpp.events import Answered, Ignored, Received, Reply
from csms.ocpp.frames import Call
from csms.ocpp.memory import AnswerMemory
from csms.ocpp.rpc import Role, RpcPeer
from csms.work import context_beside, context_for_units

MAX_WAITING = 64
CROWD = 8
"""So many waiting requests make a Heartbeat go first."""
SEEN_EVERY_S = 60.0
"""A station that sends anything is noted as seen, but no row is written more often than this."""
MAX_WAITING_BYTES = 2_000_000
MALFORMED_PER_S, MALFORMED_BURST = 0.2, 20.0
REPLACED = 4000
"""Close code of a connection whose station opened a newer one."""


log = structlog.get_logger(__name__)


class StationConnection:
    """One authenticated socket of a station. Made with the station's tenant in scope."""

    __slots__ = (
        "_allowance",
        "_context",
        "_dispatcher",
        "_flood",
        "_held",
        "_holds",
        "_idle",
        "_oddities",
        "_pause",
        "_peer",
        "_retired",
        "_seen",
        "_served",
        "_services",
        "_waiting",
        "_waiting_bytes",
        "_websocket",
        "dropped_for",
        "epoch",
        "heard",
        "pinged",
        "requests",
        "station",
    )

    def __init__(
        self,
        websocket: StationSocket,
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
        self._context = context_for_units()
        self._peer = RpcPeer(
            station.version,
            Role.CSMS,
            memory=memory,
            new_id=ids_for(station),
            repair=mender_for(station, services),
        )
        self.requests = Requests(self._peer, station, services, self._send_now)
        self._allowance = Allowance(settings.ocpp_messages_per_s, settings.ocpp_message_burst, now)
        self._oddities: Allowance | None = None
        self._flood: FloodWatch | None = None
        self._served: Exchange | None = None
        """What is being answered; one at a time, in order."""
        self._waiting: deque[Exchange] = deque()
        self._waiting_bytes = 0
        self._idle: asyncio.Future[None] | None = None
        self._held: deque[str | bytes] | None = None
        """Messages that had come already when the socket was read no further."""
        self._holds = self._retired = False
        self._pause: asyncio.TimerHandle | None = None

    # ---- in

    def take(self, text: str | bytes) -> None:
        """Take in a message. Never waits for a handler; a flood is read no further until it has been served."""
        if self._holds:
            return self._keep(text)
        self.heard = now = self._services.clock.monotonic()
        if isinstance(text, bytes):
            return self._close_soon(CloseCode.UNSUPPORTED_DATA, "OCPP-J travels in text frames")
        event = self._peer.receive(text, now)
        if isinstance(event, Received):
            self._enqueue(event.call, now)
        else:
            self._take_other(event, text, now)
        pause_s = self._allowance.take(now)
        if pause_s > 0.0 or len(self._waiting) >= MAX_WAITING or self._waiting_bytes >= MAX_WAITING_BYTES:
            self._hold(pause_s)
            if pause_s > 0.0:
                self._watch_flood(now)

    def _enqueue(self, call: Call, now: float) -> None:
        exchange = Exchange(call, self._peer, self.station, self._services, now)
        if now - self._seen >= SEEN_EVERY_S:
            self._seen, exchange.seen = now, True
        if self._served is None:
            return self._serve(exchange)
        waiting = self._waiting
        self._waiting_bytes += len(call.text)
        if len(waiting) >= CROWD and call.action == "Heartbeat" and waiting[0].call.action != "Heartbeat":
            waiting.appendleft(exchange)  # TR_68: it is asked for the time, and answered at once
        else:
            waiting.append(exchange)

    def _take_other(self, event: Answered | Reply | Ignored, text: str, now: float) -> None:
        match event:
            case Answered():
                self.requests.answered(event)
            case Reply():
                self._refuse(event, now)
            case Ignored():
                metrics.malformed_frames.inc()
                self._archive_oddity(shown_malformed(text), "", None, "dropped", now)
        if self._peer.malformed_in_a_row >= self._services.settings.ocpp_malformed_limit:
            self._close_soon(CloseCode.POLICY_VIOLATION, "Too many frames in a row were no OCPP messages")

    def _refuse(self, event: Reply, now: float) -> None:
        """Send a refusal, or an earlier answer again, that needs no handler."""
        if event.code is None:
            self._archive_oddity(event.call_text, event.action or "", event.text, "repeated", now)
        else:
            metrics.malformed_frames.inc()
            if is_transactional(event.action):
                return self._services.background.spawn(self._park(event), context_beside(self._context))
            text = event.call_text if event.action else shown_malformed(event.call_text)
            self._archive_oddity(text, event.action or "", event.text, event.code, now)
        self._send_now(event.text)

    async def _park(self, event: Reply) -> None:
        try:
            await park_refused(self._services, self.station.ref, event)
        finally:  # answered in any case: it is a refusal, not an acknowledgement
            self._send_now(event.text)

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

    # ---- a flood (TR_68)

    def _hold(self, pause_s: float) -> None:
        """Read no further: TCP makes the station wait."""
        self._holds = True
        with contextlib.suppress(RuntimeError):  # it is held already, or closing
            self._websocket.transport.pause_reading()
        if pause_s > 0.0:
            self._pause = asyncio.get_running_loop().call_later(pause_s, self._pause_is_over)

    def _watch_flood(self, now: float) -> None:
        """It is slowed; who must be for too long has lost its manners, and is sent away."""
        if self._flood is None:
            self._flood = FloodWatch(self._services.settings.ocpp_flood_s)
        if self._flood.is_over_the_top(now):
            note_flood(self._services, self.station.ref)
            self.retire()
            self._close_soon(CloseCode.POLICY_VIOLATION, "Too many messages for too long")

    def _keep(self, text: str | bytes) -> None:
        if self._retired:
            return
        if self._held is None:
            self._held = deque()
        self._held.append(text)

    def _pause_is_over(self) -> None:
        self._pause = None
        self._go_on()

    def _go_on(self) -> None:
        """Once half of what waited is served and the pause is over: what is held, then the socket."""
        if self._retired or self._pause is not None or len(self._waiting) > MAX_WAITING // 2:
            return
        self._holds = False
        while self._held and not self._holds:
            self.take(self._held.popleft())
        if not self._holds:
            self._held = None
            with contextlib.suppress(RuntimeError):
                self._websocket.transport.resume_reading()

    # ---- answers

    def _serve(self, exchange: Exchange) -> None:
        """Have it answered; whatever waits is served after it."""
        self._served = exchange
        self._dispatcher.serve(exchange, self._context, self._answered)

    def _answered(self, texts: list[str]) -> None:
        """The answer to what was served is durable. What waits next is begun only when this one is on its way."""
        websocket = self._websocket
        if websocket.transport.get_write_buffer_size():
            self._services.background.spawn(self._send_slowly(texts))
            return
        for text in texts:
            websocket.push(text)
        self._serve_next()

    async def _send_slowly(self, texts: list[str]) -> None:
        """Wait for a station that is slow to read: what it does not take we do not pile up."""
        with contextlib.suppress(ConnectionClosed):  # what is committed stays; the station will ask again
            for text in texts:
                await self._websocket.send(text)
        self._serve_next()

    def _serve_next(self) -> None:
        self._served = None
        if self._waiting:
            exchange = self._waiting.popleft()
            self._waiting_bytes -= len(exchange.call.text)
            self._serve(exchange)
        elif self._idle is not None and not self._idle.done():
            self._idle.set_result(None)
        if self._holds:
            self._go_on()

    # ---- out

    def _send_now(self, text: str) -> None:
        self._websocket.push(text)

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

    def _close_soon(self, code: int, reason: str) -> None:
        self._services.background.spawn(self.close(code, reason))

    def drop(self, reason: str) -> None:
        """End a connection whose other side is gone, without the good manners of closing."""
        self.dropped_for = reason
        self._websocket.transport.abort()

    def retire(self) -> None:
        """Another connection speaks for the station now: what waits is dropped, for the station will say it again."""
        self._retired = self._holds = True
        self._waiting.clear()
        self._held = None
        if self._pause is not None:
            self._pause.cancel()
        self.requests.abandon()

    async def end(self) -> None:
        """The socket is gone; what is being served is finished."""
        self.retire()
        if self._served is not None:
            self._idle = asyncio.get_running_loop().create_future()
            await self._idle

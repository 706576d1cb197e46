"""The socket of a simulated station: a thin shell that carries texts between the core and the CSMS."""

import asyncio
import base64
import logging
from collections import deque
from collections.abc import Callable
from urllib.parse import quote

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.typing import Subprotocol

from csms.clock import Clock
from csms.ocpp.errors import ErrorCode, OcppError
from csms.ocpp.events import Answered, Received, Reply
from csms.ocpp.frames import Call, CallError
from csms.ocpp.rpc import Request, Role, RpcPeer
from csms.simulator.core import StationCore
from csms.simulator.face import RefusalError
from csms.simulator.outbox import Message
from csms.simulator.plan import StationPlan

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 30.0
_SILENCES_BEFORE_HANGING_UP = 2
_OPEN_TIMEOUT_S = 20.0


class Link:
    """At most one connection at a time. `on_change` is called after anything arrived, or the socket closed."""

    def __init__(self, core: StationCore, url: str, clock: Clock, on_change: Callable[[], None]) -> None:
        self._core = core
        self._url = f"{url.rstrip('/')}/{quote(core.plan.identity, safe='')}"
        self._clock = clock
        self._on_change = on_change
        self._connection: ClientConnection | None = None
        self._peer: RpcPeer | None = None
        self._reader: asyncio.Task[None] | None = None
        self._writer: asyncio.Task[None] | None = None
        self._replies: deque[str] = deque()
        self._silences = 0
        self._rested = asyncio.Event()
        self._rested.set()

    @property
    def is_open(self) -> bool:
        """Whether a socket is open."""
        return self._connection is not None

    @property
    def deadline(self) -> float | None:
        """When, on the monotonic clock, an answer is overdue."""
        return self._peer.next_deadline if self._peer else None

    async def open(self) -> None:
        """Connect. Raises OSError or WebSocketException when the CSMS cannot be reached or refuses."""
        plan = self._core.plan
        self._connection = await connect(
            self._url,
            subprotocols=[Subprotocol(plan.version.subprotocol)],
            additional_headers=_credentials(plan),
            compression=None,
            ping_interval=None,  # the CSMS pings; a second pinger would only cost
            open_timeout=_OPEN_TIMEOUT_S,
            proxy=None,
        )
        self._peer = RpcPeer(plan.version, Role.STATION)
        self._silences = 0
        self._core.link_opened()
        self._reader = asyncio.create_task(self._read(self._connection, self._peer))
        self.flush()

    async def close(self) -> None:
        """Send the answers that wait, then hang up, if connected."""
        if self._writer is not None:
            await asyncio.wait([self._writer], timeout=_OPEN_TIMEOUT_S)
        connection = self._lose()
        if connection is not None:
            await connection.close()

    def drop(self) -> None:
        """Lose the connection without a word, as a modem does in a tunnel."""
        connection = self._lose()
        if connection is not None:
            connection.transport.abort()

    async def rest(self) -> None:
        """Wait until everything that can be sent now is sent and answered."""
        await self._rested.wait()

    def flush(self) -> None:
        """Send what waits, without waiting for it."""
        if self._connection is not None and self._writer is None:
            self._rested.clear()
            self._writer = asyncio.create_task(self._write(self._connection))

    def expire(self) -> None:
        """Give up answers that are overdue; after several in a row the socket counts as dead."""
        if self._peer is None:
            return
        for request in self._peer.expire(self._clock.monotonic()):
            self._silences += 1
            self._core.unanswered(request.context)
        if self._silences >= _SILENCES_BEFORE_HANGING_UP:
            self.drop()
        self.flush()

    # ---- receiving

    async def _read(self, connection: ClientConnection, peer: RpcPeer) -> None:
        try:
            async for text in connection:
                self._receive(peer, text)
        except ConnectionClosed:
            pass
        finally:
            if self._connection is connection:
                self._lose()
                self._on_change()

    def _receive(self, peer: RpcPeer, text: str | bytes) -> None:
        self._core.advance(self._clock.now())
        match peer.receive(text, self._clock.monotonic()):
            case Received(call):
                self._replies.extend(self._serve(peer, call))
            case Reply(text=reply):
                self._replies.append(reply)
            case Answered(request=request, answer=answer, late=False):
                self._silences = 0
                if isinstance(answer, CallError):
                    self._core.refused(request.context)
                else:
                    self._core.answered(request.context, answer.payload)
            case _:
                pass
        self.flush()
        self._on_change()

    def _serve(self, peer: RpcPeer, call: Call) -> list[str]:
        try:
            return peer.reply(call, self._core.serve(call))
        except RefusalError as error:
            return peer.refuse(call, error.code, error.description)
        except Exception:
            log.exception("%s could not serve %s", self._core.plan.identity, call.action)
            return peer.refuse(call, ErrorCode.INTERNAL_ERROR, "The station could not do it")

    # ---- sending

    async def _write(self, connection: ClientConnection) -> None:
        try:
            while self._connection is connection and (text := self._next_text()) is not None:
                await connection.send(text)
        except ConnectionClosed:
            pass  # the reader tells the core
        finally:
            self._writer = None
            self._note_rest()

    def _next_text(self) -> str | None:
        if self._replies:
            return self._replies.popleft()
        if self._peer is None:
            return None
        message = self._core.next_message()
        if message is not None:
            self._ask(self._peer, message)
        request = self._peer.next_request(self._clock.monotonic())
        return request.text if request else None

    def _ask(self, peer: RpcPeer, message: Message) -> Request | None:
        try:
            return peer.ask(
                message.action,
                self._core.face.filled_in(message),
                now=self._clock.monotonic(),
                timeout_s=ANSWER_TIMEOUT_S,
                context=message,
            )
        except OcppError:
            log.exception("%s could not say %s", self._core.plan.identity, message.action)
            self._core.outbox.done(message)
            return None

    def _note_rest(self) -> None:
        if self._connection is None or self._core.outbox.is_quiet:
            self._rested.set()

    def _lose(self) -> ClientConnection | None:
        """Forget the socket and tell the core."""
        connection, self._connection, self._peer = self._connection, None, None
        self._replies.clear()
        if connection is not None:
            self._core.link_closed()
        self._rested.set()
        return connection


def _credentials(plan: StationPlan) -> dict[str, str]:
    if plan.password is None:
        return {}
    pair = base64.b64encode(f"{plan.identity}:{plan.password}".encode()).decode()
    return {"Authorization": f"Basic {pair}"}


LinkErrors = (OSError, WebSocketException, TimeoutError)
"""What `Link.open` raises."""

"""A small central system on a real socket, to talk to simulated stations before and beside the real gateway."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from csms.clock import Clock
from csms.ocpp.codec import violation_of
from csms.ocpp.errors import ErrorCode
from csms.ocpp.events import Answered, Received, Reply
from csms.ocpp.frames import CallError, CallResult
from csms.ocpp.rpc import Role, RpcPeer
from csms.ocpp.timestamps import format_timestamp
from csms.ocpp.version import OcppVersion

NO_TOKENS: frozenset[str] = frozenset()


class Line:
    """One station's connection, seen from the central system."""

    def __init__(self, socket: ServerConnection, version: OcppVersion) -> None:
        self.socket = socket
        self.version = version
        self.peer = RpcPeer(version, Role.CSMS)


class Central:
    """Answers every request, remembers every request, and asks. `blocked` tokens are refused."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.blocked = NO_TOKENS
        self.registration = "Accepted"
        self.calls: list[tuple[str, str, dict[str, Any]]] = []
        """(identity, action, payload) in the order of arrival."""
        self.lines: dict[str, Line] = {}
        self.authorization: dict[str, str | None] = {}
        self.handshakes = 0
        self.transaction_id = 100
        self.refuse_transactions = 0
        """How many of the next transaction messages get a CALLERROR."""
        self.url = ""
        self._heard = asyncio.Event()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something heard makes it so."""
        while not is_so():
            self._heard.clear()
            await self._heard.wait()

    def actions(self, identity: str = "ST-1") -> list[str]:
        """What the station has said, by action."""
        return [action for sender, action, _ in self.calls if sender == identity]

    def said(self, action: str, identity: str = "ST-1") -> list[dict[str, Any]]:
        """The payloads of one action."""
        return [payload for sender, said, payload in self.calls if sender == identity and said == action]

    async def ask(self, action: str, payload: dict[str, Any], identity: str = "ST-1") -> dict[str, Any] | CallError:
        """Ask the station; the answer must hold to its schema."""
        line = self.lines[identity]
        future: asyncio.Future[CallResult | CallError] = asyncio.get_running_loop().create_future()
        line.peer.ask(action, payload, now=0.0, timeout_s=1e9, context=future)
        await self._send_next(line)
        answer = await future
        if isinstance(answer, CallError):
            return answer
        assert violation_of(line.version, action, "response", answer.payload) is None
        return answer.payload

    async def hang_up(self, identity: str = "ST-1") -> None:
        """Close the station's socket from this side."""
        await self.lines[identity].socket.close()

    async def handle(self, socket: ServerConnection) -> None:
        """One connection, until it ends."""
        assert socket.request is not None
        identity = socket.request.path.rsplit("/", 1)[-1]
        version = OcppVersion.from_subprotocol(socket.subprotocol or "")
        assert version is not None
        self.handshakes += 1
        self.authorization[identity] = socket.request.headers.get("Authorization")
        line = self.lines[identity] = Line(socket, version)
        try:
            async for text in socket:
                await self._take(identity, line, text)
        except ConnectionClosed:
            pass

    async def _take(self, identity: str, line: Line, text: str | bytes) -> None:
        event = line.peer.receive(text, 0.0)
        if isinstance(event, Answered):
            event.request.context.set_result(event.answer)
        elif isinstance(event, Received):
            self.calls.append((identity, event.call.action, event.call.payload))
            transaction_message = event.call.action in ("StartTransaction", "StopTransaction", "TransactionEvent")
            if transaction_message and self.refuse_transactions:
                self.refuse_transactions -= 1
                replies = line.peer.refuse(event.call, ErrorCode.INTERNAL_ERROR, "not now")
            else:
                replies = line.peer.reply(event.call, self._answer(event.call.action, event.call.payload, line.version))
            for reply in replies:
                await line.socket.send(reply)
        elif isinstance(event, Reply):
            raise AssertionError(f"the station sent what deserves {event.code}: {text!r} -> {event.text}")
        await self._send_next(line)
        self._heard.set()

    async def _send_next(self, line: Line) -> None:
        request = line.peer.next_request(0.0)
        if request is not None:
            await line.socket.send(request.text)

    def _answer(self, action: str, payload: dict[str, Any], version: OcppVersion) -> dict[str, Any]:
        now = format_timestamp(self._clock.now())
        if action == "BootNotification":
            return {"currentTime": now, "interval": 300, "status": self.registration}
        if action == "Heartbeat":
            return {"currentTime": now}
        if version is OcppVersion.V16:
            return self._answer_16(action, payload)
        if action == "Authorize":
            return {"idTokenInfo": {"status": self._judge(payload["idToken"]["idToken"])}}
        if action == "TransactionEvent" and "idToken" in payload:
            return {"idTokenInfo": {"status": self._judge(payload["idToken"]["idToken"])}}
        return {}

    def _answer_16(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        if action in ("Authorize", "StartTransaction"):
            answer: dict[str, Any] = {"idTagInfo": {"status": self._judge(payload["idTag"])}}
            if action == "StartTransaction":
                self.transaction_id += 1
                answer["transactionId"] = self.transaction_id
            return answer
        return {}

    def _judge(self, token: str) -> str:
        return "Blocked" if token in self.blocked else "Accepted"


@asynccontextmanager
async def central_system(clock: Clock) -> AsyncGenerator[Central]:
    """Listening on a free port of the loopback for as long as the block lasts."""
    central = Central(clock)
    server: Server = await serve(
        central.handle, "127.0.0.1", 0, subprotocols=["ocpp1.6", "ocpp2.0.1"], compression=None, ping_interval=None
    )
    central.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ocpp"
    try:
        yield central
    finally:
        server.close()
        await server.wait_closed()

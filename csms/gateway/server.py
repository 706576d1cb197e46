"""The gateway: the port where charging stations connect, and the way from a command to a station's socket."""

import asyncio
import contextlib
from typing import cast

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode

from csms.clock import Clock
from csms.commands.commands import StationCommand
from csms.commands.port import Delivery
from csms.config import Settings
from csms.gateway import presence
from csms.gateway.connection import REPLACED, StationConnection
from csms.gateway.context import Background, Services, Station
from csms.gateway.dispatch import Dispatcher
from csms.gateway.handshake import Handshake, StationSocket
from csms.gateway.keepalive import keep_alive
from csms.gateway.registry import Registry
from csms.gateway.router import Router
from csms.gateway.suspicions import Suspicions
from csms.gateway.v16.routes import ROUTES as ROUTES_16
from csms.gateway.v201.routes import ROUTES as ROUTES_201
from csms.ocpp.version import OcppVersion
from csms.stations.ref import StationRef
from csms.transactions.service import Transactions
from csms.work import Committer
from models.db import Database
from models.scope import tenant_scope

log = structlog.get_logger(__name__)

OPEN_TIMEOUT_S = 10.0
CLOSE_TIMEOUT_S = 5.0
_FRAMES_READ_AHEAD = 8

# TR_08: compressed only if asked, and nothing kept between messages, or ten thousand idle sockets cost 400 MB.
_DEFLATE = ServerPerMessageDeflateFactory(
    server_no_context_takeover=True,
    client_no_context_takeover=True,
    server_max_window_bits=12,
    client_max_window_bits=12,
    compress_settings={"memLevel": 4},
)


class Gateway:
    """Accepts stations on one port and carries commands to them (implements csms.commands.port.CommandPort)."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        committer: Committer,
        clock: Clock,
        transactions: Transactions,
    ) -> None:
        self._services = Services(settings, committer, clock, transactions, Background())
        self._suspicions = Suspicions(self._services)
        self._handshake = Handshake(database, settings.resolved_secret_key(), self._suspicions)
        self._registry = Registry()
        self._dispatcher = Dispatcher(self._services, {OcppVersion.V16: ROUTES_16, OcppVersion.V201: ROUTES_201})
        self._router = Router(self._registry, self._services)
        self._server: Server | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen. Raises OSError when the port is taken."""
        settings = self._services.settings
        self._server = await serve(
            self.handle_station,
            settings.ocpp_host,
            settings.ocpp_port,
            create_connection=StationSocket,
            process_request=self._handshake.process_request,
            select_subprotocol=self._handshake.select_subprotocol,
            compression=None,
            extensions=[_DEFLATE],
            open_timeout=OPEN_TIMEOUT_S,
            close_timeout=CLOSE_TIMEOUT_S,
            ping_interval=None,
            max_size=settings.ocpp_max_message_bytes,
            max_queue=_FRAMES_READ_AHEAD,
            server_header="Voltdeck",
        )
        self._keeper = asyncio.create_task(keep_alive(self._registry, self._services), name="keep stations alive")
        log.info("stations may connect", host=settings.ocpp_host, port=self.port)

    async def stop(self) -> None:
        """Send every station away with 1001, answer what is being served, and close the port."""
        server, self._server = self._server, None
        if server is None:
            return
        if self._keeper is not None:
            self._keeper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._keeper
        server.close(code=CloseCode.GOING_AWAY, reason="Voltdeck is restarting; come back soon")
        await server.wait_closed()
        await self._services.background.drain()

    @property
    def port(self) -> int:
        """The port that stations connect to; settings may say 0 for any free one."""
        if self._server is None:
            raise RuntimeError("the gateway is not running")
        return self._server.sockets[0].getsockname()[1]

    async def deliver(self, ref: StationRef, command: StationCommand) -> Delivery:
        """Send `command` to the station and wait for its answer; see CommandPort.deliver."""
        return await self._router.deliver(ref, command)

    async def handle_station(self, websocket: ServerConnection) -> None:
        """One authenticated station, from its handshake to the end of its socket."""
        settled = cast(StationSocket, websocket)
        access = settled.access
        station = Station(access.ref, settled.version, access.registration)
        memory = self._registry.memory_of(access.ref.id)
        connection = StationConnection(websocket, station, self._services, self._dispatcher, memory)
        with tenant_scope(access.ref.tenant_id):
            replaced = self._registry.enter(connection)
            if replaced is not None:
                replaced.retire()
                self._suspicions.replaced(access.ref)
                self._services.background.spawn(replaced.close(REPLACED, "Replaced by a newer connection"))
            try:
                await presence.enter(self._services, station, access, settled.proof)
                await connection.read_frames()
            finally:
                await connection.end()
                if self._registry.leave(connection):
                    await presence.leave(self._services, station.ref, connection.dropped_for or _why_gone(websocket))


def _why_gone(websocket: ServerConnection) -> str:
    code = websocket.close_code
    if code is None or code == CloseCode.ABNORMAL_CLOSURE:
        return "the connection broke off"
    reason = websocket.close_reason or ""
    return f"closed with code {code}" + (f" ({reason})" if reason else "")

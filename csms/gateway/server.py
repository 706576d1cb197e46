"""The gateway: the port where charging stations connect, and the way from a command to a station's socket."""

import asyncio
import contextlib
import ssl
from dataclasses import replace
from typing import cast

import structlog
from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.frames import CloseCode

from csms.bus.events import StationChanged, StationRemoved
from csms.certificates.helpers import helpers_for
from csms.certificates.trust import anchors_for
from csms.clock import Clock
from csms.commands.commands import StationCommand
from csms.commands.port import Delivery
from csms.config import Settings
from csms.gateway import presence
from csms.gateway.admission import Admission
from csms.gateway.channel import Channels
from csms.gateway.connection import REPLACED, StationConnection
from csms.gateway.context import Background, Services, Station
from csms.gateway.credentials import Credentialing
from csms.gateway.diagnosis import Diagnosis
from csms.gateway.dispatch import Dispatcher
from csms.gateway.draining import send_away
from csms.gateway.handshake import Handshake
from csms.gateway.keepalive import keep_alive
from csms.gateway.knocking import Knocking
from csms.gateway.registry import Registry
from csms.gateway.remarking import Remarks
from csms.gateway.router import Router
from csms.gateway.settling import bound_messages, remind_of_boot
from csms.gateway.socket import StationSocket, socket_factory
from csms.gateway.suspicions import Suspicions
from csms.gateway.tls import ServerTls, key_pairs
from csms.gateway.tls_socket import tls_socket_factory
from csms.gateway.v16.routes import ROUTES as ROUTES_16
from csms.gateway.v21.routes import ROUTES as ROUTES_21
from csms.gateway.v201.routes import ROUTES as ROUTES_201
from csms.ocpp.version import OcppVersion
from csms.stations.quirk_profiles import load_quirks
from csms.stations.ref import StationRef
from csms.tenants.directory import TenantDirectory
from csms.transactions.service import Transactions
from csms.work import Committer
from models import CertificateUse
from models.db import Database
from models.scope import platform_scope, tenant_scope

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

_ROUTES = {OcppVersion.V16: ROUTES_16, OcppVersion.V201: ROUTES_201, OcppVersion.V21: ROUTES_21}


class Gateway:
    """Accepts stations on one port and carries commands to them (implements csms.commands.port.CommandPort)."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        committer: Committer,
        clock: Clock,
        transactions: Transactions,
        directory: TenantDirectory | None = None,
    ) -> None:
        """`directory` tells whose door a stranger knocks at; without it, strangers are nobody's."""
        background = Background()
        remarks = Remarks(committer, clock, background.spawn)
        quirks = load_quirks(settings.quirks_file)
        helpers = helpers_for(settings, clock)
        self._services = Services(
            settings, committer, clock, transactions, background, remarks, quirks, helpers, database
        )
        self._suspicions = Suspicions(self._services)
        self._admission = Admission(settings, clock)
        self._diagnosis = Diagnosis(committer, clock, background.spawn)
        self._knocking = Knocking(directory, committer, clock, background.spawn)
        self._database = database
        self._credentialing = Credentialing(database, clock, settings.resolved_secret_key())
        self._handshake = Handshake(
            database,
            settings.resolved_secret_key(),
            self._suspicions,
            self._admission,
            self._diagnosis,
            remarks,
            self._credentialing,
            Channels(settings.ocpp_proxies, settings.ocpp_proxy_certificate_header),
            self._knocking,
        )
        self._registry = Registry()
        self._dispatcher = Dispatcher(self._services, _ROUTES)
        self._router = Router(self._registry, self._services)
        self._server: Server | None = None
        self._tls: ServerTls | None = None
        self._tls_server: Server | None = None
        self._renewer: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, over TLS too where there are server certificates. Raises OSError when a port is taken."""
        settings = self._services.settings
        pairs = key_pairs(settings)
        self._tls = ServerTls(pairs) if pairs else None
        await self.reload_certificates()
        self._server = await self._listen(settings.ocpp_port, None)
        if self._tls is not None:
            self._tls_server = await self._listen(settings.ocpp_tls_port, self._tls.context)
            log.info("stations may connect over TLS", host=settings.ocpp_host, port=self.tls_port)
        self._keeper = asyncio.create_task(keep_alive(self._registry, self._services), name="keep stations alive")
        self._renewer = asyncio.create_task(self._renew_forever(), name="renew certificates")
        log.info("stations may connect", host=settings.ocpp_host, port=self.port)

    async def _listen(self, port: int, context: ssl.SSLContext | None) -> Server:
        settings = self._services.settings
        if context is None:
            create = socket_factory(self._admission, self._diagnosis)
        else:
            create = tls_socket_factory(context, self._admission, self._diagnosis)
        return await serve(
            self.handle_station,
            settings.ocpp_host,
            port,
            create_connection=create,  # pyright: ignore[reportArgumentType]
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

    async def reload_certificates(self) -> None:
        """Take up renewed server certificates and changed trust, without touching stations that are connected.

        Raises OSError or ssl.SSLError for files that cannot be used; what was in use stays in use.
        """
        with platform_scope():
            async with self._database.reading() as session:
                anchors = await anchors_for(session, CertificateUse.STATION)
        self._credentialing.anchors = anchors
        if self._tls is not None and self._tls.reload(anchors):
            log.info("certificates of the TLS listener taken up", trusted=len(anchors))

    async def _renew_forever(self) -> None:
        while True:
            await asyncio.sleep(self._services.settings.ocpp_tls_reload_s)
            try:
                await self.reload_certificates()
            except Exception:
                log.exception("certificates could not be taken up; the earlier ones stay in use")

    async def stop(self) -> None:
        """Send every station away with 1001, answer what is being served, and close the port."""
        server, self._server = self._server, None
        if server is None:
            return
        for task in (self._keeper, self._renewer):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        tls_server, self._tls_server = self._tls_server, None
        listening = [each for each in (server, tls_server) if each is not None]
        for each in listening:
            each.close(close_connections=False)
        self._admission.let_all_go()
        sockets = [socket for each in listening for socket in each.connections]
        await send_away(sockets, self._services.settings.ocpp_drain_s)
        for each in listening:
            await each.wait_closed()
        self._diagnosis.flush()
        self._knocking.flush()
        self._services.remarks.flush()
        await self._services.background.drain()

    @property
    def port(self) -> int:
        """The port that stations connect to; settings may say 0 for any free one."""
        if self._server is None:
            raise RuntimeError("the gateway is not running")
        return self._server.sockets[0].getsockname()[1]

    @property
    def tls_port(self) -> int:
        """The port of the TLS listener; raises RuntimeError where there is none."""
        if self._tls_server is None:
            raise RuntimeError("the gateway does not listen for TLS")
        return self._tls_server.sockets[0].getsockname()[1]

    def station_changed(self, event: StationChanged) -> None:
        """A station stands elsewhere now: what it does from here on belongs to its new location."""
        connection = self._registry.locate(event.station_id)
        if connection is not None:
            connection.station.ref = replace(connection.station.ref, location_id=event.location_id)

    def station_removed(self, event: StationRemoved) -> None:
        """A station was taken out of the fleet: its connection ends."""
        connection = self._registry.locate(event.station_id)
        if connection is not None:
            connection.retire()
            self._services.background.spawn(connection.close(CloseCode.POLICY_VIOLATION, "No longer registered here"))

    async def deliver(self, ref: StationRef, command: StationCommand) -> Delivery:
        """Send `command` to the station and wait for its answer; see CommandPort.deliver."""
        return await self._router.deliver(ref, command)

    async def handle_station(self, websocket: ServerConnection) -> None:
        """One authenticated station, from its handshake to the end of its socket."""
        settled = cast(StationSocket, websocket)
        settled.forget_headers()
        access = settled.access
        quirks = self._services.quirks.of(access.vendor, access.model, access.firmware_version)
        station = Station(
            access.ref, settled.agreed.version, access.registration, quirks=quirks, is_strict=access.is_strict
        )
        bound_messages(websocket, station, self._services.settings)
        memory = self._registry.memory_of(access.ref.id)
        with tenant_scope(access.ref.tenant_id):
            connection = StationConnection(settled, station, self._services, self._dispatcher, memory)
            replaced = self._registry.enter(connection)
            if replaced is not None:
                replaced.retire()
                self._suspicions.replaced(access.ref)
                self._services.background.spawn(replaced.close(REPLACED, "Replaced by a newer connection"))
            reminder = remind_of_boot(self._services, self._registry, connection)
            try:
                await presence.enter(self._services, station, access, settled.credentials)
                await settled.listen(connection.take)
            finally:
                if reminder is not None:
                    reminder.cancel()
                await connection.end()
                if self._registry.leave(connection):
                    await presence.leave(self._services, station.ref, connection.dropped_for or _why_gone(websocket))


def _why_gone(websocket: ServerConnection) -> str:
    code = websocket.close_code
    if code is None or code == CloseCode.ABNORMAL_CLOSURE:
        return "the connection broke off"
    reason = websocket.close_reason or ""
    return f"closed with code {code}" + (f" ({reason})" if reason else "")

"""Who may open a socket: identity, credentials and version are settled before the upgrade (TR_01 to TR_14)."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from csms import metrics
from csms.gateway.identity import identity_of
from csms.gateway.security import BASIC_OVER_PLAIN, Proof, proof_of
from csms.gateway.subprotocols import SERVED, choose_version, offered_in
from csms.gateway.suspicions import Suspicions
from csms.ocpp.version import OcppVersion
from csms.stations.service import StationAccess, find_access
from models.db import Database
from models.scope import platform_scope

log = structlog.get_logger(__name__)

_SPOKEN = ", ".join(version.subprotocol for version in SERVED)


class StationSocket(ServerConnection):
    """A websocket that remembers what its handshake settled."""

    access: StationAccess
    version: OcppVersion
    proof: Proof


class Refusal(Exception):
    """The handshake ends here. `cause` is counted; the text is for whoever sets up the station."""

    def __init__(self, status: HTTPStatus, cause: str, text: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.cause = cause
        self.text = text
        self.headers = headers or {}


class Handshake:
    """Judges the opening handshakes of all stations; one database read each."""

    def __init__(self, database: Database, secret_key: bytes, suspicions: Suspicions) -> None:
        self._database = database
        self._secret_key = secret_key
        self._suspicions = suspicions

    async def process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        """Let the handshake go on, or answer it with a refusal in plain words."""
        socket = cast(StationSocket, socket)
        try:
            _require_websocket(request.headers)
            socket.access, socket.proof = access, _ = await self._authenticate(request)
            socket.version = _agree_on_version(request.headers, access)
        except Refusal as refusal:
            return _respond(socket, refusal)
        except Exception:
            log.exception("handshake could not be judged")
            text = "Voltdeck cannot check who you are at the moment; try again soon."
            return _respond(socket, Refusal(HTTPStatus.SERVICE_UNAVAILABLE, "unavailable", text))
        return None

    def select_subprotocol(self, socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        """Echo the version agreed on; nothing to a station that offered nothing."""
        version = cast(StationSocket, socket).version
        return Subprotocol(version.subprotocol) if offered else None

    async def _authenticate(self, request: Request) -> tuple[StationAccess, Proof]:
        identity = identity_of(request.path)
        if identity is None:
            text = (
                f"The URL must end in the identity of the charging station: ws://…/ocpp/<identity>, not {request.path}"
            )
            raise Refusal(HTTPStatus.NOT_FOUND, "bad_identity", text)
        key = identity.casefold()
        with platform_scope():
            async with self._database.reading() as session:
                access = await find_access(session, key)
        proof = proof_of(access, key, _authorization(request.headers), self._secret_key)
        if access is None:
            text = f"No charging station is registered as {identity!r}. Register it in Voltdeck, or correct the URL."
            raise Refusal(HTTPStatus.NOT_FOUND, "unknown_identity", text)
        if access.security_profile > BASIC_OVER_PLAIN:
            text = (
                f"This station is set to security profile {access.security_profile}: it must connect over TLS (wss://)."
            )
            raise Refusal(HTTPStatus.FORBIDDEN, "tls_required", text)
        if proof is Proof.NOTHING:
            self._suspicions.wrong_password(access.ref)
            text = "Wrong or missing password. Basic authentication: the user name is the station's identity."
            challenge = {"WWW-Authenticate": 'Basic realm="OCPP", charset="UTF-8"'}
            raise Refusal(HTTPStatus.UNAUTHORIZED, "wrong_credentials", text, challenge)
        return access, proof


def _require_websocket(headers: Headers) -> None:
    upgrades = ",".join(headers.get_all("Upgrade")).lower()
    if "websocket" not in upgrades or "Sec-WebSocket-Key" not in headers:
        text = "This is the OCPP port of Voltdeck. Charging stations connect to ws://…/ocpp/<identity> by WebSocket."
        raise Refusal(HTTPStatus.UPGRADE_REQUIRED, "not_websocket", text, {"Upgrade": "websocket"})
    if "upgrade" not in ",".join(headers.get_all("Connection")).lower():
        headers["Connection"] = "Upgrade"  # some stations forget it; what they mean is clear


def _authorization(headers: Headers) -> str | None:
    lines = headers.get_all("Authorization")
    return lines[0] if len(lines) == 1 else None


def _agree_on_version(headers: Headers, access: StationAccess) -> OcppVersion:
    offered = offered_in(headers.get_all("Sec-WebSocket-Protocol"))
    version = choose_version(offered, optional=access.subprotocol_optional)
    if version is None:
        asked = ", ".join(offered)[:200] or "none"
        text = f"No common OCPP version: Sec-WebSocket-Protocol offers {asked}; served are {_SPOKEN}."
        raise Refusal(HTTPStatus.BAD_REQUEST, "no_common_version", text)
    return version


def _respond(socket: StationSocket, refusal: Refusal) -> Response:
    metrics.refused_handshakes.labels(cause=refusal.cause).inc()
    response = socket.respond(refusal.status, f"{refusal.text}\n")
    for name, value in refusal.headers.items():
        response.headers[name] = value
    return response

"""Who may open a socket: identity, credentials and version are settled before the upgrade (TR_01 to TR_14)."""

import re
from collections.abc import Sequence
from http import HTTPStatus
from typing import cast

import structlog
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from csms import metrics
from csms.gateway.admission import Admission
from csms.gateway.channel import Channels, tls_of
from csms.gateway.credentials import Credentialing, Credentials, UnfitError
from csms.gateway.diagnosis import Diagnosis
from csms.gateway.identity import identities_of
from csms.gateway.knocking import Knocking, Stranger
from csms.gateway.remarking import Remarks
from csms.gateway.security import Proof, parse_basic, proof_of
from csms.gateway.socket import StationSocket
from csms.gateway.subprotocols import SERVED, Agreed, agree, offered_in
from csms.gateway.suspicions import Suspicions
from csms.stations.doctor import Cause
from csms.stations.remarks import Kind, Remark
from csms.stations.security import digest_password
from csms.stations.service import StationAccess, find_access
from models.db import Database
from models.scope import platform_scope

log = structlog.get_logger(__name__)

_SPOKEN = ", ".join(version.subprotocol for version in SERVED)
_CHALLENGE = {"WWW-Authenticate": 'Basic realm="OCPP", charset="UTF-8"'}
_USER_INFO = re.compile(r"//[^/@]*@")
_RETRY_AFTER_S = 60


class Refusal(Exception):
    """The handshake ends here. `cause` is counted and diagnosed; the text is for whoever sets up the station."""

    def __init__(
        self,
        status: HTTPStatus,
        cause: Cause,
        text: str,
        headers: dict[str, str] | None = None,
        access: StationAccess | None = None,
    ) -> None:
        super().__init__(text)
        self.status = status
        self.cause = cause
        self.text = text
        self.headers = headers or {}
        self.access = access


class Handshake:
    """Judges the opening handshakes of all stations; one database read each."""

    def __init__(
        self,
        database: Database,
        secret_key: bytes,
        suspicions: Suspicions,
        admission: Admission,
        diagnosis: Diagnosis,
        remarks: Remarks,
        credentialing: Credentialing,
        channels: Channels,
        knocking: Knocking,
    ) -> None:
        self._database = database
        self._secret_key = secret_key
        self._suspicions = suspicions
        self._admission = admission
        self._diagnosis = diagnosis
        self._remarks = remarks
        self._credentialing = credentialing
        self._channels = channels
        self._knocking = knocking

    async def process_request(self, socket: ServerConnection, request: Request) -> Response | None:
        """Let the handshake go on, or answer it with a refusal in plain words."""
        socket = cast(StationSocket, socket)
        socket.said_something()
        odd: list[Remark] = []
        try:
            _require_websocket(request.headers, odd)
            await self._wait_for_turn()
            socket.access, socket.credentials = access, _ = await self._authenticate(socket, request, odd)
            socket.agreed = _agree_on_version(request.headers, access, odd)
        except Refusal as refusal:
            return self._refuse(socket, request, refusal)
        except Exception:
            log.exception("handshake could not be judged")
            text = "Voltdeck cannot check who you are at the moment; try again soon."
            return self._refuse(socket, request, Refusal(HTTPStatus.SERVICE_UNAVAILABLE, Cause.UNAVAILABLE, text))
        self._remarks.note(access.ref, *odd)
        return None

    def select_subprotocol(self, socket: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        """Echo the name agreed on, as it was offered; nothing to a station that offered nothing."""
        name = cast(StationSocket, socket).agreed.name
        return None if name is None else Subprotocol(name)

    async def _wait_for_turn(self) -> None:
        if not await self._admission.turn():
            text = "Too many stations sign in at the moment; try again soon."
            headers = {"Retry-After": str(_RETRY_AFTER_S)}
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, Cause.UNAVAILABLE, text, headers)

    async def _authenticate(
        self, socket: StationSocket, request: Request, odd: list[Remark]
    ) -> tuple[StationAccess, Credentials]:
        identities = identities_of(request.path)
        if not identities:
            text = (
                f"The URL must end in the identity of the charging station: ws://…/ocpp/<identity>, not {request.path}"
            )
            raise Refusal(HTTPStatus.NOT_FOUND, Cause.BAD_IDENTITY, text)
        keys = [identity.casefold() for identity in identities]
        with platform_scope():
            async with self._database.reading() as session:
                access = await find_access(session, *keys)
        authorization = _authorization(request.headers)
        if access is None:
            proof_of(None, keys[0], authorization, self._secret_key)  # the same effort as for a wrong password (TR_06)
            self._note_stranger(socket, request, identities, authorization)
            is_slowed = await self._admission.refused(socket.address, keys[0])
            text = (
                f"No charging station is registered as {identities[0]!r}. Register it in Voltdeck, or correct the URL."
            )
            raise Refusal(_status(HTTPStatus.NOT_FOUND, is_slowed), Cause.UNKNOWN_IDENTITY, text)
        try:
            channel = self._channels.read(tls_of(socket.transport), socket.address, request.headers)
            name = _name_used(authorization, keys)
            credentials = await self._credentialing.judge(access, name, authorization, channel)
        except UnfitError as unfit:
            self._suspicions.unfit(access.ref, unfit.cause, str(unfit))
            raise Refusal(HTTPStatus.FORBIDDEN, unfit.cause, str(unfit), access=access) from None
        if credentials.proof is Proof.NOTHING:
            raise await self._unproven(socket, access, keys, authorization)
        if access.ref.identity.casefold() != keys[0]:
            odd.append(_IN_URL)
        return access, credentials

    def _note_stranger(
        self, socket: StationSocket, request: Request, identities: list[str], authorization: str | None
    ) -> None:
        """Somebody nobody registered. Where the address is a tenant's own, its people may want to know."""
        tenant_id = self._knocking.door_of(request.headers, request.path)
        if tenant_id is None:
            return
        headers, password = request.headers, (parse_basic(authorization) or (b"", b""))[1]
        self._knocking.knocked(
            tenant_id,
            Stranger(
                identity=identities[0],
                address=socket.address,
                user_agent=_plain(", ".join(headers.get_all("User-Agent"))),
                offered=_plain(", ".join(headers.get_all("Sec-WebSocket-Protocol"))),
                password_digest=digest_password(self._secret_key, password) if password else None,
            ),
        )

    async def _unproven(
        self, socket: StationSocket, access: StationAccess, keys: list[str], authorization: str | None
    ) -> Refusal:
        """TR_13: slowed when it happens often, and never told which part was wrong."""
        self._suspicions.wrong_password(access.ref)
        is_slowed = await self._admission.refused(socket.address, keys[0])
        text = "Wrong or missing password. Basic authentication: the user name is the station's identity."
        status = _status(HTTPStatus.UNAUTHORIZED, is_slowed)
        headers = {"Retry-After": str(_RETRY_AFTER_S)} if is_slowed else {}
        return Refusal(status, _why_unproven(authorization, keys), text, _CHALLENGE | headers, access)

    def _refuse(self, socket: StationSocket, request: Request, refusal: Refusal) -> Response:
        metrics.refused_handshakes.labels(cause=refusal.cause.value).inc()
        socket.refused = True
        access, headers = refusal.access, request.headers
        self._diagnosis.failed(
            refusal.cause,
            address=socket.address,
            identity=next(iter(identities_of(request.path)), ""),
            path=_USER_INFO.sub("//", _plain(request.path.partition("?")[0])),
            user_agent=_plain(", ".join(headers.get_all("User-Agent"))),
            offered=_plain(", ".join(headers.get_all("Sec-WebSocket-Protocol"))),
            tenant_id=None if access is None else access.ref.tenant_id,
            station_id=None if access is None else access.ref.id,
        )
        response = socket.respond(refusal.status, f"{refusal.text}\n")
        for name, value in refusal.headers.items():
            response.headers[name] = value
        return response


_IN_URL = Remark(
    Kind.IDENTITY_IN_URL,
    "URL",
    "Its URL goes on after its identity, so the identity was looked for further to the left. Harmless; if the station "
    "adds something by itself, give it the URL without the identity.",
)
_NO_CONNECTION_HEADER = Remark(
    Kind.HEADER, "Connection", "Its handshake lacks the header `Connection: Upgrade`. It was let in all the same."
)


def _require_websocket(headers: Headers, odd: list[Remark]) -> None:
    upgrades = ",".join(headers.get_all("Upgrade")).lower()
    if "websocket" not in upgrades or "Sec-WebSocket-Key" not in headers:
        text = "This is the OCPP port of Voltdeck. Charging stations connect to ws://…/ocpp/<identity> by WebSocket."
        raise Refusal(HTTPStatus.UPGRADE_REQUIRED, Cause.NOT_WEBSOCKET, text, {"Upgrade": "websocket"})
    if "upgrade" not in ",".join(headers.get_all("Connection")).lower():
        headers["Connection"] = "Upgrade"  # some stations forget it; what they mean is clear
        odd.append(_NO_CONNECTION_HEADER)


def _authorization(headers: Headers) -> str | None:
    lines = headers.get_all("Authorization")
    return lines[0] if len(lines) == 1 else None


def _name_used(authorization: str | None, keys: list[str]) -> str:
    """The user name to expect: any of the identities in the URL, by which this one may sign in (quirk 7)."""
    username, _ = parse_basic(authorization) or (b"", b"")
    name = username.decode(errors="replace").casefold()
    return name if name in keys else keys[0]


def _why_unproven(authorization: str | None, keys: list[str]) -> Cause:
    parsed = parse_basic(authorization)
    if parsed is None or not parsed[1]:
        return Cause.MISSING_CREDENTIALS
    is_named = parsed[0].decode(errors="replace").casefold() in keys
    return Cause.WRONG_CREDENTIALS if is_named else Cause.WRONG_USER_NAME


def _status(status: HTTPStatus, is_slowed: bool) -> HTTPStatus:
    return HTTPStatus.TOO_MANY_REQUESTS if is_slowed else status


def _agree_on_version(headers: Headers, access: StationAccess, odd: list[Remark]) -> Agreed:
    offered = offered_in(headers.get_all("Sec-WebSocket-Protocol"))
    agreed = agree(offered, optional=access.subprotocol_optional)
    if agreed is None:
        asked = ", ".join(offered)[:200] or "none"
        text = f"No common OCPP version: Sec-WebSocket-Protocol offers {asked}; served are {_SPOKEN}."
        cause = Cause.NO_COMMON_VERSION if offered else Cause.NO_SUBPROTOCOL
        raise Refusal(HTTPStatus.BAD_REQUEST, cause, text, access=access)
    if agreed.name != agreed.version.subprotocol:
        text = f"It does not offer a subprotocol of OCPP as the specification names it; taken for {agreed.version}."
        odd.append(Remark(Kind.SUBPROTOCOL, "Sec-WebSocket-Protocol", text, ", ".join(offered)))
    return agreed


def _plain(text: str) -> str:
    """Without what a terminal or a database would choke on."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)

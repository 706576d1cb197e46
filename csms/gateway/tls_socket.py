"""A station's websocket over TLS, encrypted by us once the connection is there: a handshake that fails can be told of.

Left to the listener, it would end without a word, and nobody would know which station has an old certificate.
"""

import asyncio
import socket
import ssl
from collections.abc import Callable
from typing import Any, cast

from csms.gateway.admission import Admission, Opening
from csms.gateway.diagnosis import Diagnosis
from csms.gateway.socket import StationSocket, address_of
from csms.stations.doctor import Cause

HANDSHAKE_TIMEOUT_S = 10.0

_OLD = (
    "NO_SHARED_CIPHER",
    "NO_SHARED_SIGNATURE_ALGORITHMS",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "UNKNOWN_PROTOCOL",
    "UNSUPPORTED_PROTOCOL",
    "VERSION_TOO_LOW",
)
_NOT_TLS = ("HTTP_REQUEST", "HTTPS_PROXY_REQUEST", "UNEXPECTED_MESSAGE", "WRONG_VERSION_NUMBER")
_IT_REFUSES_OURS = (
    "SSLV3_ALERT_BAD_CERTIFICATE",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED",
    "SSLV3_ALERT_CERTIFICATE_REVOKED",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
    "TLSV1_ALERT_ACCESS_DENIED",
    "TLSV1_ALERT_UNKNOWN_CA",
)
_NOT_YET_VALID, _EXPIRED = 9, 10
"""OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED."""


def cause_of(error: ssl.SSLError) -> Cause:
    """Why a TLS handshake failed, as far as our side can know."""
    if isinstance(error, ssl.SSLCertVerificationError):
        is_timely = error.verify_code not in (_NOT_YET_VALID, _EXPIRED)
        return Cause.CERTIFICATE_FOREIGN if is_timely else Cause.CERTIFICATE_EXPIRED
    reason = error.reason or ""
    if reason in _NOT_TLS:
        return Cause.NOT_TLS
    if reason in _OLD:
        return Cause.TLS_VERSION
    return Cause.SERVER_CERTIFICATE_REFUSED if reason in _IT_REFUSES_OURS else Cause.TLS_FAILED


class TlsStationSocket(StationSocket):
    """A StationSocket that begins with a TLS handshake; until that is over, it has no transport."""

    _bare_is_there = False
    _bare_is_gone = False

    def __init__(
        self, *args: Any, context: ssl.SSLContext, admission: Admission, diagnosis: Diagnosis, **options: Any
    ) -> None:
        super().__init__(*args, admission=admission, diagnosis=diagnosis, **options)
        self._context = context

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called twice: with what the listener accepted, then with what is encrypted. The websocket begins there."""
        if self._bare_is_there:
            super().connection_made(transport)
        else:
            self._bare_is_there = True
            self._take_over(cast(asyncio.Transport, transport))

    def connection_lost(self, exc: Exception | None) -> None:
        """Called first for the transport that was given up."""
        if self._bare_is_gone:
            super().connection_lost(exc)
        else:
            self._bare_is_gone = True

    def abort(self) -> None:
        """Let it go before it has said anything."""
        self._encrypting.cancel()

    def _take_over(self, bare: asyncio.Transport) -> None:
        """The socket without its transport, which may read the first words of TLS before anything can stop it."""
        self.address = address_of(bare)
        accepted: socket.socket = bare.get_extra_info("socket")
        own = socket.fromfd(accepted.fileno(), accepted.family, accepted.type)
        own.setblocking(False)
        bare.abort()
        opening = Opening(self.address, self._admission.clock.monotonic(), self)
        self._encrypting = self.loop.create_task(self._encrypt(own, opening), name="TLS handshake")
        let_go = self._admission.opened(opening)
        if let_go is not None:
            self._diagnosis.failed(Cause.TOO_MANY_CONNECTIONS, address=let_go.address)

    async def _encrypt(self, own: socket.socket, opening: Opening) -> None:
        try:
            await self.loop.connect_accepted_socket(
                lambda: self, own, ssl=self._context, ssl_handshake_timeout=HANDSHAKE_TIMEOUT_S
            )
        except ssl.SSLError as error:
            detail = getattr(error, "verify_message", None) or error.reason or ""
            self._diagnosis.failed(cause_of(error), address=self.address, detail=detail)
        except ConnectionAbortedError:  # how the timeout is told
            self._diagnosis.failed(Cause.TOO_SLOW, address=self.address)
        except OSError:
            pass  # opened and closed without a word: a health check, or a station that lost its network
        finally:
            self._admission.said_something(opening)


def tls_socket_factory(
    context: ssl.SSLContext, admission: Admission, diagnosis: Diagnosis
) -> Callable[..., TlsStationSocket]:
    """What `serve` makes connections of the TLS listener with; the listener itself does not encrypt."""

    def create(*args: Any, **options: Any) -> TlsStationSocket:
        return TlsStationSocket(*args, context=context, admission=admission, diagnosis=diagnosis, **options)

    return create

"""A station's websocket from the first byte: it remembers what its handshake settled, and tells why it failed."""

import asyncio
from collections.abc import Callable
from typing import Any, cast

from websockets.datastructures import Headers
from websockets.exceptions import InvalidHandshake, InvalidMessage

from csms.gateway.admission import Admission, Opening
from csms.gateway.credentials import Credentials
from csms.gateway.diagnosis import Diagnosis
from csms.gateway.pushing import PushingSocket
from csms.gateway.subprotocols import Agreed
from csms.stations.doctor import Cause
from csms.stations.service import StationAccess

_SWITCHING = 101
_NO_HEADERS = Headers()


class StationSocket(PushingSocket):
    """One connection. `refused` is set once a refusal has been noted, so that it is noted once."""

    access: StationAccess
    agreed: Agreed
    credentials: Credentials
    refused = False
    address = ""
    _opening: Opening | None = None

    def __init__(self, *args: Any, admission: Admission, diagnosis: Diagnosis, **options: Any) -> None:
        super().__init__(*args, **options)
        self._admission = admission
        self._diagnosis = diagnosis

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Counted from here until the request is complete (TR_07)."""
        super().connection_made(transport)
        self.address = address_of(transport)
        self._opening = Opening(self.address, self._admission.clock.monotonic(), cast(asyncio.Transport, transport))
        let_go = self._admission.opened(self._opening)
        if let_go is not None:
            self._diagnosis.failed(Cause.TOO_MANY_CONNECTIONS, address=let_go.address)

    async def handshake(self, *args: Any, **options: Any) -> None:
        """As websockets has it; what ends it before anybody was asked is noted."""
        try:
            await super().handshake(*args, **options)
        except asyncio.CancelledError:
            if not self.refused:
                self._diagnosis.failed(Cause.TOO_SLOW, address=self.address)
            raise
        finally:
            self.said_something()
        self._note_failure()

    def said_something(self) -> None:
        """Its request is complete, or it is gone."""
        if self._opening is not None:
            self._admission.said_something(self._opening)

    def forget_headers(self) -> None:
        """Nobody asks for what the handshake's messages said any more; it is a fifth of an idle connection."""
        for message in (self.request, self.response):
            if message is not None:
                message.headers = _NO_HEADERS

    def _note_failure(self) -> None:
        if self.refused or (self.response is not None and self.response.status_code == _SWITCHING):
            return
        error = self.protocol.handshake_exc
        if isinstance(error, InvalidMessage) and isinstance(error.__cause__, EOFError):
            return  # opened and closed without a word: a health check
        if isinstance(error, InvalidHandshake) and self.request is not None:
            self._diagnosis.failed(Cause.NOT_WEBSOCKET, address=self.address, detail=str(error))
        elif error is not None:
            self._diagnosis.failed(Cause.NOT_HTTP, address=self.address)


def address_of(transport: asyncio.BaseTransport) -> str:
    """The network address at the other end; "" where there is none."""
    peer: Any = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""


def socket_factory(admission: Admission, diagnosis: Diagnosis) -> Callable[..., StationSocket]:
    """What `serve` makes connections with."""

    def create(*args: Any, **options: Any) -> StationSocket:
        return StationSocket(*args, admission=admission, diagnosis=diagnosis, **options)

    return create

"""From a station's request to its durable answer: one unit of work per request, told to the station only after it.

The unit holds the handler's changes, the archived exchange with its answer, and the news. Whatever goes wrong in it
is a CALLERROR to the station, which keeps what it said and asks again; nothing is ever acknowledged and not kept.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextvars import Context
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import orjson
import structlog
from sqlalchemy.exc import DBAPIError

from csms import metrics
from csms.gateway.archive import frame_row, keep_frame, keep_frame_soon
from csms.gateway.context import Services, Station
from csms.ocpp.errors import ErrorCode, wire_code
from csms.ocpp.frames import Call
from csms.ocpp.rpc import RpcPeer
from csms.ocpp.version import OcppVersion
from csms.stations.ref import StationRef
from csms.stations.service import seen
from csms.work import Work, context_beside
from models import Registration

log = structlog.get_logger(__name__)

Payload = dict[str, Any]
_ESCAPED_NUL = "\\u0000"


class Exchange:
    """One request of a station on its way to an answer; what handlers are given."""

    __slots__ = ("call", "peer", "prepared", "received", "received_at", "ref", "seen", "services", "station")

    def __init__(self, call: Call, peer: RpcPeer, station: Station, services: Services, received: float) -> None:
        self.call = call
        self.peer = peer
        self.station = station
        self.ref: StationRef = station.ref
        self.services = services
        self.received = received
        """Monotonic seconds."""
        self.received_at: datetime = services.clock.now()
        self.prepared: Any = None
        """What `prepare` of the route found out for the handler."""
        self.seen = False
        """Persist with it that the station gave a sign of life."""

    def run(self, handle: "Handler", work: Work) -> "str | Awaitable[str]":
        """The unit of work: handle, archive, answer. Changes nothing outside `work`, for it may run twice."""
        answer = handle(self, self.call.payload, work)
        if isinstance(answer, dict):
            return self._finish(answer, work)
        return self._finish_later(answer, work)

    async def _finish_later(self, answer: Awaitable[Payload], work: Work) -> str:
        return self._finish(await answer, work)

    def _finish(self, answer: Payload, work: Work) -> str:
        text = self.peer.answer_text(self.call, answer) if self.call.expects_answer else ""
        if self.seen:
            seen(work, self.ref, self.received_at)
        keep_frame(work, self.ref, self.row(text or None, "result"))
        return text

    def row(self, answer_text: str | None, outcome: str) -> dict[str, Any]:
        """This exchange as archived."""
        call = self.call
        return frame_row(
            self.ref,
            at=self.received_at,
            from_station=True,
            message_id=str(call.message_id),
            action=call.action,
            text=call.text,
            answer_text=answer_text,
            outcome=outcome,
            latency_ms=round((self.services.clock.monotonic() - self.received) * 1000, 3),
        )


Handler = Callable[[Exchange, Payload, Work], "Payload | Awaitable[Payload]"]
"""Takes a valid request, does its work in the unit, returns the answer. Never raises for what a station may send."""


@dataclass(frozen=True, slots=True)
class Route:
    """How one action is served.

    `prepare` may wait for what the handler needs, before the unit of work; None from it: there is nothing to wait for.
    """

    handle: Handler
    prepare: Callable[[Exchange], Awaitable[None] | None] | None = None
    otherwise: Callable[[Exchange], Payload] | None = None
    """The answer while the database cannot be reached, for requests that nobody will repeat; it is not kept."""


Answered = Callable[[list[str]], None]
"""Takes the texts that answer a request, once they are durable."""


class Dispatcher:
    """Answers the requests of all stations by the routes of each version."""

    def __init__(self, services: Services, routes: Mapping[OcppVersion, Mapping[str, Route]]) -> None:
        self._services = services
        self._routes = routes
        self._answered = {
            action: metrics.messages.labels(action=action, outcome="result")
            for table in routes.values()
            for action in table
        }

    def serve(self, exchange: Exchange, context: Context, answered: Answered) -> None:
        """Serve one request in a context for units; `answered` is called in every case, at once or later."""
        call = exchange.call
        route = self._routes[exchange.station.version].get(call.action)
        if route is None:  # TR_47
            text = f"{call.action} is not served here"
            return answered(self._refuse(exchange, ErrorCode.NOT_SUPPORTED, text))
        if not _is_welcome(exchange.station, call.action):
            return answered(self._refuse(exchange, ErrorCode.SECURITY_ERROR, _why_unwelcome(exchange.station)))
        if _ESCAPED_NUL in call.text:
            exchange.call = _without_nul(call)
        preparing = None if route.prepare is None else route.prepare(exchange)
        if preparing is None:
            self._submit(exchange, route, context, answered)
        else:
            preparation = self._prepare(preparing, exchange, route, context, answered)
            self._services.background.spawn(preparation, context_beside(context))

    async def _prepare(
        self, preparing: Awaitable[None], exchange: Exchange, route: Route, context: Context, answered: Answered
    ) -> None:
        try:
            await preparing
        except Exception as error:
            return answered(self._failed(exchange, error))
        self._submit(exchange, route, context, answered)

    def _submit(self, exchange: Exchange, route: Route, context: Context, answered: Answered) -> None:
        def committed(text: str, error: BaseException | None) -> None:
            if error is not None:
                return answered(self._failed(exchange, error))
            self._answered[exchange.call.action].inc()
            answered(exchange.peer.settle(exchange.call, text))

        try:
            self._services.committer.submit(partial(exchange.run, route.handle), context, committed)
        except RuntimeError as error:  # we are going down
            answered(self._failed(exchange, error))

    def _failed(self, exchange: Exchange, error: BaseException) -> list[str]:
        call, peer = exchange.call, exchange.peer
        log.error("request not served", action=call.action, station=exchange.ref.identity, exc_info=error)
        route = self._routes[exchange.station.version][call.action]
        if route.otherwise is not None and isinstance(error, DBAPIError | OSError):
            return peer.settle(call, peer.answer_text(call, route.otherwise(exchange)))
        return self._refuse(exchange, ErrorCode.INTERNAL_ERROR, "The request could not be served; try again")

    def _refuse(self, exchange: Exchange, code: ErrorCode, description: str) -> list[str]:
        call, peer = exchange.call, exchange.peer
        metrics.messages.labels(action=call.action, outcome="refused").inc()
        texts = peer.refuse(call, code, description)
        row = exchange.row(texts[0] if texts else None, wire_code(code, peer.version))
        keep_frame_soon(self._services, exchange.ref, row)
        return texts


def _is_welcome(station: Station, action: str) -> bool:
    """TR_90 to TR_93: before it is accepted a station registers, and sends what it was asked for, nothing else."""
    if station.registration == Registration.ACCEPTED or action == "BootNotification":
        return True
    if station.registration != Registration.PENDING:
        return False
    return station.triggered is not None and action in station.triggered


def _why_unwelcome(station: Station) -> str:
    return f"The registration of this station is {station.registration}; send a BootNotification first"


def _without_nul(call: Call) -> Call:
    """PostgreSQL keeps no NUL in text, so a message with one would fail for ever: handled without, archived with."""
    payload: Payload = orjson.loads(orjson.dumps(call.payload).replace(_ESCAPED_NUL.encode(), b""))
    return Call(call.message_id, call.action, payload, call.text, call.expects_answer)

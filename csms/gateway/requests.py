"""What we ask of one station: deadlines, outcomes and the archive around RpcPeer's queue (TR_60 to TR_62)."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from csms.cause import current_cause
from csms.errors import (
    InvalidInputError,
    StationBusyError,
    StationError,
    StationOfflineError,
    StationTimeoutError,
    UnsupportedActionError,
)
from csms.gateway.archive import frame_row, keep_frame, keep_frame_soon
from csms.gateway.context import Services, Station
from csms.ocpp.errors import QueueFullError, SchemaViolationError, UnknownActionError
from csms.ocpp.events import Answered
from csms.ocpp.frames import CallError, CallResult, encode_error, encode_result
from csms.ocpp.requests import Request
from csms.ocpp.rpc import RpcPeer
from csms.work import Work
from models.scope import tenant_scope

log = structlog.get_logger(__name__)

Learn = Callable[[Work, dict[str, Any]], Coroutine[Any, Any, None]]
"""Stores what an answer taught us, in the unit of work that archives it."""


@dataclass(frozen=True, slots=True)
class Question:
    """A request as the operator's side sees it."""

    action: str
    payload: dict[str, Any]
    priority: int
    timeout_s: float
    validate: bool = True
    learn: Learn | None = None
    learns_from_odd: bool = False
    """Whether `learn` can read an answer that breaks its schema, too."""


@dataclass(slots=True)
class _Asked:
    future: "asyncio.Future[CallResult | CallError]"
    at: datetime
    cause_id: str | None
    learn: Learn | None
    learns_from_odd: bool
    late: Callable[[CallResult | CallError], None] | None = None
    """Told the answer when it comes after all (TR_52)."""
    came_late: CallResult | CallError | None = None


class Requests:
    """The requests to one station."""

    __slots__ = ("_peer", "_rest", "_rests_until", "_send_now", "_services", "_station", "_timer")

    def __init__(self, peer: RpcPeer, station: Station, services: Services, send_now: Callable[[str], None]) -> None:
        self._peer = peer
        self._station = station
        self._services = services
        self._send_now = send_now
        self._timer: asyncio.TimerHandle | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._rests_until = 0.0

    async def call(self, question: Question) -> CallResult | CallError:
        """Ask, wait for the answer, at most `timeout_s` in all.

        Raises UnsupportedActionError, InvalidInputError or StationBusyError (not sent), StationOfflineError (not sent,
        the connection closed) and StationTimeoutError (sent, the outcome is unknown).
        """
        future: asyncio.Future[CallResult | CallError] = asyncio.get_running_loop().create_future()
        asked = _Asked(future, self._services.clock.now(), current_cause(), question.learn, question.learns_from_odd)
        try:
            self._peer.ask(
                question.action,
                question.payload,
                now=self._services.clock.monotonic(),
                timeout_s=question.timeout_s,
                priority=question.priority,
                validate=question.validate,
                context=asked,
            )
        except UnknownActionError as error:
            raise UnsupportedActionError(str(error)) from error
        except SchemaViolationError as error:
            raise InvalidInputError(f"{question.action} is not valid: {error.description}") from error
        except QueueFullError as error:
            raise StationBusyError("Too many requests already wait for this station") from error
        self._advance()
        return await future

    def answered(self, event: Answered) -> None:
        """The station answered: archive, learn, then tell whoever waits."""
        with tenant_scope(self._station.ref.tenant_id):
            self._services.background.spawn(self._settle(event))
        if event.reply is not None:
            self._send_now(event.reply)
        self._rests_until = self._services.clock.monotonic() + self._station.quirks.message_interval_s
        self._advance()

    def abandon(self) -> None:
        """The socket is gone. What was sent may have been done; what was not sent was not."""
        for request in self._peer.abandon():
            if request.sent_at is None:
                self._fail(request, StationOfflineError("The connection closed before the request was sent"), None)
            else:
                text = "The connection closed before the station answered; it may have acted"
                self._fail(request, StationTimeoutError(text), "lost")
        self._arm()

    def _advance(self) -> None:
        now = self._services.clock.monotonic()
        if now < self._rests_until:
            self._advance_later(self._rests_until - now)
        elif (request := self._peer.next_request(now)) is not None:
            self._send_now(request.text)
        self._arm()

    def _advance_later(self, delay_s: float) -> None:
        """Its make needs a pause between our requests."""
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(delay_s, self._advance)

    def _arm(self) -> None:
        """One timer, and only while something is unanswered."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        deadline = self._peer.next_deadline
        if deadline is not None:
            delay = max(0.0, deadline - self._services.clock.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay, self._on_deadline)

    def _on_deadline(self) -> None:
        for request in self._peer.expire(self._services.clock.monotonic()):
            if request.sent_at is None:
                self._fail(request, StationBusyError("Other requests to this station took too long; not sent"), None)
            else:
                text = f"The station did not answer {request.action} within {request.timeout_s:g} s; it may have acted"
                self._fail(request, StationTimeoutError(text, partial(_tell_late, request.context)), "timeout")
        self._advance()

    def _fail(self, request: Request, error: StationError, outcome: str | None) -> None:
        asked: _Asked = request.context
        if outcome is not None:
            keep_frame_soon(self._services, self._station.ref, self._row(request, None, outcome))
        if not asked.future.done():
            asked.future.set_exception(error)

    async def _settle(self, event: Answered) -> None:
        asked: _Asked = event.request.context
        row = self._row(event.request, _text_of(event.answer), _outcome_of(event))

        async def unit(work: Work) -> None:
            keep_frame(work, self._station.ref, row)
            is_readable = event.violation is None or asked.learns_from_odd
            if asked.learn is not None and isinstance(event.answer, CallResult) and is_readable:
                await asked.learn(work, event.answer.payload)

        try:
            await self._services.committer.run(unit)
        except Exception:
            log.exception("answer not archived", action=event.request.action, station=self._station.ref.identity)
        if not asked.future.done():
            asked.future.set_result(event.answer)
        elif event.late:
            asked.came_late = event.answer
            if asked.late is not None:
                asked.late(event.answer)

    def _row(self, request: Request, answer_text: str | None, outcome: str) -> dict[str, Any]:
        asked: _Asked = request.context
        sent_at = request.asked_at if request.sent_at is None else request.sent_at
        return frame_row(
            self._station.ref,
            at=asked.at,
            from_station=False,
            message_id=request.message_id,
            action=request.action,
            text=request.text,
            answer_text=answer_text,
            outcome=outcome,
            latency_ms=round((self._services.clock.monotonic() - sent_at) * 1000, 3),
            cause_id=asked.cause_id,
        )


def _tell_late(asked: _Asked, listener: Callable[[CallResult | CallError], None]) -> None:
    asked.late = listener
    if asked.came_late is not None:  # while the outcome was being written down
        listener(asked.came_late)


def _text_of(answer: CallResult | CallError) -> str:
    if isinstance(answer, CallResult):
        return encode_result(answer.message_id, answer.payload)
    return encode_error(answer.message_id, answer.code, answer.description, answer.details)


def _outcome_of(event: Answered) -> str:
    if event.late:
        return "late"
    if isinstance(event.answer, CallError):
        return event.answer.code or "error"
    return "result" if event.violation is None else "invalid result"

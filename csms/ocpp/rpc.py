"""One side of an OCPP-J connection as a value: text in, events out; requests in, text out (OCPP-J section 4).

`RpcPeer` touches no socket and no clock. Whoever holds the socket passes received text and the time in, and
sends what comes out.
"""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from csms.ocpp.actions import DATED, UNANSWERED
from csms.ocpp.errors import ErrorCode, FrameError, SchemaViolationError, UnknownActionError, wire_code
from csms.ocpp.events import Answered, Event, Ignored, Received, Reply
from csms.ocpp.frames import (
    UNREADABLE_ID,
    Call,
    CallError,
    CallResult,
    OtherFrame,
    encode_call,
    encode_error,
    encode_result,
    encode_result_error,
    parse_frame,
)
from csms.ocpp.memory import AnswerMemory, BriefMemory
from csms.ocpp.requests import Priority, Request, RequestQueue
from csms.ocpp.rules import Role, rules_of
from csms.ocpp.version import OcppVersion

__all__ = [
    "AnswerMemory",
    "Answered",
    "Event",
    "Ignored",
    "Priority",
    "Received",
    "Reply",
    "Request",
    "Role",
    "RpcPeer",
]


class RpcPeer:
    """One connection, seen from one side.

    version, role: what was agreed in the handshake, and which side we are. memory: the station's, from
    connection to connection; without one, answers are remembered for this connection only. new_id: makes
    message ids, unique over all connections of the station. repair: makes of a call that breaks its schema one that
    can be served, or None (TR_50); the frame's text stays what it was.
    """

    __slots__ = (
        "_brief",
        "_in_hand",
        "_memory",
        "_new_id",
        "_now",
        "_repair",
        "_requests",
        "_rules",
        "malformed_in_a_row",
        "role",
        "version",
    )

    def __init__(
        self,
        version: OcppVersion,
        role: Role,
        *,
        memory: AnswerMemory | None = None,
        max_queued: int = 64,
        new_id: Callable[[], str] | None = None,
        repair: Callable[[Call], Call | None] | None = None,
    ) -> None:
        self.version = version
        self.role = role
        self.malformed_in_a_row = 0
        self._rules = rules_of(version, role)
        self._memory = memory or AnswerMemory()
        self._brief = BriefMemory()
        self._in_hand: dict[int, int] = {}  # hash of the frame -> how often it came again meanwhile
        self._requests = RequestQueue(max_queued)
        self._new_id = new_id or _uuid4
        self._repair = repair
        self._now = 0.0

    # ---- what the other side asks

    def receive(self, text: str | bytes, now: float) -> Event:
        """Take one frame in, whatever it holds; never raises. `now` is in seconds, monotonic."""
        try:
            if isinstance(text, bytes):
                text = _decoded(text)
            frame = parse_frame(text, self.version)
        except FrameError as error:
            return self._on_malformed(text, error)
        if isinstance(frame, OtherFrame):
            return Ignored(frame.reason)
        self.malformed_in_a_row = 0
        if isinstance(frame, Call):
            self._now = now
            return self._on_call(frame) if frame.expects_answer else self._on_send(frame)
        return self._on_answer(frame)

    def reply(self, call: Call, payload: dict[str, Any]) -> list[str]:
        """Answer a received call; returns the texts to send: one, and one more for each time the call was repeated.

        Raises SchemaViolationError if the answer breaks its schema; the call then still waits for its answer.
        """
        return self.settle(call, self.answer_text(call, payload) if call.expects_answer else "")

    def answer_text(self, call: Call, payload: dict[str, Any]) -> str:
        """The text of an answer and nothing else: for those who must make it durable before they `settle`.

        Raises SchemaViolationError if the answer breaks its schema.
        """
        action = call.action
        if payload or action not in self._rules.accepts_empty:
            violation = self._rules.responses[action].violation(payload)
            if violation is not None:
                raise violation
        return encode_result(call.message_id, payload)

    def settle(self, call: Call, text: str) -> list[str]:
        """Take `text` for the answer to a received call: it is remembered; returns the texts to send, as `reply`."""
        key = hash(call.text)
        repeated = self._in_hand.pop(key, 0)
        if not call.expects_answer:
            return []
        kept = "" if text.endswith(",{}]") else text  # an empty answer is as easily written anew
        if call.action in DATED:
            self._memory.remember(key, kept)
        else:
            self._brief.remember(key, kept, self._now)
        return [text] * (1 + repeated)

    def refuse(self, call: Call, code: ErrorCode, description: str, details: dict[str, Any] | None = None) -> list[str]:
        """Answer a received call by a CALLERROR; returns the texts to send, as `reply` does.

        A refusal is not remembered: the station may ask again with the same message and be served.
        """
        repeated = self._in_hand.pop(hash(call.text), 0)
        if not call.expects_answer:
            return []
        text = encode_error(call.message_id, wire_code(code, self.version), description, details)
        return [text] * (1 + repeated)

    def _on_call(self, call: Call) -> Event:
        action = call.action
        schema = self._rules.inbound.get(action)
        if schema is None:
            return self._refuse_at_once(call, *self._rules.why_unserved(action))
        if action in UNANSWERED:
            return self._refuse_at_once(call, ErrorCode.NOT_SUPPORTED, "The action travels as SEND only")
        key = hash(call.text)
        earlier = self._memory.recall(key) if action in DATED else self._brief.recall(key, self._now)
        if earlier is not None:
            return Reply(earlier or encode_result(call.message_id, {}), None, call.text, action)
        if key in self._in_hand:  # TR_63: one execution, the same answer to both
            self._in_hand[key] += 1
            return Ignored("The same message is already being handled")
        violation = schema.violation(call.payload)
        if violation is not None:
            repaired = self._repair(call) if self._repair is not None else None
            if repaired is None:
                return self._refuse_at_once(call, violation.code, violation.description)
            call = repaired
        self._in_hand[key] = 0
        return Received(call)

    def _on_send(self, call: Call) -> Event:
        """TR_53: a SEND is never answered, not even when it is wrong."""
        schema = self._rules.inbound.get(call.action)
        if schema is None or call.action not in UNANSWERED:
            return Ignored("The action is not served as SEND")
        return Received(call) if schema.violation(call.payload) is None else Ignored("The SEND breaks its schema")

    def _refuse_at_once(self, call: Call, code: ErrorCode, description: str) -> Reply:
        spelled = wire_code(code, self.version)
        return Reply(encode_error(call.message_id, spelled, description), spelled, call.text, call.action)

    def _on_malformed(self, text: str | bytes, error: FrameError) -> Event:
        if not text.strip():  # some stations keep their connection alive by empty frames
            return Ignored("The frame is empty")
        self.malformed_in_a_row += 1
        unreadable_16 = self.version is OcppVersion.V16 and error.message_id is None  # TR_40: no code for it in 1.6
        if unreadable_16 or not error.answerable:
            return Ignored(error.reason)
        message_id = UNREADABLE_ID if error.message_id is None else error.message_id
        code = wire_code(ErrorCode.RPC_FRAMEWORK_ERROR, self.version)
        shown = text if isinstance(text, str) else text.decode(errors="replace")
        return Reply(encode_error(message_id, code, error.reason), code, shown)

    # ---- what we ask

    def ask(
        self,
        action: str,
        payload: dict[str, Any],
        *,
        now: float,
        timeout_s: float = 30.0,
        priority: int = Priority.NORMAL,
        validate: bool = True,
        context: Any = None,
    ) -> Request:
        """Queue a request; `timeout_s` counts from now, waiting included.

        With validate=False any action and payload goes out as it is. Raises UnknownActionError,
        SchemaViolationError, QueueFullError.
        """
        if validate:
            self._require_sendable(action, payload)
        message_id = self._new_id()
        request = Request(
            message_id=message_id,
            action=action,
            payload=payload,
            priority=priority,
            deadline=now + timeout_s,
            timeout_s=timeout_s,
            text=encode_call(message_id, action, payload),
            asked_at=now,
            context=context,
        )
        self._requests.add(request)
        return request

    def next_request(self, now: float) -> Request | None:
        """The request to send now, or None while another is unanswered or nothing waits."""
        return self._requests.next(now)

    def expire(self, now: float) -> list[Request]:
        """Requests, sent or waiting, whose deadline has passed. What became of a sent one is unknown."""
        return self._requests.expire(now)

    @property
    def next_deadline(self) -> float | None:
        """When `expire` will next have something to give up."""
        return self._requests.next_deadline()

    @property
    def pending(self) -> int:
        """How many requests are unanswered, waiting ones included."""
        return len(self._requests)

    def abandon(self) -> list[Request]:
        """The socket is gone: every unanswered request, the one on the wire first (its `sent_at` is set)."""
        return self._requests.abandon()

    def _on_answer(self, answer: CallResult | CallError) -> Event:
        found = self._requests.answered(answer.message_id)
        if found is None:  # TR_52
            return Ignored("Nobody asked for this answer")
        request, late = found
        if isinstance(answer, CallError):
            return Answered(request, answer, late)
        schema = self._rules.responses.get(request.action)
        violation = schema.violation(answer.payload) if schema is not None else None
        if violation is None:
            return Answered(request, answer, late)
        if not isinstance(answer.payload, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
            answer = CallResult(answer.message_id, {})
        return Answered(request, answer, late, violation, self._complaint(answer.message_id, violation))

    def _complaint(self, message_id: str | int, violation: SchemaViolationError) -> str | None:
        if self.version is not OcppVersion.V21:  # earlier versions have no message for it
            return None
        return encode_result_error(message_id, wire_code(violation.code, self.version), violation.description)

    def _require_sendable(self, action: str, payload: dict[str, Any]) -> None:
        schema = self._rules.outbound.get(action)
        if schema is None:
            raise UnknownActionError(f"{action} is no request a {self.role} sends in OCPP {self.version.value}")
        violation = schema.violation(payload)
        if violation is not None:
            raise violation


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise FrameError("The message is not UTF-8") from error


def _uuid4() -> str:
    return str(uuid4())

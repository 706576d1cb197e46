"""Replays an exported frame log against a central system: says what a station once said, answers as it once answered.

What the central system asks now is answered by what the station answered to the same action then, in order; what it
never was asked is refused.
"""

import asyncio
import base64
from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import orjson
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

ANSWER_TIMEOUT_S = 30.0
Message = list[Any]


@dataclass(slots=True)
class Recording:
    """What is in an export."""

    identity: str
    version: str
    said: list[str] = field(default_factory=list[str])
    """Frames the station began, in order, as it sent them."""
    answers: dict[str, deque[Message]] = field(default_factory=lambda: defaultdict[str, deque[Message]](deque))
    """What it answered, by action."""


@dataclass(slots=True)
class Replay:
    """What came of it: each frame with its answer; None where there was none, as for what is no message."""

    exchanges: list[tuple[str, Message | None]] = field(default_factory=list[tuple[str, Message | None]])
    asked: list[str] = field(default_factory=list[str])
    """Actions the central system asked meanwhile."""


def read_recording(lines: Iterable[str]) -> Recording:
    """Read an export. Raises ValueError for what is none."""
    documents = [orjson.loads(line) for line in lines if line.strip()]
    if not documents or "station" not in documents[0]:
        raise ValueError("An export begins with a line about its station")
    recording = Recording(documents[0]["station"], documents[0].get("ocpp") or "1.6")
    for document in documents[1:]:
        if document["from"] == "station":
            recording.said.append(document["frame"])
        elif document.get("answer"):
            recording.answers[document["action"]].append(orjson.loads(document["answer"]))
    return recording


async def replay(recording: Recording, url: str, *, identity: str | None = None, password: str | None = None) -> Replay:
    """Connect as the station and say it all again, one message after the other. Raises OSError, WebSocketException."""
    name = identity or recording.identity
    credentials = base64.b64encode(f"{name}:{password}".encode()).decode()
    async with connect(
        f"{url.rstrip('/')}/{quote(name, safe='')}",
        subprotocols=[Subprotocol(f"ocpp{recording.version}")],
        additional_headers={} if password is None else {"Authorization": f"Basic {credentials}"},
        ping_interval=None,
        compression=None,
        proxy=None,
    ) as socket:
        return await _say(recording, socket)


async def _say(recording: Recording, socket: ClientConnection) -> Replay:
    outcome = Replay()
    answers: asyncio.Queue[Message] = asyncio.Queue()
    reader = asyncio.create_task(_read(recording, socket, answers, outcome))
    try:
        for text in recording.said:
            await socket.send(text)
            message_id = _id_of(text)
            answer = None if message_id is None else await _answer_to(message_id, answers)
            outcome.exchanges.append((text, answer))
    finally:
        reader.cancel()
    return outcome


async def _read(
    recording: Recording, socket: ClientConnection, answers: "asyncio.Queue[Message]", outcome: Replay
) -> None:
    try:
        async for text in socket:
            message: Message = orjson.loads(text)
            if message[0] != 2:
                answers.put_nowait(message)
                continue
            outcome.asked.append(message[2])
            known = recording.answers.get(message[2])
            if known:
                once = known.popleft()
                await socket.send(orjson.dumps([once[0], message[1], *once[2:]]).decode())
            else:
                await socket.send(orjson.dumps([4, message[1], "NotSupported", "Not in the recording", {}]).decode())
    except ConnectionClosed:
        pass


async def _answer_to(message_id: str | int, answers: "asyncio.Queue[Message]") -> Message | None:
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_S):
            while (answer := await answers.get())[1] not in (message_id, "-1"):
                pass
    except TimeoutError:
        return None
    return answer


def _id_of(text: str) -> str | int | None:
    """The id of a frame that will be answered; None for what is no CALL."""
    try:
        message: Any = orjson.loads(text)
        kind, message_id, _, _ = message
    except (orjson.JSONDecodeError, TypeError, ValueError):
        return None
    return message_id if kind == 2 else None

"""A websocket that hands on each message as it comes, without a task."""

import asyncio
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection, broadcast
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import OPEN, Event

try:
    from websockets.speedups import apply_mask
except ImportError:  # where websockets was installed without its C extension
    from websockets.utils import apply_mask

Take = Callable[[str | bytes], None]
_WHOLE_TEXT = 0x81
"""First byte of a text message in one frame, not compressed."""
_MASKED = 0x80
_IN_TWO_BYTES, _IN_EIGHT_BYTES = 126, 127
"""Lengths that say that the length follows."""


class PushingSocket(ServerConnection):
    """A websocket whose messages are pushed to whoever listens; nobody waits in `recv`.

    A reader's task costs a future, two turns of the loop and a wake-up for every message: as much as reading the frame.
    And nearly every frame is a whole text message: read here in one step, websockets' parser takes thirty. Whatever
    else comes (long messages in pieces, pings, closing, compression, nonsense) goes to that parser, frame by frame.
    """

    _take: Take | None = None
    _is_followed = True
    """We know where each frame begins."""
    _head = b""
    """The beginning of a frame, too short to tell its length."""
    _owed = 0
    """Bytes still to come of the frame that websockets is reading."""
    _parts: list[bytes] | None = None
    _kind = Opcode.TEXT

    async def listen(self, take: Take) -> None:
        """Hand every message to `take`, those that came before first, until the socket is closed.

        `take` must not wait and must not raise: text for a text message, bytes for a binary one.
        """
        try:
            while len(self.recv_messages.frames):
                take(await self.recv())
            self._take = take
        except ConnectionClosed:
            pass
        await self.wait_closed()

    def push(self, text: str) -> None:
        """Send a text message without waiting; nothing happens where the socket is not open."""
        protocol = self.protocol
        if protocol.extensions or self.send_in_progress is not None:
            return broadcast((self,), text)
        if protocol.state is OPEN:
            self.transport.write(_frame_of(text.encode()))

    def data_received(self, data: bytes) -> None:
        """Called by the event loop with what came: any number of frames, or a part of one."""
        if self.request is None:
            super().data_received(data)
            self._is_followed = data.endswith(b"\r\n\r\n")  # else it sends frames before it has its answer
            return
        if not self._is_followed:
            return super().data_received(data)
        if self._head:
            data, self._head = self._head + data, b""
        begin, end = 0, len(data)
        while begin < end:
            size = self._owed or _size_of(data, begin)
            if size is None:
                self._head = data[begin:]
                return
            frame = data[begin : begin + size]
            begin += size
            if self._owed or not self._take_whole(frame, size):
                self._owed = size - len(frame)
                super().data_received(frame)

    def _take_whole(self, frame: bytes, size: int) -> bool:
        """Hand on a frame that is a whole text message; False where it is anything else."""
        take, protocol = self._take, self.protocol
        if frame[0] != _WHOLE_TEXT or len(frame) < size or not frame[1] & _MASKED or take is None:
            return False
        if protocol.state is not OPEN or protocol.current_size is not None:  # closing; within a message in pieces
            return False
        payload = _payload_at(frame)
        if protocol.max_message_size is not None and size - payload > protocol.max_message_size:
            return False
        self._hand_on(Opcode.TEXT, apply_mask(frame[payload:], frame[payload - 4 : payload]), take)
        return True

    def process_event(self, event: Event) -> None:
        """Called by websockets with each frame; whole text messages go straight to the listener."""
        take = self._take
        if take is None or not isinstance(event, Frame):
            super().process_event(event)
        elif event.opcode is Opcode.TEXT and event.fin:
            self._hand_on(Opcode.TEXT, bytes(event.data), take)
        elif event.opcode in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            self._assemble(event, take)
        else:
            super().process_event(event)

    def _assemble(self, frame: Frame, take: Take) -> None:
        """A message in several frames; websockets has checked their order and bounds their sum."""
        if frame.opcode is not Opcode.CONT:
            self._kind, self._parts = frame.opcode, []
        parts = self._parts if self._parts is not None else []
        parts.append(bytes(frame.data))
        if frame.fin:
            self._parts = None
            self._hand_on(self._kind, b"".join(parts), take)

    def _hand_on(self, kind: Opcode, data: bytes, take: Take) -> None:
        if kind is Opcode.BINARY:
            return take(data)
        try:
            text = data.decode()
        except UnicodeDecodeError:
            self._closing = asyncio.create_task(self.close(CloseCode.INVALID_DATA, "The message is not UTF-8"))
            return
        take(text)


def _size_of(data: bytes, begin: int) -> int | None:
    """The bytes of the frame that begins there, head included; None while its head is not complete (RFC 6455, 5.2)."""
    have = len(data) - begin
    if have < 2:
        return None
    length, mask = data[begin + 1] & ~_MASKED, 4 if data[begin + 1] & _MASKED else 0
    if length < _IN_TWO_BYTES:
        return 2 + mask + length
    if length == _IN_TWO_BYTES:
        return None if have < 4 else 4 + mask + int.from_bytes(data[begin + 2 : begin + 4], "big")
    return None if have < 10 else 10 + mask + int.from_bytes(data[begin + 2 : begin + 10], "big")


def _payload_at(frame: bytes) -> int:
    """Where the payload of a masked frame begins."""
    length = frame[1] & ~_MASKED
    return 6 if length < _IN_TWO_BYTES else 8 if length == _IN_TWO_BYTES else 14


def _frame_of(payload: bytes) -> bytes:
    """A whole text message as a server sends it."""
    length = len(payload)
    if length < _IN_TWO_BYTES:
        return bytes((_WHOLE_TEXT, length)) + payload
    if length < 1 << 16:
        return bytes((_WHOLE_TEXT, _IN_TWO_BYTES)) + length.to_bytes(2, "big") + payload
    return bytes((_WHOLE_TEXT, _IN_EIGHT_BYTES)) + length.to_bytes(8, "big") + payload

"""A websocket that hands on each message as it comes, without a task."""

import asyncio
from collections.abc import Callable

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Event

Take = Callable[[str | bytes], None]


class PushingSocket(ServerConnection):
    """A websocket whose messages are pushed to whoever listens; nobody waits in `recv`.

    A reader's task costs a future, two turns of the loop and a wake-up for every message: as much as reading the frame.
    """

    _take: Take | None = None
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

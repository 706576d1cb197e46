"""How much a request may send: forms are short, and nothing that pages take is long."""

from typing import Any, Final, cast

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pages.web.gate import PUBLIC

OF_A_STRANGER: Final = 64 * 1024
"""Bytes where nobody has signed in: the forms of the door."""
MOST: Final = 5_000_000
"""Bytes anywhere else; the largest is a file of cards."""
_TOO_LARGE: Final = "The request is larger than any that is taken here."


class BodyLimit:
    """Refuses a body that is too long, also one that does not say how long it is."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most = OF_A_STRANGER if scope["path"] in PUBLIC else MOST
        told = Headers(scope=scope).get("content-length", "0")
        if told.isdigit() and int(told) > most:
            await PlainTextResponse(f"{_TOO_LARGE}\n", 413)(scope, receive, send)
            return
        began = False

        async def say(message: Message) -> None:
            nonlocal began
            began = True
            await send(message)

        try:
            await self._app(scope, _limited(receive, most), say)
        except HTTPException as error:
            if began or error.status_code != 413:
                raise
            await PlainTextResponse(f"{_TOO_LARGE}\n", 413)(scope, receive, send)


def _limited(receive: Receive, most: int) -> Receive:
    taken = 0

    async def take() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(cast(bytes, message.get("body", b"")))
        if taken > most:
            raise HTTPException(413, _TOO_LARGE)
        return cast("dict[str, Any]", message)

    return take

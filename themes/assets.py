"""Static files that never change under one address: published by folder, named by content, compressed once."""

import asyncio
import gzip
import hashlib
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

PREFIX: Final = "/_voltdeck"
_YEAR: Final = b"public, max-age=31536000, immutable"
_published: Final[dict[str, StaticFiles]] = {}


def publish(name: str, folder: Path) -> str:
    """Make `folder` reachable once `serve()` has run; returns its address, which changes with the content."""
    version = _fingerprint(folder)
    _published[f"{name}-{version}"] = StaticFiles(directory=folder)
    return f"{PREFIX}/{name}-{version}"


def serve(app: Starlette) -> None:
    """Add the published folders to `app`; call it before NiceGUI is mounted at the root."""

    async def published_file(request: Request) -> Response:
        files = _published.get(request.path_params["folder"])
        if files is None:
            raise HTTPException(404)
        response = await files.get_response(request.path_params["path"], request.scope)
        response.headers["Cache-Control"] = _YEAR.decode()
        return response

    app.add_route(PREFIX + "/{folder}/{path:path}", published_file, methods=["GET", "HEAD"])


class PrecompressedAssets:
    """Outermost ASGI layer that compresses each immutable asset once, in a thread, and then answers from memory.

    Compressing on every visit, as middleware does, would hold up the event loop for about 0.1 s per new visitor.
    """

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...] = ("/_nicegui/", f"{PREFIX}/"), most: int = 512) -> None:
        self._app = app
        self._prefixes = prefixes
        self._most = most
        self._ready: dict[str, list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._answers(scope):
            await self._app(scope, receive, send)
            return
        path: str = scope["path"]
        messages = self._ready.get(path) or await self._compress(path, scope)
        for message in messages:
            await send({**message})  # a copy: layers around us add headers of their own, once per visit

    def _answers(self, scope: Scope) -> bool:
        if scope["type"] != "http" or scope["method"] != "GET":
            return False
        path: str = scope["path"]
        if not path.startswith(self._prefixes) or "/dynamic_resources/" in path or "/auto/" in path:
            return False
        headers = dict(scope["headers"])
        # Only the canonical spelling of a path is kept, or endless aliases of one file would fill the memory.
        plain = "//" not in path and "/." not in path
        return plain and b"range" not in headers and b"gzip" in headers.get(b"accept-encoding", b"")

    async def _compress(self, path: str, scope: Scope) -> list[Message]:
        start, body = await self._ask(scope)
        headers: list[tuple[bytes, bytes]] = [(key.lower(), value) for key, value in start["headers"]]
        if start["status"] != 200:
            return [start, {"type": "http.response.body", "body": body}]
        kept = [pair for pair in headers if pair[0] in (b"content-type", b"cache-control", b"etag", b"last-modified")]
        if _compressible(dict(headers).get(b"content-type", b"")) and len(body) > 500:
            body = await asyncio.to_thread(gzip.compress, body, 9)
            kept += [(b"content-encoding", b"gzip"), (b"vary", b"Accept-Encoding")]
        kept.append((b"content-length", str(len(body)).encode()))
        messages: list[Message] = [
            {"type": "http.response.start", "status": 200, "headers": kept},
            {"type": "http.response.body", "body": body},
        ]
        if len(self._ready) < self._most:
            self._ready[path] = messages
        return messages

    async def _ask(self, scope: Scope) -> tuple[Message, bytes]:
        """The whole answer of the app behind us, uncompressed and unconditional.

        The visitor may leave meanwhile. The app is not told, for it would stop in the middle, and half a file would be
        kept for everybody.
        """
        skip = (b"accept-encoding", b"if-none-match", b"if-modified-since")
        plain = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] not in skip]}
        started: list[Message] = []
        chunks: list[bytes] = []

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.append(message)
            else:
                chunks.append(message.get("body", b""))

        await self._app(plain, _patient(), collect)
        return started[0], b"".join(chunks)


def _patient() -> Receive:
    """A visitor who asks once, with an empty body, and then waits as long as it takes."""
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if asked:
            await asyncio.Event().wait()
        asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    return receive


def _compressible(content_type: bytes) -> bool:
    return not content_type.startswith((b"font/", b"image/png", b"image/jpeg", b"image/webp"))


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]

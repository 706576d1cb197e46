"""Headers that tell browsers what our pages never do."""

from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csms.config import Settings

_PLAIN: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
}


class SecurityHeaders:
    """Adds them to every answer that does not bring its own; what may be kept says so itself."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self._app = app
        self._headers = {**_PLAIN, "Content-Security-Policy": page_policy(settings.map_tile_url)}
        if settings.secure_cookies:
            subdomains = "; includeSubDomains" if settings.hsts_subdomains else ""
            self._headers["Strict-Transport-Security"] = "max-age=31536000" + subdomains

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, say)


def page_policy(tile_url: str | None) -> str:
    """What a dashboard page may load. Vue compiles its templates in the browser, hence `unsafe-eval`."""
    images = " ".join(["'self'", "data:", "blob:", *_tile_origin(tile_url)])
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
        f"img-src {images}; connect-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
        "form-action 'self'"
    )


def _tile_origin(tile_url: str | None) -> list[str]:
    """`https://{s}.tile.example/…` means any subdomain."""
    if not tile_url:
        return []
    parts = urlsplit(tile_url.replace("{s}", "*"))
    return [f"{parts.scheme}://{parts.netloc}"] if parts.netloc else []

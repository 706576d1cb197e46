"""What machines ask: is it alive (`/healthz`), and how does it do (`/metrics`). Answered for any Host header."""

import hmac
from ipaddress import ip_address

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from csms.config import Settings
from pages.services import Services


class Probes:
    """Outermost layer: a probe comes by address, not by a tenant's name."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/healthz":
            await (await self._health())(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == "/metrics":
            await _metrics(scope, self._services.settings)(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _health(self) -> Response:
        try:
            await self._services.database.ping()
        except Exception:
            return PlainTextResponse("the database does not answer\n", 503)
        return PlainTextResponse("ok\n")


def _metrics(scope: Scope, settings: Settings) -> Response:
    if not may_scrape(scope, settings):
        return PlainTextResponse("not found\n", 404)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def may_scrape(scope: Scope, settings: Settings) -> bool:
    """The bearer of the metrics token; without one set, only this machine itself, and not through a proxy on it."""
    headers = Headers(scope=scope)
    if settings.metrics_token is not None:
        presented = headers.get("authorization", "").removeprefix("Bearer ")
        return hmac.compare_digest(presented.encode(), settings.metrics_token.get_secret_value().encode())
    forwarded = "forwarded" in headers or "x-forwarded-for" in headers
    return not forwarded and _is_loopback(scope)


def _is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False

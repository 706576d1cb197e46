"""What machines ask: is it alive (`/healthz`), how does it do (`/metrics`), may a certificate be got for a name
(`/internal/tls-ask`). Answered for any Host header."""

import hmac
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from csms.config import Settings
from csms.tenants.hostnames import bare_host
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
        elif scope["type"] == "http" and scope["path"] == "/internal/tls-ask":
            await (await self._may_have_certificate(scope))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _may_have_certificate(self, scope: Scope) -> Response:
        """For a proxy that gets certificates as names are asked for: yes to names that are ours alone."""
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1")).get("domain", [])
        if len(asked) != 1 or not may_ask(scope, self._services.settings):
            return PlainTextResponse("not found\n", 404)
        name, directory = bare_host(asked[0]), self._services.directory
        is_ours = name == bare_host(self._services.settings.platform_host) or directory.by_host(name) is not None
        if not is_ours and await directory.look_again(name) is None:
            return PlainTextResponse("nobody's\n", 404)
        return PlainTextResponse("ours\n")

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
    return not _is_forwarded(headers) and _is_loopback(scope)


def may_ask(scope: Scope, settings: Settings) -> bool:
    """A proxy of ours, or this machine, by itself: not somebody whose request a proxy passed on."""
    if _is_forwarded(Headers(scope=scope)):
        return False
    return _is_loopback(scope) or _is_proxy(scope, settings.web_proxies)


def _is_forwarded(headers: Headers) -> bool:
    return "forwarded" in headers or "x-forwarded-for" in headers


def _is_proxy(scope: Scope, proxies: str) -> bool:
    client = scope.get("client")
    try:
        networks = [ip_network(one.strip(), strict=False) for one in proxies.split(",") if one.strip()]
        return client is not None and any(ip_address(client[0]) in network for network in networks)
    except ValueError:
        return False


def _is_loopback(scope: Scope) -> bool:
    client = scope.get("client")
    try:
        return client is not None and ip_address(client[0]).is_loopback
    except ValueError:
        return False

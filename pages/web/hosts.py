"""The one place where a hostname becomes a tenant. Unknown hosts learn nothing and cost nothing."""

from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csms.tenants.directory import bare_host
from models.scope import tenant_scope
from pages.errors import UNKNOWN_HOST
from pages.services import Services
from pages.web.visit import Visit, begin_visit
from themes.assets import PREFIX

_POLICY_VIOLATION: Final = 1008
_NOT_KEPT: Final = {"Cache-Control": "no-store"}
_STAYS: Final = ("/api/", "/data/", "/_nicegui", "/ocpp/", "/sign-up/", f"{PREFIX}/", "/favicon.ico", "/manifest.")


class HostGate:
    """Lets in requests for a tenant's host or the platform's, and puts the tenant in scope for their task."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._services = services
        self._platform_host = bare_host(services.settings.platform_host)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        visit = await self._visit(scope, Headers(scope=scope).getlist("host"))
        if visit is None:
            await _refuse(scope, receive, send)
            return
        begin_visit(scope, visit)
        if visit.tenant is None:
            await self._app(scope, receive, _varying(send))
            return
        elsewhere = main_address(scope, visit)
        if elsewhere:
            await RedirectResponse(elsewhere, 307, _NOT_KEPT)(scope, receive, _varying(send))
            return
        with tenant_scope(visit.tenant.id):
            await self._app(scope, receive, _varying(send))

    async def _visit(self, scope: Scope, hosts: list[str]) -> Visit | None:
        if len(hosts) != 1:  # two Host headers are two opinions about whose page this is
            return None
        directory = self._services.directory
        tenant = directory.by_host(hosts[0])
        if tenant is None and bare_host(hosts[0]) != self._platform_host:
            tenant = await directory.look_again(hosts[0])
            if tenant is None:
                return None
        client = scope.get("client")
        return Visit(self._services, tenant, address=client[0] if client else "")


def main_address(scope: Scope, visit: Visit) -> str:
    """Where a page lies at the tenant's main address, if this is another one and its people want to be led there.

    Only what is read by people is led away: programs stay where they asked, and a hand-over ends where it was meant.
    """
    tenant = visit.tenant
    if tenant is None or not tenant.redirects or scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return ""
    path: str = scope["path"]
    if path.startswith(_STAYS) or bare_host(Headers(scope=scope)["host"]) == tenant.main_host:
        return ""
    query = scope.get("query_string", b"").decode("latin-1")
    return visit.services.settings.address_of(tenant.main_host) + quote(path) + (f"?{query}" if query else "")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await UNKNOWN_HOST(scope, receive, _varying(send))
    else:
        await send({"type": "websocket.close", "code": _POLICY_VIOLATION})


def _varying(send: Send) -> Send:
    async def say(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).add_vary_header("Host")
        await send(message)

    return say

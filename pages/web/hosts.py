"""The one place where a hostname becomes a tenant. Unknown hosts learn nothing and cost nothing."""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csms.tenants.directory import bare_host
from models.scope import tenant_scope
from pages.errors import UNKNOWN_HOST
from pages.services import Services
from pages.web.visit import Visit, begin_visit

_POLICY_VIOLATION: Final = 1008


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
        visit = self._visit(scope, Headers(scope=scope).getlist("host"))
        if visit is None:
            await _refuse(scope, receive, send)
            return
        begin_visit(scope, visit)
        if visit.tenant is None:
            await self._app(scope, receive, _varying(send))
            return
        with tenant_scope(visit.tenant.id):
            await self._app(scope, receive, _varying(send))

    def _visit(self, scope: Scope, hosts: list[str]) -> Visit | None:
        if len(hosts) != 1:  # two Host headers are two opinions about whose page this is
            return None
        tenant = self._services.directory.by_host(hosts[0])
        if tenant is None and bare_host(hosts[0]) != self._platform_host:
            return None
        client = scope.get("client")
        return Visit(self._services, tenant, address=client[0] if client else "")


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

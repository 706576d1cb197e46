"""The API's place in the web application: behind the host gate, beside the pages and without their cookies."""

from starlette.types import ASGIApp, Receive, Scope, Send

from csms.api.call import TENANT
from pages.web.visit import visit_of


class TenantOfHost:
    """Tells the API what the host gate found out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, TENANT: visit_of(scope).tenant}, receive, send)

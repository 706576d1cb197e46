"""The API's place in the web application: behind the host gate, beside the pages, and without their cookies."""

from starlette.types import ASGIApp, Receive, Scope, Send

from csms.api.call import TENANT
from csms.api.openapi import PREFIX
from pages.web.visit import visit_of


class ApiDoor:
    """Leads requests for the API there, with the tenant that the host gate found out; all others go on to the pages.

    A cookie counts for nothing there: the API asks every request for a credential of its own.
    """

    def __init__(self, app: ASGIApp, api: ASGIApp) -> None:
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not f"{scope['path']}/".startswith(f"{PREFIX}/"):
            await self._app(scope, receive, send)
            return
        inside = {"root_path": scope.get("root_path", "") + PREFIX, TENANT: visit_of(scope).tenant}
        await self._api({**scope, **inside}, receive, send)

"""Who may pass without signing in, and where the others are sent."""

from typing import Final

from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from csms.access.service import Door, recognise, touch
from csms.access.sessions import TOUCH_EVERY
from csms.api.openapi import PREFIX as API
from pages.web.addresses import sign_in_address
from pages.web.cookies import read_token
from pages.web.visit import Visit, visit_of
from themes.assets import PREFIX

PUBLIC: Final = frozenset(
    {
        "/sign-in",
        "/sign-in/code",
        "/sign-in/set-up",
        "/sign-in/sso",
        "/sign-in/sso/callback",
        "/sign-out",
        "/sign-up",
        "/sign-up/tenant",
        "/sign-up/welcome",
        "/join",
        "/forgot",
        "/reset",
        "/enter",
        "/setup",
        "/favicon.ico",
        "/manifest.webmanifest",
    }
)
# The socket carries no sign-in of its own: it needs the secret id of a page that was built for someone signed in.
PUBLIC_FOLDERS: Final = ("/_nicegui/", "/_nicegui_ws/", f"{PREFIX}/", "/icons/", "/pictures/", "/c/")
PROGRAMS: Final = ("/api/", "/data/")


class SignInGate:
    """Turns the cookie into an actor. Pages without one lead to the sign-in page; programs get 401."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not scope["path"].startswith(PUBLIC_FOLDERS) and not _has_own_door(scope):
            visit = visit_of(scope)
            await meet(visit, Headers(scope=scope))
            if visit.actor is None and scope["path"] not in PUBLIC:
                await _send_away(scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _has_own_door(scope: Scope) -> bool:
    """The API, where cookies count for nothing: it asks every request for a credential of its own."""
    return scope["path"] == API or scope["path"].startswith(f"{API}/")


async def meet(visit: Visit, headers: Headers) -> None:
    """Fill in the visitor, if their sign-in is valid and was made on this very host's tenant."""
    token = read_token(headers, visit.services.settings)
    if token is None:
        return
    services = visit.services
    now = services.clock.now()
    async with services.database.reading() as session:
        signed_in = await recognise(session, token, visit.tenant_id, now)
    if signed_in is None:
        return
    visit.actor, visit.token, visit.expires_at = signed_in.actor, token, signed_in.expires_at
    visit.reason = signed_in.reason
    if signed_in.last_seen_at is None or now - signed_in.last_seen_at >= TOUCH_EVERY:
        door = Door(visit.tenant_id, visit.address)
        await touch(services.committer, door, token, signed_in.actor.user_id or 0, now)


def _send_away(scope: Scope) -> Response:
    if scope["path"].startswith(PROGRAMS) or scope["method"] not in ("GET", "HEAD"):
        return JSONResponse({"code": "sign_in.required", "message": "Sign in first."}, 401)
    return RedirectResponse(sign_in_address(scope), 303, headers={"Cache-Control": "no-store"})

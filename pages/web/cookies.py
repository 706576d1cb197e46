"""The cookies, for this host alone: an opaque random token that names a sign-in session, and one that names a sign-in
on its way (to the second factor, or to the tenant's OpenID provider and back)."""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from csms.config import Settings


def cookie_name(settings: Settings) -> str:
    """Over HTTPS the `__Host-` prefix makes browsers refuse the cookie with a domain or without `Secure`."""
    return _prefix(settings) + "voltdeck-session"


def read_token(headers: Headers, settings: Settings) -> str | None:
    """The token this browser holds, if any."""
    return _read(headers, cookie_name(settings))


def give_token(response: Response, token: str, settings: Settings) -> None:
    """Keep the browser signed in. No domain: the cookie never crosses to another hostname."""
    _give(response, cookie_name(settings), token, settings, settings.sign_in_hours * 3600)


def take_token(response: Response, settings: Settings) -> None:
    """Make the browser forget."""
    _take(response, cookie_name(settings), settings)


def read_step(headers: Headers, settings: Settings) -> str:
    """The token of the sign-in on its way; empty when there is none."""
    return _read(headers, _step_name(settings)) or ""


def give_step(response: Response, token: str, settings: Settings) -> None:
    """Remember the sign-in on its way."""
    _give(response, _step_name(settings), token, settings, 600)


def take_step(response: Response, settings: Settings) -> None:
    """Forget it: it has arrived."""
    _take(response, _step_name(settings), settings)


def _prefix(settings: Settings) -> str:
    return "__Host-" if settings.secure_cookies else ""


def _step_name(settings: Settings) -> str:
    return _prefix(settings) + "voltdeck-step"


def _read(headers: Headers, name: str) -> str | None:
    return cookie_parser("; ".join(headers.getlist("cookie"))).get(name) or None


def _give(response: Response, name: str, token: str, settings: Settings, lasts_s: int) -> None:
    response.set_cookie(name, token, max_age=lasts_s, httponly=True, samesite="lax", secure=settings.secure_cookies)


def _take(response: Response, name: str, settings: Settings) -> None:
    response.delete_cookie(name, httponly=True, samesite="lax", secure=settings.secure_cookies)

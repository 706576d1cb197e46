"""The one cookie: an opaque random token that names a sign-in session, for this host alone."""

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from csms.config import Settings


def cookie_name(settings: Settings) -> str:
    """Over HTTPS the `__Host-` prefix makes browsers refuse the cookie with a domain or without `Secure`."""
    return "__Host-voltdeck-session" if settings.secure_cookies else "voltdeck-session"


def read_token(headers: Headers, settings: Settings) -> str | None:
    """The token this browser holds, if any."""
    return cookie_parser("; ".join(headers.getlist("cookie"))).get(cookie_name(settings)) or None


def give_token(response: Response, token: str, settings: Settings) -> None:
    """Keep the browser signed in. No domain: the cookie never crosses to another hostname."""
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=settings.sign_in_hours * 3600,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )


def take_token(response: Response, settings: Settings) -> None:
    """Make the browser forget."""
    response.delete_cookie(cookie_name(settings), httponly=True, samesite="lax", secure=settings.secure_cookies)

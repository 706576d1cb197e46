"""Which addresses may be trusted: where to go after sign-in, and whose form this is."""

from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers
from starlette.types import Scope


def safe_next(target: str | None) -> str:
    """The address to continue at: a path on this very host, or "/" when `target` is anything else."""
    if not target or not target.startswith("/") or target.startswith("//") or not target.isprintable():
        return "/"
    path = urlsplit(target).path
    if "\\" in target or path == "/sign-in" or path.startswith("/sign-in/"):  # browsers read a backslash as a slash
        return "/"
    return target


def sign_in_address(scope: Scope) -> str:
    """`/sign-in`, remembering which page was asked for."""
    query = scope.get("query_string", b"").decode("latin-1")
    asked = safe_next(scope["path"] + (f"?{query}" if query else ""))
    return "/sign-in" if asked == "/" else f"/sign-in?next={quote(asked, safe='/')}"


def same_origin(headers: Headers) -> bool:
    """Whether a form was sent by a page of this very host.

    Every browser names the origin of a POST; a program that names none carries no one's cookies by accident.
    """
    origin = headers.get("origin")
    if origin is not None:
        return urlsplit(origin).netloc.casefold() == headers.get("host", "").casefold() != ""
    return headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")

"""What people see when something is not there or went wrong: plain words, and a way on."""

from typing import Final

from nicegui import ui
from starlette.responses import HTMLResponse

from components.empty import empty_state

UNKNOWN_HOST: Final = HTMLResponse(
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>Not found</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark"><style>'
    "body{font:16px/1.5 system-ui,sans-serif;display:grid;place-items:center;min-height:100dvh;margin:0;padding:16px;"
    "box-sizing:border-box;background:light-dark(#f6f7f9,#0c0f13);color:light-dark(#12181f,#eaeef3)}"
    "main{max-width:408px;box-sizing:border-box;padding:32px;border-radius:14px;background:light-dark(#fff,#13171d);"
    "border:1px solid light-dark(#e4e8ed,#252c35)}"
    "h1{font-size:22px;line-height:28px;letter-spacing:-.012em;margin:0 0 8px;text-wrap:balance}"
    "p{margin:0;color:light-dark(#525e6b,#a3afbc)}</style>"
    "<main><h1>There is nothing at this address</h1><p>Please check the spelling of the hostname.</p></main></html>",
    status_code=404,
    headers={
        "Cache-Control": "no-store",
        "Content-Security-Policy": (
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'; form-action 'none'"
        ),
    },
)
"""For hosts that are nobody's. It names no one."""


def not_found(what: str = "This page") -> ui.element:
    """Inside the frame: the address is wrong, or belongs to someone else; the two are never told apart."""
    return empty_state(
        f"{what} does not exist",
        "It may have been removed, or the address has a typing error.",
        icon="circle-question-mark",
        action=("Back to the overview", "/"),
    )


def failed() -> ui.element:
    """Inside the frame: our own mistake. The details are in the log, not on the page."""
    return empty_state(
        "This page could not be shown",
        "The error was written to the log. Nothing was changed.",
        icon="triangle-alert",
        action=("Try again", lambda: ui.navigate.reload()),
    )


def forbidden(sentence: str) -> ui.element:
    """Inside the frame: signed in, but the role does not reach."""
    return empty_state("You may not see this", sentence, icon="lock")

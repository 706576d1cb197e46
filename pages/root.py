"""The one page that is built per tab: the dashboard of the host's tenant, or the platform owner's."""

import logging
from typing import Final

from fastapi import Request
from nicegui import app as nicegui_app
from nicegui import ui
from nicegui.translations import translations
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from pages import errors
from pages.operator import shell as operator_shell
from pages.platform import shell as platform_shell
from pages.web.addresses import sign_in_address
from pages.web.plain import STATIC_URL
from pages.web.visit import visit_of
from themes.assets import PREFIX
from themes.page import centered

SHEETS: Final = (
    "overview",
    "platform",
    "settings",
    "brand",
    "cards",
    "chargers",
    "people",
    "connection",
)
_SHEETS: Final = "".join(f'<link rel="stylesheet" href="{STATIC_URL}/{name}.css">' for name in SHEETS)
_ANNOUNCE: Final = (
    "<script>addEventListener('DOMContentLoaded', () => "
    "document.getElementById('popup').setAttribute('role', 'status'))</script>"
)
_log = logging.getLogger(__name__)
_NO_PAGES: Final = ("/_nicegui", PREFIX, "/api", "/data", "/icons", "/pictures")


async def nothing_here(_: Request) -> Response:
    return PlainTextResponse("not found\n", 404)


# What lies under these folders is found or not; it must never fall through to the page below.
for _folder in _NO_PAGES:
    nicegui_app.add_route(_folder + "/{_:path}", nothing_here)


@ui.page("/")
@ui.page("/{_:path}")
def root(request: Request) -> Response | None:
    visit = visit_of(request.scope)
    if visit.actor is None:
        return RedirectResponse(sign_in_address(request.scope), 303)
    if visit.tenant is None:
        platform_shell.build(visit)
    else:
        operator_shell.build(visit)
    ui.add_head_html(_SHEETS)
    ui.add_body_html(_ANNOUNCE)
    ui.timer(visit.lasts_s, lambda: ui.navigate.to("/sign-in"), once=True)
    return None


@nicegui_app.on_page_exception
def page_failed(error: Exception) -> None:
    """Our own mistake while a page was built: said calmly, in the host's brand."""
    _log.error("a page could not be built", exc_info=error)
    visit = visit_of(ui.context.client.request.scope)
    with centered("Something went wrong", visit.brand):
        errors.failed()


def say_what_a_lost_connection_means() -> None:
    """The framework's note appears when the socket is gone, and leaves when it is back."""
    for language, words in translations.items():
        if language.startswith("en"):
            words["connection_lost"] = "Connection lost: live updates are paused."
            words["trying_to_reconnect"] = "They resume by themselves."


say_what_a_lost_connection_means()

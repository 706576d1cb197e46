"""Sub pages that fail in plain words: an unknown address, a missing permission, our own mistake."""

import functools
import inspect
import logging
from collections.abc import Callable
from typing import Any, Protocol

from nicegui import ui
from nicegui.elements.sub_pages import SubPages

from csms.access.policy import Actor
from csms.errors import NotFoundError, PermissionDeniedError, SignInError
from pages import errors
from themes.frame import Shell

_log = logging.getLogger(__name__)
Builder = Callable[..., Any]


class Present(Protocol):
    """What pages are given as `context`: it knows whether its visitor is still signed in."""

    async def present(self) -> Actor:
        """The visitor as of now. Raises SignInError, and closes the tab, when the sign-in has ended."""
        ...


class FriendlySubPages(SubPages):
    """NiceGUI's sub pages with our words. `context` is given to every builder that asks for it by name."""

    def __init__(self, routes: dict[str, Builder], frame: Shell, context: Present) -> None:
        self._frame = frame
        pages = {path: guarded(builder, frame, context) for path, builder in routes.items()}
        super().__init__(pages, data={"context": context})

    def _render_404(self) -> None:
        self._cancel_active_tasks()  # the page of the address's beginning may still be on its way
        self._frame.heading("Not found")
        errors.not_found()

    def _render_error(self, _: Exception) -> None:
        _log.error("a page could not be built", exc_info=True)
        self._frame.heading("Something went wrong")
        errors.failed()


def guarded(builder: Builder, frame: Shell, context: Present) -> Builder:
    """The same builder, for who is still signed in: a tab goes from page to page without passing the gate again.

    What an async one raises is shown in its place instead of being only logged.
    """
    if not inspect.iscoroutinefunction(builder):
        return builder

    @functools.wraps(builder)
    async def build(*args: Any, **values: Any) -> None:
        place = ui.context.slot.parent
        try:
            await context.present()
            await builder(*args, **values)
        except SignInError:
            return
        except Exception as error:
            if place.client.is_deleted or place.is_deleted:  # nobody is looking any more
                return
            place.clear()
            with place:
                _explain(error, frame)

    return build


def _explain(error: Exception, frame: Shell) -> None:
    if isinstance(error, NotFoundError):
        frame.heading("Not found")
        errors.not_found(str(error) or "This page")
    elif isinstance(error, PermissionDeniedError):
        frame.heading("Not allowed")
        errors.forbidden(str(error))
    else:
        _log.error("a page could not be built", exc_info=error)
        frame.heading("Something went wrong")
        errors.failed()

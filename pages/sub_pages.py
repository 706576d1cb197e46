"""Sub pages that fail in plain words: an unknown address, a missing permission, our own mistake."""

import functools
import inspect
import logging
from collections.abc import Callable
from typing import Any

from nicegui import ui
from nicegui.elements.sub_pages import SubPages

from csms.errors import NotFoundError, PermissionDeniedError
from pages import errors
from themes.frame import Shell

_log = logging.getLogger(__name__)
Builder = Callable[..., Any]


class FriendlySubPages(SubPages):
    """NiceGUI's sub pages with our words. `data` is given to every builder that asks for it by name."""

    def __init__(self, routes: dict[str, Builder], frame: Shell, data: dict[str, Any]) -> None:
        self._frame = frame
        super().__init__({path: guarded(builder, frame) for path, builder in routes.items()}, data=data)

    def _render_404(self) -> None:
        self._frame.heading("Not found")
        errors.not_found()

    def _render_error(self, _: Exception) -> None:
        _log.error("a page could not be built", exc_info=True)
        self._frame.heading("Something went wrong")
        errors.failed()


def guarded(builder: Builder, frame: Shell) -> Builder:
    """The same builder; what an async one raises is shown in its place instead of being only logged."""
    if not inspect.iscoroutinefunction(builder):
        return builder

    @functools.wraps(builder)
    async def build(*args: Any, **values: Any) -> None:
        place = ui.context.slot.parent
        try:
            await builder(*args, **values)
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

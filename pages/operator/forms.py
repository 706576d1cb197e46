"""Fields that look alike on every form, and the line that says what is wrong with what was entered."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from nicegui import ui

from csms.errors import VoltdeckError
from themes.markup import Tag


def text_field(label: str, value: str = "", *, example: str = "", hint: str = "", wide: bool = False) -> ui.input:
    """One line of text, with an example in it and a hint below."""
    field = ui.input(label, value=value, placeholder=example).props("outlined stack-label").classes("w-full")
    if hint:
        field.props["hint"] = hint
        field.props(remove="hide-hint")
    return field.classes("wide") if wide else field


class Problem(Tag):
    """Says why something was not done; empty as long as all is well."""

    def __init__(self) -> None:
        super().__init__("p", classes="charger-problem", role="alert")
        self.set_visibility(False)

    def say(self, text: str) -> None:
        """Show a sentence; empty text takes it away."""
        self.set_text(text)
        self.set_visibility(bool(text))


@asynccontextmanager
async def trying(problem: Problem, opener: ui.button) -> AsyncGenerator[None]:
    """Around what a button does: it shows that it works, and what goes wrong is said in the form."""
    problem.say("")
    opener.props("loading")
    try:
        yield
    except VoltdeckError as error:
        problem.say(str(error))
    finally:
        if not opener.is_deleted:
            opener.props(remove="loading")

"""Who a card belongs to: a driver looked up as one types, or a new one by the name that was typed."""

from datetime import datetime

from nicegui import ui
from nicegui.events import GenericEventArguments

from csms.access.policy import Actor
from csms.authorization.drivers import DriverForm, add_driver
from csms.authorization.queries import driver_choices
from csms.work import Work
from pages.session import PageContext

_NOBODY = 0
Choices = list[tuple[int, str, str]]


class DriverChoice:
    """Build it inside a form with the first choices read beforehand."""

    def __init__(self, context: PageContext, choices: Choices, chosen: tuple[int, str] | None = None) -> None:
        self._context = context
        self._known: dict[int | str, str] = {_NOBODY: "Nobody"}
        self._known.update({number: _words(name, email) for number, name, email in choices})
        if chosen is not None:
            self._known[chosen[0]] = chosen[1]
        self.field = ui.select(
            dict(self._known),
            value=chosen[0] if chosen else _NOBODY,
            label="Driver (choose one, or type a new name)",
            with_input=True,
            new_value_mode="add-unique",
            key_generator=str,
        ).props("outlined popup-content-class=vd-short-list")
        self.field.on("input-value", self._search, throttle=0.3, leading_events=False)

    async def resolve(self, work: Work, actor: Actor, at: datetime) -> int | None:
        """The driver's id inside a unit of work; one who was only typed is added."""
        value = self.field.value
        if not value or (isinstance(value, str) and not value.strip()):
            return None
        if isinstance(value, int):
            return value
        return (await add_driver(work, actor, DriverForm(str(value)), at)).id

    async def _search(self, event: GenericEventArguments) -> None:
        async with self._context.reading() as session:
            found = await driver_choices(session, str(event.args or "")[:100])
        self._known.update({number: _words(name, email) for number, name, email in found})
        if not self.field.is_deleted:
            value = self.field.value
            own = {value: value} if isinstance(value, str) and value else {}
            self.field.set_options(self._known | own, value=value)


async def first_choices(context: PageContext) -> Choices:
    """Whom the list offers before anything is typed."""
    async with context.reading() as session:
        return await driver_choices(session)


def _words(name: str, email: str) -> str:
    return " · ".join(filter(None, (name, email)))

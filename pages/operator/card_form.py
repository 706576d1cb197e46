"""The fields of a card, to add one, adopt one that was seen, or change one."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from nicegui import ui

from components.form_dialog import FormDialog
from csms.access.policy import Actor
from csms.authorization.adopting import adopt_sighting
from csms.authorization.queries import GroupEntry, SightingEntry, TokenEntry, list_groups
from csms.authorization.tokens import TYPES, TokenForm, add_token, change_token
from csms.errors import InvalidInputError, VoltdeckError
from csms.work import Work
from models import IdToken
from pages.operator.card_words import card_address, kind_words
from pages.operator.driver_choice import Choices, DriverChoice, first_choices
from pages.operator.limit_fields import LimitFields, decimal_in, wh_in
from pages.session import PageContext
from themes.markup import Tag

_NO_GROUP: Final = ""
_AS_POLICY: Final = "policy"
Unit = Callable[[Work, Actor, TokenForm, datetime], Awaitable[IdToken]]


class CardFields:
    """Build it inside a form; `read()` tells all but the driver, who may have to be added first."""

    def __init__(
        self,
        context: PageContext,
        form: TokenForm,
        groups: list[GroupEntry],
        choices: Choices,
        *,
        driver: tuple[int, str] | None = None,
        is_new: bool = True,
    ) -> None:
        self._zone = ZoneInfo(context.tenant.time_zone)
        self._begin = form
        with Tag("div", classes="vd-fields"):
            if is_new:
                self._value = ui.input("Card number (empty: make one up)", value=form.value)
                self._value.props("outlined maxlength=255 autofocus").classes("vd-fields__all")
            kinds = {kind: kind_words(kind) for kind in TYPES}
            self._kind = ui.select(kinds, value=form.type, label="Kind").props("outlined")
            self._label = ui.input("Label, such as “Blue fob”", value=form.label).props("outlined maxlength=100")
            self.driver = DriverChoice(context, choices, driver)
            options = {_NO_GROUP: "No group"} | {one.group.value: one.group.name for one in groups}
            group = form.group if form.group in options else _NO_GROUP
            self._group = ui.select(options, value=group, label="Group").props("outlined")
            self._from = _date("Valid from", self._day(form.valid_from))
            self._until = _date("Valid until (that day included)", self._day(form.expires_at))
        with ui.expansion("Limits").classes("vd-more").props("dense"), Tag("div", classes="vd-stack"):
            self._limits = LimitFields(form.limits, context.tenant.currency)
            with Tag("fieldset", classes="vd-choices"):
                Tag("legend", "Each session")
                with Tag("div", classes="vd-fields"):
                    kwh = None if form.max_energy_wh is None else form.max_energy_wh / 1000
                    self._energy = ui.number("kWh at most", value=kwh, min=0).props("outlined stack-label")
                    cost = None if form.max_cost is None else float(form.max_cost)
                    self._cost = ui.number(f"{context.tenant.currency} at most", value=cost, min=0)
                    self._cost.props("outlined stack-label")
                    minutes = None if form.max_time_s is None else form.max_time_s / 60
                    self._time = ui.number("Minutes at most", value=minutes, min=0).props("outlined stack-label")
                    several = {_AS_POLICY: "As for all cards", "yes": "Several at a time", "no": "One at a time"}
                    now = _AS_POLICY if form.allow_concurrent is None else "yes" if form.allow_concurrent else "no"
                    self._several = ui.select(several, value=now, label="Sessions at a time").props("outlined")

    def read(self, driver_id: int | None) -> TokenForm:
        """What was entered. Raises InvalidInputError for a date that is none."""
        minutes = decimal_in(self._time)
        return replace(
            self._begin,
            value=str(self._value.value or "") if hasattr(self, "_value") else self._begin.value,
            type=str(self._kind.value or ""),
            label=str(self._label.value or ""),
            driver_id=driver_id,
            group=self._group.value or None,
            valid_from=self._moment(self._from.value, time(0), self._begin.valid_from),
            expires_at=self._moment(self._until.value, time(23, 59, 59), self._begin.expires_at),
            allow_concurrent={"yes": True, "no": False}.get(self._several.value),
            limits=self._limits.read(),
            max_cost=decimal_in(self._cost),
            max_energy_wh=wh_in(self._energy),
            max_time_s=None if minutes is None else int(minutes * 60),
        )

    def _day(self, at: datetime | None) -> str:
        return "" if at is None else at.astimezone(self._zone).date().isoformat()

    def _moment(self, text: str | None, at: time, before: datetime | None) -> datetime | None:
        """The day's beginning or end; a day that was not changed keeps its hour."""
        if not text:
            return None
        if before is not None and self._day(before) == text:
            return before
        try:
            return datetime.combine(datetime.fromisoformat(text).date(), at, self._zone).astimezone(UTC)
        except ValueError:
            raise InvalidInputError("Dates are written like 2027-12-31.") from None


async def add_card_dialog(context: PageContext, *, driver: tuple[int, str] | None = None) -> None:
    """Register a card; its page opens."""

    async def add(work: Work, actor: Actor, form: TokenForm, at: datetime) -> IdToken:
        return await add_token(work, actor, form, at)

    await _dialog(context, "Add a card", "Add", TokenForm(), add, driver=driver)


async def adopt_dialog(context: PageContext, entry: SightingEntry) -> None:
    """Make a card of one that was seen; its page opens."""
    seen = entry.sighting

    async def adopt(work: Work, actor: Actor, form: TokenForm, at: datetime) -> IdToken:
        return await adopt_sighting(work, actor, seen.id or 0, form, at)

    form = TokenForm(seen.value, type=seen.type if seen.type in TYPES and seen.type else "ISO14443")
    title = f"Adopt {seen.value}"
    await _dialog(
        context, title, "Adopt", form, adopt, is_new=False, text="It is accepted at all stations from now on."
    )


async def change_card_dialog(context: PageContext, entry: TokenEntry, on_done: Callable[[], Awaitable[None]]) -> None:
    """Change a card."""
    row = entry.token

    async def change(work: Work, actor: Actor, form: TokenForm, at: datetime) -> IdToken:
        return await change_token(work, actor, row.id or 0, form, at)

    driver = (row.driver_id, entry.driver) if row.driver_id else None
    await _dialog(
        context, f"Change {row.value}", "Save", TokenForm.of(row), change, driver=driver, is_new=False, on_done=on_done
    )


async def _dialog(
    context: PageContext,
    title: str,
    verb: str,
    form: TokenForm,
    unit: Unit,
    *,
    driver: tuple[int, str] | None = None,
    is_new: bool = True,
    text: str = "",
    on_done: Callable[[], Awaitable[None]] | None = None,
) -> None:
    place = ui.context.slot.parent
    choices = await first_choices(context)
    async with context.reading() as session:
        groups = await list_groups(session)

    async def submit() -> None:
        at = context.services.clock.now()
        async with context.acting() as actor:

            async def work_it(work: Work) -> IdToken:
                driver_id = await fields.driver.resolve(work, actor, at)
                return await unit(work, actor, fields.read(driver_id), at)

            row = await context.run(work_it)
        if on_done is None:
            ui.navigate.to(card_address(row.id))
        else:
            await on_done()

    if place.is_deleted:
        return
    with place, FormDialog(title, verb, submit, errors=VoltdeckError, text=text, wide=True):
        fields = CardFields(context, form, groups, choices, driver=driver, is_new=is_new)


def _date(label: str, value: str) -> ui.input:
    return ui.input(label, value=value).props("outlined stack-label type=date")

"""The inbox of chargers: unknown ones to claim or refuse, and connections of known ones that failed."""

import asyncio
from typing import Any
from urllib.parse import quote

from nicegui import ui

from components.age import Age
from components.controls import button, card
from components.empty import empty_state
from components.live import follow
from csms.access.policy import Permission, require
from csms.errors import VoltdeckError
from csms.stations.addresses import base_url, usual_profile
from csms.stations.doctor import ADVICE, Cause, failed_handshakes
from csms.stations.knocking import claim, knocks, mark_of, refuse, take_back
from csms.stations.managing import StationPlan
from csms.stations.queries import locations
from csms.tenants.main_host import main_host_of
from models import FailedHandshake, Knock, KnockState
from pages.operator.forms import Problem, trying
from pages.operator.new_station import show_added
from pages.operator.station_form import PlaceChoice, name_field, profile_choice
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

_VERSIONS = {"ocpp1.6": "1.6", "ocpp2.0.1": "2.0.1", "ocpp2.1": "2.1"}


async def inbox(context: PageContext) -> None:
    """Both lists, live."""
    require(context.actor, Permission.STATIONS_MANAGE)
    sub = "Chargers that came to your address without being registered, and connections that failed"
    with context.frame.heading("Charger inbox", sub=sub, crumb=("/stations", "Stations")):
        button("Add a charger", icon="plus", href="/stations/new")
    await Inbox(context).load()


class Inbox:
    """Read again when the board says that a charger knocked."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._place = ui.context.slot.parent
        self._loading = asyncio.Lock()
        self._wanted = False
        self._refused_too = False
        with Tag("div", classes="charger-column") as self._lists:
            with card("Unknown chargers", flush=True) as first:
                self._knocks = Tag("div", aria_live="polite", data_testid="knocks")
                with first.actions:
                    self._toggle = button("Show refused ones", kind="quiet", on_click=self._switch)
            with card("Connections that failed", sub="Of your registered chargers", flush=True):
                self._failures = Tag("div", data_testid="failures")
        follow(context.services.board, context.tenant.id, ["knocks"], lambda _: self.load_soon(), owner=first)

    def load_soon(self) -> None:
        """Read and show the lists."""
        self._task = asyncio.create_task(self.load())

    async def load(self) -> None:
        """Read and show the lists; news that come meanwhile make it read once more."""
        self._wanted = True
        if self._loading.locked():
            return
        async with self._loading:
            while self._wanted and not self._knocks.is_deleted:
                self._wanted = False
                state = KnockState.REFUSED if self._refused_too else KnockState.WAITING
                async with self._context.reading() as session:
                    waiting = await knocks(session, state)
                    failures = await failed_handshakes(session)
                if not self._knocks.is_deleted:
                    self._show_knocks(waiting)
                    self._show_failures(failures)

    async def _switch(self) -> None:
        self._refused_too = not self._refused_too
        self._toggle.clear()
        with self._toggle:
            Tag("span", "Show those that wait" if self._refused_too else "Show refused ones")
        await self.load()

    def _show_knocks(self, waiting: list[Knock]) -> None:
        self._knocks.clear()
        with self._knocks:
            if not waiting:
                self._nobody()
                return
            with Tag("div", classes="plain-scroll"), Tag("table", classes="plain-table"):
                _heads("Charger", "From", "OCPP", "Seen", "")
                with Tag("tbody"):
                    for knock in waiting:
                        self._knock_line(knock)

    def _nobody(self) -> None:
        if self._refused_too:
            empty_state("Nobody is refused", "A charger that you refuse stays quiet, and is listed here.", icon="ban")
            return
        settings, host = self._context.services.settings, main_host_of(self._context.tenant)
        url = base_url(settings, host, usual_profile(settings))
        text = f"A charger that is pointed at {url} without being registered appears here."
        empty_state("No unknown chargers", text, icon="inbox")

    def _knock_line(self, knock: Knock) -> None:
        with Tag("tr", data_identity=knock.identity):
            with Tag("td"):
                Tag("b", knock.identity)
                Tag("span", _password_words(knock), "plain-table__sub")
            with Tag("td", data_label="From"):
                Tag("span", knock.address or "–")
                Tag("span", knock.user_agent, "plain-table__sub")
            Tag("td", _versions(knock), data_label="OCPP")
            with Tag("td", data_label="Seen"):
                with Tag("span"):
                    Age(knock.last_at)
                times = "once" if knock.count == 1 else f"{knock.count} times"
                first = self._context.formats.moment(knock.first_at)
                Tag("span", f"{times}, first {first}", "plain-table__sub")
            with Tag("td"), Tag("div", classes="plain-table__actions"):
                if knock.state == KnockState.REFUSED:
                    button("Take back", on_click=lambda: self._decide(knock, take_back))
                else:
                    button("Claim…", kind="primary", on_click=lambda: self._claim(knock))
                    button("Refuse", on_click=lambda: self._decide(knock, refuse))

    async def _decide(self, knock: Knock, verb: Any) -> None:
        context = self._context
        try:
            now = context.services.clock.now()
            async with context.acting() as actor:
                await context.run(lambda work: verb(work, actor, knock.id or 0, now))
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        await self.load()

    async def _claim(self, knock: Knock) -> None:
        async with self._context.reading() as session:
            places = await locations(session)
        with self._place, ui.dialog() as dialog, ui.card().classes("vd-sheet") as sheet:
            sheet.props["aria-label"] = f"Claim {knock.identity}"
            Tag("h2", f"Claim {knock.identity}")
            Tag("p", "Check that it is yours: compare identity and address with the charger.", "vd-muted")
            with Tag("div", classes="charger-fields"):
                name = name_field()
                name.classes("wide")
                choice = PlaceChoice(self._context, places)
                profile = profile_choice(usual_profile(self._context.services.settings))
            own = _password_choice(knock)
            problem = Problem()

            async def take() -> None:
                async with trying(problem, opener):
                    placed = choice.read()
                    plan = StationPlan(
                        knock.identity,
                        name.value or "",
                        placed.location_id,
                        placed.location,
                        security_profile=int(profile.value),
                    )
                    await self._take(knock, plan, keeps=own is not None and bool(own.value))
                    dialog.close()

            with Tag("div", classes="vd-dialog__actions"):
                button("Cancel", on_click=dialog.close)
                opener = button("Claim", kind="primary", on_click=take)
        dialog.on_value_change(lambda event: None if event.value else dialog.delete())
        dialog.open()

    async def _take(self, knock: Knock, plan: StationPlan, *, keeps: bool) -> None:
        services, context = self._context.services, self._context
        secret, now = services.settings.resolved_secret_key(), services.clock.now()
        mark = mark_of(knock) if keeps else None
        async with context.acting() as actor:
            added = await context.run(
                lambda work: claim(work, actor, knock.id or 0, plan, secret, now, password_mark=mark)
            )
        self._lists.delete()
        with self._place:
            show_added(context, added.ref.identity, added.ref.id, plan.security_profile, added.password, known=keeps)

    def _show_failures(self, failures: list[FailedHandshake]) -> None:
        self._failures.clear()
        with self._failures:
            if not failures:
                empty_state(
                    "No failed connections", "Each of your chargers that tried was let in.", icon="circle-check"
                )
                return
            with Tag("div", classes="plain-scroll"), Tag("table", classes="plain-table"):
                _heads("Charger", "What happened", "What to do", "Last seen")
                with Tag("tbody"):
                    for failure in failures:
                        _failure_line(failure)


def _password_choice(knock: Knock) -> ui.radio | None:
    if knock.password_digest is None:
        return None
    choice = ui.radio(
        {False: "Make a new password, to enter at the charger", True: "Accept the password it uses"}, value=False
    )
    with Tag("div", classes="charger-warning"):
        icon("triangle-alert")
        text = (
            "Whoever knows your address can knock under any identity. Accept its password only if you are sure that "
            "this is your charger."
        )
        if knock.passwords_differ:
            text += " Different passwords were tried under this identity: be careful."
        Tag("span", text)
    return choice


def _failure_line(failure: FailedHandshake) -> None:
    advice = ADVICE[Cause(failure.cause)]
    with Tag("tr"):
        with Tag("td"):
            address = f"/stations/{quote(failure.identity, safe='')}"
            Tag("a", failure.identity or "–", "vd-link", href=address)
            Tag("span", f"from {failure.address}" if failure.address else "", "plain-table__sub")
        Tag("td", advice.meaning, data_label="What happened")
        Tag("td", advice.cure, data_label="What to do")
        with Tag("td", data_label="Last seen"):
            Age(failure.last_at)
            Tag("span", "once" if failure.count == 1 else f"{failure.count} times", "plain-table__sub")


def _heads(*labels: str) -> None:
    with Tag("thead"), Tag("tr"):
        for label in labels:
            with Tag("th", scope="col"):
                Tag("span", label or "Actions", "" if label else "vd-hidden")


def _password_words(knock: Knock) -> str:
    if knock.passwords_differ:
        return "Sent different passwords"
    return "Sent a password" if knock.password_digest else "Sent no password"


def _versions(knock: Knock) -> str:
    offered = [name.strip() for name in knock.offered.split(",") if name.strip()]
    return ", ".join(_VERSIONS.get(name.casefold(), name) for name in offered) or "not said"

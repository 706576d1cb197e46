"""The acceptance check of a station: begun here, watched as it goes, and kept as a report that can be printed."""

import asyncio
from typing import Any

from nicegui import ui
from nicegui.events import GenericEventArguments

from components.confirm import confirm
from components.controls import button, card
from components.details import details
from components.live import follow
from csms.acceptance.queries import CheckReport, check_report, latest_checks
from csms.acceptance.steps import BY_KEY, Wishes
from csms.access.policy import Permission, require
from csms.authorization.queries import search_tokens
from models import AcceptanceCheck, CheckState
from pages.operator.forms import Problem, trying
from pages.operator.station_rows import station_address
from pages.operator.station_view import StationView
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

_ICONS = {
    CheckState.WAITING: "clock",
    CheckState.RUNNING: "activity",
    CheckState.PASSED: "check",
    CheckState.FAILED: "x",
    CheckState.SKIPPED: "minus",
}
_WORDS = {
    CheckState.WAITING: "Waiting",
    CheckState.RUNNING: "Running",
    CheckState.PASSED: "Passed",
    CheckState.FAILED: "Failed",
    CheckState.SKIPPED: "Skipped",
    CheckState.STOPPED: "Stopped",
}


async def check_station(context: PageContext, identity: str, check: str = "") -> None:
    """`check` is the number of an earlier one; the latest is shown without."""
    require(context.actor, Permission.STATIONS_VIEW)
    context.frame.heading("Acceptance check", crumb=(station_address(identity), identity))
    place = ui.context.slot.parent
    view = await StationView.read(context, identity)
    async with context.reading() as session:
        checks = await latest_checks(session, view.id)
    if place.is_deleted:
        return
    wanted = int(check) if check.isdigit() else (checks[0].id if checks else None)
    place_for_actions = context.frame.heading(
        "Acceptance check",
        sub=f"{view.name} · {view.detail.location.name}",
        crumb=(station_address(identity), view.name),
    )
    page = CheckPage(view, checks)
    with place_for_actions:
        button("Print", icon="file-text", on_click=lambda: ui.run_javascript("print()")).classes("no-print")
    if wanted is not None:
        await page.show(wanted)


class CheckPage:
    """The form to begin one, and the report of the one that is looked at."""

    def __init__(self, view: StationView, checks: list[AcceptanceCheck]) -> None:
        self._view = view
        self._shown: int | None = None
        self._loading = asyncio.Lock()
        self._wanted = False
        with Tag("div", classes="charger-columns"):
            with Tag("div", classes="charger-column"), card("Report") as frame:
                self._report = Tag("div", classes="vd-stack", aria_live="polite", data_testid="report")
                with self._report:
                    Tag("p", "No check has been made here yet.", "vd-muted")
            with Tag("div", classes="charger-column no-print"):
                if view.may_control:
                    self._form()
                self._earlier(checks)
        follow(view.board, view.tenant_id, [f"acceptance:{view.id}"], self._news, owner=frame)

    async def show(self, check_id: int) -> None:
        """Read and show a check; what comes while it is read makes it read once more."""
        self._shown, self._wanted = check_id, True
        if self._loading.locked():
            return
        async with self._loading:
            while self._wanted and not self._report.is_deleted:
                self._wanted = False
                async with self._view.context.reading() as session:
                    report = await check_report(session, self._shown)
                if not self._report.is_deleted:
                    self._fill(report)

    def _news(self, batch: dict[str, Any]) -> None:
        newest = batch["acceptance"][-1]["check_id"]
        self._task = asyncio.create_task(self.show(newest))

    def _fill(self, report: CheckReport) -> None:
        check, formats = report.check, self._view.formats
        self._report.clear()
        with self._report:
            Tag("p", _verdict(check), "vd-details__pair", data_testid="verdict")
            details(
                {
                    "Station": report.identity,
                    "Charger": f"{check.vendor} {check.model}".strip() or None,
                    "Firmware": check.firmware_version,
                    "OCPP": check.ocpp_version,
                    "Begun": f"{formats.moment(check.started_at)}, by {check.asked_by}",
                    "Ended": formats.moment(check.ended_at),
                }
            )
            with Tag("ol", classes="check-list"):
                for step in report.steps:
                    kind, state = BY_KEY[step.key], CheckState(step.state)
                    with Tag("li", data_state=state.value, data_step=step.key):
                        with Tag("span", classes="check-list__icon"):
                            icon(_ICONS[state])
                        Tag("b", kind.title)
                        Tag("span", _WORDS[state], "check-list__word")
                        Tag("span", step.text or kind.text, "check-list__text")
            if check.state == CheckState.RUNNING and self._view.may_control:
                number = check.id or 0
                button("Stop the check", kind="danger", on_click=lambda: self._stop(number)).classes("self-start")

    async def _stop(self, check_id: int) -> None:
        async with self._view.context.acting() as actor:
            await self._view.context.services.acceptance.give_up(actor, check_id)

    def _form(self) -> None:
        view = self._view
        sub = "It looks at boot, connectors, settings, meter interval and clock; nobody notices that"
        with card("New check", sub=sub):
            self._tokens: dict[str, str] = {}
            start = ui.checkbox("Start and stop a session from here")
            with Tag("div", classes="vd-stack") as fields:
                evses = sorted({evse.number for evse in view.detail.evses}) or [1]
                evse = ui.select({one: f"EVSE {one}" for one in evses}, value=evses[0], label="EVSE").props("outlined")
                token = ui.select({}, label="Token to start with", with_input=True).props("outlined")
                token.on("input-value", lambda event: self._search(token, event), throttle=0.3)
                Tag("p", "A car or a test plug has to be connected there.", "charger-hint")
            fields.bind_visibility_from(start, "value")
            start.on_value_change(lambda: self._search(token, None))
            reset = ui.checkbox("Restart it, and wait until it is back")
            problem = Problem()

            async def begin() -> None:
                wishes = Wishes(
                    evse_number=int(evse.value) if start.value else None,
                    id_token=str(token.value or "") if start.value else "",
                    reset=bool(reset.value),
                )
                if start.value and not wishes.id_token:
                    problem.say("Choose the token that the session is started with.")
                    return
                if not await self._is_sure(wishes):
                    return
                async with trying(problem, opener), view.context.acting() as actor:
                    await view.context.services.acceptance.begin(actor, view.identity, wishes)

            opener = button("Begin the check", icon="play", kind="primary", on_click=begin)
            opener.classes("self-start")

    async def _is_sure(self, wishes: Wishes) -> bool:
        deeds = [
            *(["a session is started and stopped"] if wishes.id_token else []),
            *(["the station restarts"] if wishes.reset else []),
        ]
        if not deeds:
            return True
        text = f"During the check {' and '.join(deeds)}. Both are left out while somebody charges."
        with self._view.place:
            return await confirm(f"Check {self._view.name}?", text, verb="Begin the check")

    async def _search(self, field: ui.select, event: GenericEventArguments | None) -> None:
        async with self._view.context.reading() as session:
            found = await search_tokens(session, str(event.args or "")[:100] if event else "")
        options = {one.value: " · ".join(filter(None, (one.driver, one.label, one.value))) for one in found}
        if not field.is_deleted:
            field.set_options(self._tokens | options, value=field.value)
            self._tokens |= options

    def _earlier(self, checks: list[AcceptanceCheck]) -> None:
        if not checks:
            return
        with card("Earlier checks"), Tag("ul", classes="charger-tries"):
            for one in checks:
                address = f"{station_address(self._view.identity)}/check?check={one.id}"
                with Tag("li"), Tag("div", classes="charger-tries__what"):
                    Tag("a", self._view.formats.moment(one.started_at), "vd-link", href=address)
                    Tag("small", f"{_WORDS[CheckState(one.state)]}, by {one.asked_by}")


def _verdict(check: AcceptanceCheck) -> str:
    return {
        CheckState.RUNNING: "The check is running.",
        CheckState.PASSED: "Passed: the station is ready for drivers.",
        CheckState.FAILED: "Failed: see below what has to be mended.",
        CheckState.STOPPED: "Stopped before its end.",
    }.get(CheckState(check.state), check.state)

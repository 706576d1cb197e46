"""Cards from a spreadsheet: what it would do is shown before it is done."""

from typing import Final

from nicegui import events, ui

from components.controls import button
from components.form_dialog import FormDialog
from csms.authorization.importing import ImportPlan, import_tokens, plan_import
from csms.authorization.token_csv import MOST_BYTES, CardLine, read_cards
from csms.errors import InvalidInputError, VoltdeckError
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

TEXT: Final = (
    "A CSV file whose first line names its columns: card, and if you like type, label, driver, email, group, status, "
    "valid_from, expires_at. Cards that are registered already stay as they are."
)
_SHOWN: Final = 6


class CardImport:
    """A dialog: choose a file, look at the preview, import."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._lines: list[CardLine] | None = None
        with FormDialog("Import cards", "Import", self._import, errors=VoltdeckError, text=TEXT, wide=True):
            upload = ui.upload(
                label="Choose a CSV file, or drop it here",
                auto_upload=True,
                max_files=1,
                max_file_size=MOST_BYTES,
                on_upload=self._uploaded,
                on_rejected=lambda: self._say("This file is too large, or not a CSV file."),
            )
            upload.props('accept=".csv,text/csv" flat bordered aria-label="CSV file"').classes("vd-upload")
            self._preview = Tag("div", classes="vd-stack", aria_live="polite")
            button("Download what is there as an example", icon="download", kind="quiet", href="/data/cards.csv")

    async def _uploaded(self, event: events.UploadEventArguments) -> None:
        data = await event.file.read()
        try:
            self._lines = read_cards(data, self._context.tenant.time_zone)
        except InvalidInputError as error:
            self._lines = None
            self._say(str(error))
            return
        async with self._context.reading() as session:
            plan = await plan_import(session, self._lines)
        if not self._preview.is_deleted:
            self._show(plan)

    async def _import(self) -> None:
        if self._lines is None:
            raise InvalidInputError("Choose a file first.")
        lines, at = self._lines, self._context.services.clock.now()
        async with self._context.acting() as actor:
            plan = await self._context.run(lambda work: import_tokens(work, actor, lines, at))
        ui.notify(f"{len(plan.new)} cards were imported.", type="positive")

    def _say(self, problem: str) -> None:
        self._preview.clear()
        with self._preview, Tag("div", classes="vd-notice", data_tone="problem", role="alert"):
            icon("circle-alert")
            Tag("span", problem)

    def _show(self, plan: ImportPlan) -> None:
        self._preview.clear()
        with self._preview:
            with Tag("div", classes="vd-notice", data_tone="info"):
                icon("info")
                Tag("span", _summary(plan))
            for title, lines in (("New cards", plan.new), ("Lines that cannot be used", plan.wrong)):
                if lines:
                    _table(title, lines)


def _summary(plan: ImportPlan) -> str:
    said = [f"{len(plan.new)} new cards"]
    if plan.known:
        said.append(f"{len(plan.known)} registered already")
    if plan.wrong:
        said.append(f"{len(plan.wrong)} lines with an error, which are left out")
    if plan.new_drivers:
        said.append(f"{plan.new_drivers} drivers will be added")
    if plan.new_groups:
        said.append(f"new groups: {', '.join(plan.new_groups[:5])}")
    return "; ".join(said) + "."


def _table(title: str, lines: tuple[CardLine, ...]) -> None:
    Tag("h3", title, "vd-small-title")
    with Tag("ul", classes="vd-arrivals"):
        for line in lines[:_SHOWN]:
            with Tag("li", classes="vd-arrival"), Tag("div"):
                with Tag("div", classes="vd-arrival__what"):
                    Tag("span", line.value or f"Line {line.line}", "vd-arrival__value")
                    about = (line.driver or line.email, line.label, line.group)
                    Tag("span", " · ".join(filter(None, about)), "vd-arrival__sub")
                Tag("div", f"Line {line.line}: {line.error}" if line.error else "", "vd-arrival__sub")
    if len(lines) > _SHOWN:
        Tag("p", f"and {len(lines) - _SHOWN} more", "vd-muted")

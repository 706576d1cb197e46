"""Imports a table of chargers: every line is checked and shown before anything is written; then all or nothing."""

from nicegui import ui
from nicegui.events import UploadEventArguments

from components.controls import button, card
from csms.access.policy import Permission, require
from csms.errors import VoltdeckError
from csms.stations.addresses import station_url, usual_profile
from csms.stations.importing import (
    COLUMNS,
    MOST_BYTES,
    MOST_ROWS,
    ImportDefaults,
    ImportRow,
    check_rows,
    import_stations,
    passwords_table,
    read_table,
    template,
)
from csms.stations.managing import Added
from csms.tenants.main_host import main_host_of
from pages.operator.forms import Problem, trying
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

_SHOWN = 200


async def import_page(context: PageContext) -> None:
    """The file is kept in this tab alone until it is added or left."""
    require(context.actor, Permission.STATIONS_MANAGE)
    context.frame.heading("Import chargers", crumb=("/stations", "Stations"))
    ImportPage(context)


class ImportPage:
    """Choose, look, add."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._content = b""
        settings = context.services.settings
        self._defaults = ImportDefaults(context.tenant.time_zone, usual_profile(settings))
        with Tag("div", classes="charger-column") as self._page:
            with card("Choose a table", sub=f"CSV with a heading, at most 1 MB and {MOST_ROWS:,} lines") as frame:
                with frame.actions:
                    button("Download a template", icon="download", on_click=_download_template)
                # The framework's uploader is no use by keyboard; ours is a button that opens its file dialog.
                self._upload = ui.upload(
                    on_upload=self._uploaded,
                    on_rejected=lambda: self._problem.say("The file is larger than 1 MB, or is no CSV file."),
                    auto_upload=True,
                    max_file_size=MOST_BYTES,
                ).props('accept=".csv,text/csv,text/plain"')
                self._upload.classes("hidden")
                choose = button("Choose a CSV file", icon="file-text", kind="primary")
                choose.on("click", js_handler=f"() => getElement({self._upload.id}).$refs.qRef.pickFiles()")
                choose.classes("self-start")
                self._problem = Problem()
                with ui.expansion("What the columns mean").classes("w-full"), Tag("dl", classes="vd-details"):
                    for name, meaning in COLUMNS.items():
                        with Tag("div", classes="vd-details__pair"):
                            Tag("dt", name)
                            Tag("dd", meaning)
            self._preview = Tag("div", classes="charger-column", aria_live="polite")

    async def _uploaded(self, event: UploadEventArguments) -> None:
        self._content = await event.file.read()
        self._upload.reset()
        self._preview.clear()
        self._problem.say("")
        try:
            rows = read_table(self._content)
            async with self._context.reading() as session:
                await check_rows(session, rows, self._defaults)
        except VoltdeckError as error:
            self._problem.say(str(error))
            return
        with self._preview:
            self._show(event.file.name, rows)

    def _show(self, name: str, rows: list[ImportRow]) -> None:
        bad = sum(bool(row.problems) for row in rows)
        title = f"{len(rows):,} chargers in {name}" if len(rows) != 1 else f"1 charger in {name}"
        sub = (
            "Nothing is written yet"
            if not bad
            else f"{bad:,} of them cannot be added: correct the file, choose it again"
        )
        with card(title, sub=sub, flush=True):
            _table(sorted(rows, key=lambda row: not row.problems)[:_SHOWN])
            if len(rows) > _SHOWN:
                Tag("p", f"The first {_SHOWN} are shown, those with problems before the others.", "vd-table__foot")
        problem = Problem()

        async def add() -> None:
            async with trying(problem, opener):
                services, context = self._context.services, self._context
                secret, now = services.settings.resolved_secret_key(), services.clock.now()
                async with context.acting() as actor:
                    added = await context.run(
                        lambda work: import_stations(work, actor, self._content, self._defaults, secret, now)
                    )
                self._page.clear()
                with self._page:
                    self._show_result(added, rows)

        words = "Add the charger" if len(rows) == 1 else f"Add all {len(rows):,} chargers"
        opener = button(words, icon="plus", kind="primary", on_click=add)
        opener.classes("self-start")
        opener.set_enabled(not bad)

    def _show_result(self, added: list[Added], rows: list[ImportRow]) -> None:
        settings, host = self._context.services.settings, main_host_of(self._context.tenant)
        profiles = {row.plan.identity: row.plan.security_profile for row in rows if row.plan is not None}
        table = passwords_table(
            added, lambda identity: station_url(settings, host, identity, profiles.get(identity, 1))
        )
        words = "1 charger was added" if len(added) == 1 else f"{len(added):,} chargers were added"
        with card(words):
            with Tag("div", classes="charger-warning"):
                icon("key-round")
                Tag("span", "Download their passwords now: they are shown only this once, and kept nowhere.")
            with Tag("div", classes="vd-row"):
                button(
                    "Download the passwords",
                    icon="download",
                    kind="primary",
                    on_click=lambda: ui.download.content(table, "charger-passwords.csv", "text/csv"),
                )
                button("To the stations", href="/stations")


def _download_template() -> None:
    ui.download.content(template(), "chargers.csv", "text/csv")


def _table(rows: list[ImportRow]) -> None:
    with Tag("div", classes="plain-scroll"), Tag("table", classes="plain-table", data_testid="preview"):
        with Tag("thead"), Tag("tr"):
            for label in ("Line", "Identity", "Name", "Location", "Result"):
                Tag("th", label, scope="col")
        with Tag("tbody"):
            for row in rows:
                with Tag("tr"):
                    Tag("td", str(row.line), data_label="Line")
                    Tag("td", row.values.get("identity", ""), data_label="Identity")
                    Tag("td", row.values.get("name", ""), data_label="Name")
                    Tag("td", _place(row), data_label="Location")
                    Tag(
                        "td",
                        " ".join(row.problems) or "Can be added",
                        "bad" if row.problems else "",
                        data_label="Result",
                    )


def _place(row: ImportRow) -> str:
    is_new = row.plan is not None and row.plan.location is not None
    return row.values.get("location", "") + (" (new)" if is_new else "")

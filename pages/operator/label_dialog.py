"""Asks on which paper labels shall be printed, and has them made."""

from collections.abc import Sequence
from urllib.parse import urlencode

from nicegui import ui

from components.controls import button
from csms.stations.label_sheet import FORMS
from pages.session import PageContext
from themes.markup import Tag

LABELS_URL = "/data/labels.pdf"


def label_dialog(context: PageContext, *, stations: Sequence[int] = (), location_id: int | None = None) -> None:
    """A PDF of a label for each connector of these stations, of a location, or of all."""
    del context
    with ui.context.client.layout, ui.dialog() as dialog, ui.card().classes("vd-sheet") as sheet:
        sheet.props["aria-label"] = "Print labels"
        Tag("h2", "Print labels")
        text = "A QR code for each connector leads drivers to its page. The address on it never changes."
        Tag("p", text, "vd-muted")
        options = {key: form.title for key, form in FORMS.items()}
        form = ui.select(options, value=next(iter(options)), label="Paper").props("outlined").classes("w-full")

        def download() -> None:
            values: dict[str, str] = {"form": str(form.value)}
            if stations:
                values["stations"] = ",".join(map(str, stations))
            if location_id is not None:
                values["location"] = str(location_id)
            ui.navigate.to(f"{LABELS_URL}?{urlencode(values)}", new_tab=True)
            dialog.close()

        with Tag("div", classes="vd-dialog__actions"):
            button("Cancel", on_click=dialog.close)
            button("Make the PDF", icon="download", kind="primary", on_click=download)
    dialog.on_value_change(lambda event: None if event.value else dialog.delete())
    dialog.open()

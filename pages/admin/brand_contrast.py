"""Whether the colours can be read, measured against WCAG AA, and the correction that one click applies."""

from components.controls import button
from pages.admin.brand_editing import BrandEditing
from themes.contrast import Concern, concerns, measures
from themes.icons import icon
from themes.markup import Tag


class BrandContrast:
    """Every ratio, and what does not pass with the nearest colour that would."""

    def __init__(self, editing: BrandEditing) -> None:
        self._editing = editing
        self._shown: tuple[str, ...] = ()
        self._cells: dict[tuple[str, str], Tag] = {}
        with Tag("div", classes="brand-contrast", role="group", aria_label="Contrast"):
            self._concerns = Tag("div", classes="vd-stack", aria_live="polite")
            with Tag("table", classes="brand-contrast__table"):
                Tag("caption", "Contrast, by WCAG AA")
                with Tag("thead"), Tag("tr"):
                    for word in ("Where", "Light", "Dark"):
                        Tag("th", word, scope="col")
                with Tag("tbody"):
                    self._rows()
        editing.listen(self._show)
        self._show()

    def _rows(self) -> None:
        for what in dict.fromkeys(one.what for one in measures(self._editing.brand)):
            with Tag("tr"):
                Tag("th", what, scope="row")
                for mode in ("light", "dark"):
                    self._cells[what, mode] = Tag("td")

    def _show(self) -> None:
        for one in measures(self._editing.brand):
            cell = self._cells[one.what, one.mode]
            verdict = "passes" if one.passes else f"needs {one.minimum:g}"
            cell.set_text(f"{one.ratio:.1f} : 1 · {verdict}")
            cell.attrs(data_passes="yes" if one.passes else "no")
        found = concerns(self._editing.brand)
        if self._shown == (now := tuple(concern.text for concern in found)):
            return
        self._shown = now
        self._concerns.clear()
        with self._concerns:
            for concern in found:
                self._concern(concern)

    def _concern(self, concern: Concern) -> None:
        with Tag("div", classes="vd-notice brand-concern"):
            icon("triangle-alert")
            with Tag("div", classes="vd-stack vd-stack--tight"):
                Tag("span", concern.text)
                use = button(
                    f"Use {concern.proposal}", on_click=lambda: self._editing.set(**{concern.field: concern.proposal})
                )
                with use:
                    Tag("i", classes="brand-dot", aria_hidden="true").style(f"background:{concern.proposal}")

"""The logo and the favicon: a file to send, what it became, and the way back."""

from collections.abc import Callable
from typing import Any, Final

from components.controls import button
from components.file_field import FileField
from pages.admin.brand_editing import BrandEditing
from pages.admin.brand_upload import URL
from themes.brand import Brand
from themes.images import MAX_BYTES
from themes.markup import Tag
from themes.page import favicon_mark, logo_mark, picture_address, svg_url

ACCEPT: Final = ".svg,.png,.jpg,.jpeg,.webp,image/svg+xml,image/png,image/jpeg,image/webp"
KINDS: Final = "SVG, PNG, JPEG or WebP; best square, at most 1 MB."


class MarkField:
    """One of the two. `name` is the first half of its tokens: logo or favicon."""

    def __init__(self, editing: BrandEditing, name: str, label: str, back: str, without: Callable[[], str]) -> None:
        self._editing = editing
        self._name = name
        self._without = without
        with Tag("div", classes="brand-mark-field", role="group", aria_label=label):
            with Tag("span", classes="brand-mark-field__shown"):
                self._shown = Tag("img", alt=f"{label} as it will look", data_testid=name)
            with Tag("div", classes="vd-stack vd-stack--tight"):
                Tag("span", label, "brand-label")
                with Tag("div", classes="vd-row vd-row--tight"):
                    FileField(f"Choose a {label.lower()}", URL, self._take, accept=ACCEPT, max_bytes=MAX_BYTES)
                    self._back = button(back, kind="quiet", on_click=self._leave_out)
                self._hint = Tag("p", classes="vd-small vd-muted")
                self._problem = Tag("p", classes="vd-sheet__error", role="alert")
        editing.listen(self._show)
        self._show()

    def _take(self, answer: dict[str, Any]) -> None:
        problem = str(answer.get("problem", ""))
        self._problem.set_text(problem)
        if not problem:
            svg = answer.get("svg") or self._without()
            self._editing.set(**{f"{self._name}_image": answer.get("image", ""), f"{self._name}_svg": svg})
            self._problem.set_text(self._editing.problems.get(f"{self._name}_svg", ""))

    def _leave_out(self) -> None:
        self._problem.set_text("")
        self._editing.set(**{f"{self._name}_image": "", f"{self._name}_svg": self._without()})

    def _show(self) -> None:
        brand = self._editing.brand
        mark = logo_mark(brand) if self._name == "logo" else favicon_mark(brand)
        self._shown.attrs(src=svg_url(mark) if mark.startswith("<") else picture_address(mark))
        own = self._is_own(brand)
        self._back.set_visibility(own)
        self._hint.set_text(KINDS if own or self._name == "logo" else f"Made from the logo. {KINDS}")

    def _is_own(self, brand: Brand) -> bool:
        tokens = brand.to_tokens()
        return bool(tokens[f"{self._name}_image"]) or tokens[f"{self._name}_svg"] != self._without()

"""One custom domain: its state, the two records to set, and what DNS says of each."""

from collections.abc import Awaitable, Callable
from typing import Final

from nicegui import ui

from components.controls import Card, icon_button
from components.copyable import Copyable
from components.formats import Formats
from components.status import status_svg
from csms.tenants.dns import PREFIX
from csms.tenants.domain_state import DomainState, found_of, state_of
from models import CustomDomain
from pages.admin.domain_words import CHIPS, Mark, alias_words, apex_words, meaning, text_words
from themes.icons import icon
from themes.markup import Tag

_SIGNS: Final = {Mark.FOUND: "circle-check", Mark.WRONG: "circle-alert", Mark.MISSING: "clock"}


class DomainCard:
    """Shows a row; `show` changes only what differs, so that nothing flickers and the focus stays."""

    def __init__(
        self,
        row: CustomDomain,
        target: str,
        formats: Formats,
        *,
        is_https: bool,
        on_remove: Callable[[CustomDomain], Awaitable[None]],
    ) -> None:
        self.row = row
        self._target, self._formats, self._is_https = target, formats, is_https
        frame = Card(row.hostname, "", flush=False)
        with frame.actions:
            self._chip = _Chip()
            icon_button("trash-2", f"Remove {row.hostname}", on_click=lambda: on_remove(self.row))
        with frame.body:
            self._meaning = Tag("p", "", "admin-domain__meaning", role="status")
            with Tag("div", classes="admin-domain__records"):
                self._alias = _Record("CNAME", row.hostname, target)
                self._text = _Record("TXT", f"{PREFIX}.{row.hostname}", row.token)
            self._apex = Tag("p", "", "vd-muted admin-domain__note")
            self._checked = Tag("p", "", "vd-muted admin-domain__note")
        self.show(row)

    def show(self, row: CustomDomain) -> None:
        """Show the row as it is now."""
        self.row = row
        found = found_of(row)
        self._chip.show(state_of(row))
        self._meaning.set_text(meaning(row, self._formats, is_https=self._is_https))
        if not found.is_silent:
            self._alias.show(*alias_words(found, self._target))
            self._text.show(*text_words(found))
        self._apex.set_text(apex_words(found))
        self._apex.set_visibility(not found.leads_here)
        looked = f"Looked at {self._formats.time_seconds(row.checked_at)}." if row.checked_at else "Not looked at yet."
        self._checked.set_text(looked)


class _Chip(Tag):
    """The state by colour, shape and word."""

    def __init__(self) -> None:
        super().__init__("span", classes="vd-status")
        self._shown = ""
        with self:
            self._icon = ui.html("", sanitize=False, tag="span")
            self._word = Tag("span")

    def show(self, state: DomainState) -> None:
        if state == self._shown:
            return
        self._shown = state
        status, words = CHIPS[state]
        hue = {"Preparing": "amber", "Faulted": "red", "Finishing": "teal", "Available": "green"}.get(status, "grey")
        self.attrs(data_status=status, data_hue=hue)
        self._icon.set_content(status_svg(status))
        self._word.set_text(words)


class _Record(Tag):
    """One DNS record to set, and whether it was found."""

    def __init__(self, kind: str, name: str, value: str) -> None:
        super().__init__("div", classes="admin-record")
        with self:
            with Tag("div", classes="admin-record__head"):
                Tag("span", kind, "admin-record__kind")
                self._sign = Tag("span", classes="admin-record__sign", aria_hidden="true")
                self._said = Tag("span", "", "admin-record__said")
            Copyable(name, f"{kind} name")
            Copyable(value, f"{kind} value")
        self._mark: Mark | None = None
        self.show(Mark.MISSING, "Not looked at yet.")

    def show(self, mark: Mark, words: str) -> None:
        """Say what DNS holds."""
        self._said.set_text(words)
        if mark == self._mark:
            return
        self._mark = mark
        self.attrs(data_mark=mark.value)
        self._sign.clear()
        with self._sign:
            icon(_SIGNS[mark])

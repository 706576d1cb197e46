"""A value that somebody types into another device: shown whole, selectable, and copied by one button."""

from typing import Final

from nicegui import ui

from components.controls import icon_button
from themes.markup import Tag

# Where the page has no secure connection browsers keep the clipboard to themselves; then the selection is copied.
_COPY: Final = """(event) => {
  const text = event.currentTarget.parentElement.querySelector('code');
  if (navigator.clipboard) return navigator.clipboard.writeText(text.textContent);
  const range = document.createRange(), selection = getSelection();
  range.selectNodeContents(text);
  selection.removeAllRanges();
  selection.addRange(range);
  document.execCommand('copy');
}"""


def copyable(label: str, value: str, *, secret: bool = False, testid: str = "") -> Tag:
    """`label` above, `value` with a copy button beside it. `secret` keeps it out of translations and spell checks."""
    with Tag("div", classes="vd-copy") as block:
        Tag("div", label, "vd-copy__label")
        with Tag("div", classes="vd-copy__line"):
            code = Tag("code", value, "vd-copy__value", tabindex="0", aria_label=label)
            if testid:
                code.attrs(data_testid=testid)
            if secret:
                code.attrs(translate="no", spellcheck="false")
            copy = icon_button("copy", f"Copy {label.lower()}")
            copy.on("click", js_handler=_COPY)
            copy.on("click", lambda: ui.notify(f"{label} copied", type="positive"))
    return block

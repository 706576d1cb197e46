"""A list of names and values, live where wanted."""

from collections.abc import Mapping

from themes.markup import Tag

_NOTHING = "–"


class Details(Tag):
    """A definition list; `set` changes a value or adds a name that was not there."""

    def __init__(self, values: Mapping[str, str | None], *, columns: int = 1) -> None:
        super().__init__("dl", classes=f"vd-details vd-details--{columns}")
        self._values: dict[str, Tag] = {}
        for name, value in values.items():
            self.set(name, value)

    def set(self, name: str, value: str | None) -> None:
        """Show `value` (None or empty: a dash) under `name`."""
        if name in self._values:
            self._values[name].set_text(value or _NOTHING)
            return
        with self, Tag("div", classes="vd-details__pair"):
            Tag("dt", name)
            self._values[name] = Tag("dd", value or _NOTHING)


def details(values: Mapping[str, str | None], *, columns: int = 1) -> Details:
    """Names and values in 1 to 3 columns (one on a phone)."""
    return Details(values, columns=columns)

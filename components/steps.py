"""How far a command has come, told truthfully: what was reached and when, or the reason why not."""

import time
from collections.abc import Callable, Sequence

from nicegui import ui

STARTING = (("asked", "Asked"), ("accepted", "Accepted"), ("started", "Started"))


class Steps(ui.element, component="steps.js"):
    """The steps of one command; the first is reached as soon as it is shown.

    `steps` are (key, label) in order. The running step counts its seconds in the browser; reached ones keep the time
    that `clock` (a monotonic second count) gave them.
    """

    def __init__(
        self,
        steps: Sequence[tuple[str, str]] = STARTING,
        *,
        title: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._clock = clock
        self._begun = clock()
        self._order = [key for key, _ in steps]
        self.props["title"] = title
        self.props["steps"] = [
            {"key": key, "label": label, "state": "open", "note": "", "at": None} for key, label in steps
        ]
        self.advance(self._order[0])

    @property
    def done(self) -> bool:
        """Whether the last step was reached, or one failed."""
        return all(step["state"] == "reached" for step in self.props["steps"]) or self.failed

    @property
    def failed(self) -> bool:
        return any(step["state"] == "failed" for step in self.props["steps"])

    def reached(self, key: str) -> bool:
        """Whether the step was reached."""
        return bool(self.props["steps"][self._order.index(key)]["state"] == "reached")

    def advance(self, key: str, note: str = "") -> None:
        """Mark `key` and all before it as reached. Raises ValueError for a key that is no step."""
        position = self._order.index(key)
        elapsed = self._clock() - self._begun
        for step in self.props["steps"][: position + 1]:
            if step["state"] != "reached":
                step.update(state="reached", at=round(elapsed, 1))
        self.props["steps"][position]["note"] = note
        if position + 1 < len(self._order):
            self.props["steps"][position + 1].update(state="running")
        self.update()

    def note(self, key: str, text: str) -> None:
        """Say something about a step without reaching it, such as what it waits for."""
        self.props["steps"][self._order.index(key)]["note"] = text
        self.update()

    def fail(self, reason: str) -> None:
        """Mark the step now awaited as failed, with the reason in words."""
        for step in self.props["steps"]:
            if step["state"] != "reached":
                step.update(state="failed", note=reason, at=round(self._clock() - self._begun, 1))
                break
        self.update()

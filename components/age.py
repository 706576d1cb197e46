"""How long ago something was, or how long it has been running; the browser counts, nobody asks the server."""

from datetime import datetime

from nicegui import ui

from components.assets import STATIC_URL


class Age(ui.element, component="age.js"):
    """Shows the time since `moment` ("12 s ago"), or with `running` a duration ("4 min 3 s"), with `title` on hover."""

    def __init__(self, moment: datetime | str | None, *, title: str = "", running: bool = False) -> None:
        super().__init__()
        self.props.update({"title": title, "running": running, "static-url": STATIC_URL})
        self.show(moment)

    def show(self, moment: datetime | str | None) -> None:
        """Count from another moment (aware, or ISO 8601 text); None shows a dash."""
        self.props["moment"] = moment.isoformat() if isinstance(moment, datetime) else moment
        self.update()

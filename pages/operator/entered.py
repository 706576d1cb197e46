"""Says, for as long as it lasts, that this is the platform's owner inside a tenant."""

from csms.access.policy import PLATFORM
from pages.web.visit import Visit
from themes.icons import icon
from themes.markup import Tag


def entered_banner(visit: Visit, until: str) -> Tag | None:
    """The banner; None for everybody else."""
    if visit.actor is None or visit.actor.means != PLATFORM:
        return None
    with Tag("div", classes="people-entered", role="note", aria_label="You entered this tenant") as banner:
        icon("shield")
        with Tag("div", classes="people-entered__text"):
            Tag("strong", f"You are here as the platform's owner, until {until}.")
            Tag("span", f"Reason: {visit.reason}")
            Tag("span", "Everything you do is in this tenant's audit log.")
        with Tag("form", method="post", action="/sign-out"):
            Tag("button", "Leave", "vd-plain-btn", type="submit")
    return banner

"""One entry of the settings page."""

from dataclasses import dataclass

from csms.access.policy import Permission
from pages.sub_pages import Builder


@dataclass(frozen=True, slots=True)
class Section:
    """A page below /settings: where, what it is called, what it is for, who may see it."""

    path: str
    icon: str
    title: str
    text: str
    permission: Permission | None
    """None: everybody who is signed in."""
    build: Builder
    group: str = "Organisation"

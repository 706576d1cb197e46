"""The way to everything that can be set up, for those who may."""

from itertools import groupby

from pages.admin import sections
from pages.admin.section import Section
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

CRUMB = ("/settings", "Settings")
"""The way back from a page below."""


async def settings(context: PageContext) -> None:
    """Groups of links, each with a sentence on what it is for."""
    context.frame.heading("Settings")
    groups = list(dict.fromkeys(one.group for one in sections.SECTIONS))
    offered = [one for one in sections.SECTIONS if one.permission is None or context.may(one.permission)]
    for group, members in groupby(sorted(offered, key=lambda one: groups.index(one.group)), key=lambda one: one.group):
        with Tag("section", classes="vd-settings", aria_label=group):
            Tag("h2", group, "vd-settings__group")
            with Tag("div", classes="vd-settings__list"):
                for one in members:
                    _link(one)


def _link(section: Section) -> None:
    with Tag("a", classes="vd-settings__link", href=section.path):
        with Tag("span", classes="vd-settings__icon"):
            icon(section.icon)
        with Tag("span", classes="vd-settings__text"):
            Tag("span", section.title, "vd-settings__title")
            Tag("span", section.text, "vd-muted")

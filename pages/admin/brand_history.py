"""What was published, by whom and when, and the way back to it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from components.confirm import confirm
from components.controls import button, card
from csms.tenants.brand_queries import Published
from pages.session import PageContext
from pages.web.visit import brand_of
from themes.markup import Tag
from themes.page import logo_url

RollBack = Callable[[int], Awaitable[object]]


def brand_history(context: PageContext, versions: list[Published], roll_back: RollBack) -> None:
    """The versions, newest first; all but the first can be brought back."""
    with (
        card("History", sub="Every publication stays; rolling back publishes it again."),
        Tag("ol", classes="brand-history", reversed=""),
    ):
        for version in versions:
            _line(context, version, versions[0].number, roll_back)


def _line(context: PageContext, version: Published, live: int, roll_back: RollBack) -> None:
    brand = brand_of(replace(context.tenant, brand=version.tokens))
    restores = f" · brings back version {version.restores}" if version.restores else ""
    with Tag("li", data_version=str(version.number)):
        with Tag("span", classes="vd-swatches", aria_hidden="true"):
            for color in brand.accent_pair:
                Tag("i").style(f"background:{color}")
        Tag("img", classes="brand-history__mark", alt="", src=logo_url(brand))
        with Tag("div", classes="brand-history__text"):
            Tag("span", f"Version {version.number}: {brand.app_name}", "brand-history__name")
            Tag(
                "span",
                f"{context.formats.moment(version.published_at)} · {version.author}{restores}",
                "vd-small vd-muted",
            )
        if version.number == live:
            Tag("span", "Published", "vd-tag brand-history__live")
        else:

            async def back() -> None:
                if await confirm(
                    f"Roll back to version {version.number}?",
                    "It is published again as a new version. Open pages show it when they are loaded next. "
                    "Your own draft is kept.",
                    verb="Roll back",
                ):
                    await roll_back(version.number)

            made = button("Roll back", icon="rotate-ccw", kind="quiet", on_click=back)
            made.props["aria-label"] = f"Roll back to version {version.number}"

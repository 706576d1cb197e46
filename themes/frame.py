"""The operator dashboard's frame: links, the page's heading, the user's menu, and a place for the sub pages."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from nicegui import ui

from themes.brand import Brand
from themes.icons import icon
from themes.markup import Tag
from themes.mode import ModeSwitch
from themes.page import apply_brand, full_title, logo

ON_BAR = 4  # links that fit on a phone's bottom bar beside "More"


@dataclass(frozen=True, slots=True)
class NavItem:
    """A link of the frame. It is active on its own path and, unless `exact`, on every path below it."""

    href: str
    icon: str
    label: str
    exact: bool = False
    group: str = ""

    def leads_to(self, path: str) -> bool:
        return path == self.href or (
            not self.exact and self.href != "/" and path.startswith(self.href.rstrip("/") + "/")
        )


@dataclass(frozen=True, slots=True)
class Person:
    """Who is signed in; `menu` are further (href, icon, label) links of their menu."""

    name: str
    role: str
    menu: tuple[NavItem, ...] = ()

    @property
    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)).upper() or "?"


@dataclass(slots=True)
class Shell:
    """What a sub page may do to the frame around it."""

    brand: Brand
    _heading: ui.element
    _links: list[tuple[NavItem, Tag]] = field(default_factory=list)
    _badges: dict[str, Tag] = field(default_factory=dict)

    def heading(self, title: str, *, sub: str = "", crumb: tuple[str, str] | None = None) -> ui.element:
        """Set the page's h1 and tab title. Returns the place for its actions: `with shell.heading("Stations"): ...`.

        `sub` is a line below; `crumb` an (href, label) back up.
        """
        ui.page_title(full_title(title, self.brand))
        self._heading.clear()
        with self._heading:
            with Tag("div", classes="vd-heading__text"):
                if crumb:
                    with Tag("a", classes="vd-heading__crumb", href=crumb[0]):
                        icon("chevron-left")
                        Tag("span", crumb[1])
                Tag("h1", title)
                Tag("p", sub, "vd-heading__sub")
            return Tag("div", classes="vd-heading__actions")

    def badge(self, href: str, text: str) -> None:
        """Show a small count on the link to `href`; empty text takes it away."""
        self._badges[href].set_text(text)

    def follow(self, path: str) -> None:
        """Mark the link that leads to `path`."""
        for item, link in self._links:
            link.attrs(aria_current="page" if item.leads_to(urlsplit(path).path) else None)


@contextmanager
def shell(
    brand: Brand, nav: Sequence[NavItem], person: Person, *, sign_out: str | Callable[[], object], home: str = "/"
) -> Iterator[Shell]:
    """Frame the page being built; what is built inside the `with` is the main content, usually one `ui.sub_pages`.

    `sign_out` is an address that takes a POST, or a callback.
    """
    apply_brand("", brand)
    with ui.element("div").classes("vd-shell"):
        with Tag("aside", classes="vd-rail", aria_label=brand.app_name):
            _brand_link(brand, home)
            links, badges = _navigation(nav)
            _user_menu(brand, person, sign_out)
        with Tag("main", classes="vd-main", tabindex="-1") as main, ui.element("div").classes("vd-main__inner"):
            frame = Shell(brand, ui.element("div").classes("vd-heading"), links, badges)
            router = ui.context.client.sub_pages_router
            frame.follow(router.current_path)
            router.on_path_changed(frame.follow)
            yield frame
    ui.skip_link("Skip to content", target=main)


def _brand_link(brand: Brand, home: str) -> None:
    with Tag("a", classes="vd-brand", href=home, aria_label=f"{brand.app_name}, home"):
        logo(brand)
        Tag("span", brand.app_name, "vd-brand__name")


def _navigation(nav: Sequence[NavItem]) -> tuple[list[tuple[NavItem, Tag]], dict[str, Tag]]:
    links: list[tuple[NavItem, Tag]] = []
    badges: dict[str, Tag] = {}
    crowded = len(nav) > ON_BAR + 1
    group = ""
    with Tag("nav", classes="vd-nav vd-nav--crowded" if crowded else "vd-nav", aria_label="Main"):
        for position, item in enumerate(nav):
            if item.group and item.group != group:
                Tag("div", item.group, "vd-nav__group")
            group = item.group
            late = " vd-nav__link--late" if position >= ON_BAR else ""
            with Tag("a", classes=f"vd-nav__link{late}", href=item.href) as link:
                icon(item.icon)
                Tag("span", item.label)
                badges[item.href] = Tag("span", "", "vd-nav__badge")
            links.append((item, link))
        if crowded:
            _more(nav[ON_BAR:])
    return links, badges


def _more(nav: Sequence[NavItem]) -> None:
    with ui.button(color=None).props("flat no-caps").classes("vd-nav__link vd-nav__more"):
        icon("ellipsis")
        Tag("span", "More")
        with ui.menu().classes("vd-user__menu"):
            for item in nav:
                _menu_link(item)


def _user_menu(brand: Brand, person: Person, sign_out: str | Callable[[], object]) -> None:
    with ui.element("div").classes("vd-user"):
        button = ui.button(color=None).props("flat no-caps align=left").classes("vd-user__button vd-btn--quiet")
        button.props["aria-label"] = f"{person.name}, {person.role}: menu"
        with button:
            Tag("span", person.initials, "vd-avatar", aria_hidden="true")
            with Tag("span", classes="vd-user__who"):
                Tag("div", person.name, "vd-user__name")
                Tag("div", person.role, "vd-user__role")
            with ui.menu().props("anchor='top left' self='bottom left' :offset='[0,6]'").classes("vd-user__menu"):
                with ui.element("div").classes("px-2 pt-1 pb-2"):
                    Tag("div", person.name, "vd-user__name")
                    Tag("div", person.role, "vd-user__role")
                ModeSwitch(brand)
                for item in person.menu:
                    _menu_link(item)
                _sign_out(sign_out)


def _menu_link(item: NavItem) -> None:
    with Tag("a", classes="vd-menu-row", href=item.href):
        icon(item.icon)
        Tag("span", item.label)


def _sign_out(sign_out: str | Callable[[], object]) -> None:
    """A form, not a link: leaving is a change, and sub pages would catch a link's click."""
    if callable(sign_out):
        row = Tag("button", classes="vd-menu-row", type="button").on("click", lambda: sign_out())
    else:
        with Tag("form", method="post", action=sign_out):
            row = Tag("button", classes="vd-menu-row", type="submit")
    with row:
        icon("log-out")
        Tag("span", "Sign out")

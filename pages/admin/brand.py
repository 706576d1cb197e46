"""The brand editor: a form, what comes of it beside, and what was published before."""

from collections.abc import Sequence
from dataclasses import replace

from nicegui import ui

from components.confirm import confirm
from components.controls import button
from csms.access.policy import Permission, require
from csms.errors import VoltdeckError
from csms.tenants.brand_queries import Published, draft_of, other_drafts, published_versions
from csms.tenants.branding import StaleBrandError
from models import BrandDraft
from pages.admin.brand_editing import BrandEditing
from pages.admin.brand_form import BrandForm
from pages.admin.brand_history import brand_history
from pages.admin.brand_preview import BrandPreview
from pages.admin.brand_tokens import branding_of
from pages.admin.settings import CRUMB
from pages.session import PageContext
from pages.web.visit import brand_of
from themes.css import every_font_face
from themes.icons import icon
from themes.markup import Tag

PATH = "/settings/brand"
_TO_THE_PREVIEW = "() => document.querySelector('.brand-preview').scrollIntoView()"


async def brand(context: PageContext, done: str = "") -> None:
    """`done` is what was published a moment ago: the page is loaded anew after it, to wear it."""
    require(context.actor, Permission.BRAND_MANAGE)
    async with context.reading() as session:
        versions = await published_versions(session, 20)
        draft = await draft_of(session, context.actor.user_id)
        others = await other_drafts(session, context.actor.user_id)
    BrandEditor(context, versions, draft, others, done)


class BrandEditor:
    """The page and its three verbs."""

    def __init__(
        self,
        context: PageContext,
        versions: list[Published],
        draft: BrandDraft | None,
        others: Sequence[BrandDraft],
        done: str,
    ) -> None:
        self._context = context
        latest = versions[0]
        tokens, base = (draft.tokens, draft.base_number) if draft else (latest.tokens, latest.number)
        begun = next((one for one in versions if one.number == base), latest)
        self._editing = BrandEditing(context, latest, brand_of(replace(context.tenant, brand=tokens)), base)
        self._heading(latest, draft)
        self._notices(latest, begun, others, done)
        ui.html(f"<style>{every_font_face()}</style>", sanitize=False).style("display:none")  # constants of ours
        with Tag("div", classes="brand-editor"):
            BrandForm(self._editing)
            BrandPreview(self._editing, context.formats)
        brand_history(context, versions, self._roll_back)
        self._editing.listen(self._offer)
        self._editing.keep_draft()
        self._offer()

    def _heading(self, latest: Published, draft: BrandDraft | None) -> None:
        with self._context.frame.heading("Brand", sub=f"Version {latest.number} is published", crumb=CRUMB):
            said = f"Your draft of {self._context.formats.moment(draft.saved_at)}." if draft else ""
            note = Tag("span", said, "vd-small vd-muted brand-note", role="status")
            self._editing.on_note(note.set_text)
            button("Preview", icon="eye", kind="quiet").classes("brand-look").on("click", js_handler=_TO_THE_PREVIEW)
            self._discard_button = button("Discard the draft", kind="quiet", icon="eraser", on_click=self._discard)
            self._publish_button = button("Publish", kind="primary", icon="check", on_click=self._publish)

    def _notices(self, latest: Published, begun: Published, others: Sequence[BrandDraft], done: str) -> None:
        if done == str(latest.number):
            _notice(
                "info", "circle-check", f"Version {done} is published. Open pages show it when they are loaded next."
            )
        if begun.number != latest.number:
            _notice(
                "warning",
                "triangle-alert",
                f"{latest.author} published version {latest.number} after you began from version {begun.number}. "
                "Publish your draft to replace it, or discard the draft to begin from what is published.",
            )
        for other in others:
            moment = self._context.formats.moment(other.saved_at)
            _notice("info", "pencil", f"{other.author} has a draft of their own, last changed {moment}.")

    def _offer(self) -> None:
        """Only what would do something is offered."""
        differs = self._editing.differs
        self._publish_button.set_enabled(differs and not self._editing.problems)
        self._discard_button.set_visibility(differs)

    async def _publish(self, *, over: bool = False) -> None:
        editing, services = self._editing, self._context.services
        try:
            async with self._context.acting() as actor:
                number = await branding_of(services).publish(actor, editing.brand.to_tokens(), editing.base, over=over)
        except StaleBrandError as error:
            if await confirm("Somebody has published since you began", str(error), verb="Replace it by mine"):
                await self._publish(over=True)
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        else:
            self._load_anew(number)

    async def _discard(self) -> None:
        if not await confirm(
            "Discard the draft?",
            "What is published stays as it is; your changes are lost.",
            verb="Discard",
            danger=True,
        ):
            return
        try:
            async with self._context.acting() as actor:
                await branding_of(self._context.services).discard_draft(actor)
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        else:
            self._load_anew()

    async def _roll_back(self, number: int) -> None:
        try:
            async with self._context.acting() as actor:
                published = await branding_of(self._context.services).roll_back(actor, number)
        except VoltdeckError as error:
            ui.notify(str(error), type="negative")
        else:
            self._load_anew(published)

    def _load_anew(self, number: int | None = None) -> None:
        """A real load, not a change of sub page: the frame around us wears the brand too."""
        self._editing.settled()
        query = f"?done={number}" if number else ""
        ui.run_javascript(f"location.assign('{PATH}{query}')")


def _notice(tone: str, symbol: str, text: str) -> None:
    with Tag("div", classes="vd-notice", data_tone=tone, role="status"):
        icon(symbol)
        Tag("span", text)

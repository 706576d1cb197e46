"""What is being edited: the tokens, what is wrong with them, who wants to know, and the draft that keeps them."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Final

from nicegui import background_tasks, ui

from components.live import when_gone
from csms.errors import VoltdeckError
from csms.tenants.brand_queries import Published
from csms.tenants.directory import TenantInfo
from pages.admin.brand_tokens import branding_of, problem_words, stored_tokens
from pages.session import PageContext
from pages.web.visit import brand_of
from themes.brand import Brand, BrandError

PAUSE_S: Final = 0.8
"""How long nothing was changed before the draft is saved."""


@dataclass
class BrandEditing:
    """The brand as it would be published. It is always one that can be shown: what is wrong waits in `problems`."""

    context: PageContext
    published: Published
    """What the form was begun from."""
    brand: Brand
    base: int
    problems: dict[str, str] = field(default_factory=dict)
    _heard: list[Callable[[], object]] = field(default_factory=list)
    _notes: list[Callable[[str], object]] = field(default_factory=list)
    _changed_at: float | None = None

    @property
    def differs(self) -> bool:
        """Whether publishing would change anything."""
        return stored_tokens(self.brand.to_tokens()) != shown_tokens(self.context.tenant, self.published)

    def listen(self, changed: Callable[[], object]) -> None:
        """Call `changed` after every change."""
        self._heard.append(changed)

    def on_note(self, say: Callable[[str], object]) -> None:
        """Call `say` with what became of the draft."""
        self._notes.append(say)

    def set(self, **tokens: Any) -> None:
        """Change tokens. What cannot be shown is not taken, and said beside its field."""
        for name in tokens:
            self.problems.pop(name, None)
        try:
            brand = Brand.from_tokens(self.brand.to_tokens() | tokens)
        except BrandError as error:
            self.problems[error.field] = problem_words(error)
            brand = self.brand
        if brand != self.brand:
            self.brand, self._changed_at = brand, monotonic()
            self._note("Saving the draft …")
        for changed in self._heard:
            changed()

    def keep_draft(self) -> None:
        """Save it as a draft whenever nothing was changed for a moment, and when the page is left before that."""
        when_gone(ui.timer(PAUSE_S / 2, self._save_when_quiet), self._save_on_leaving)

    async def _save_when_quiet(self) -> None:
        if self._changed_at is None or monotonic() - self._changed_at < PAUSE_S:
            return
        try:
            await self._save()
        except VoltdeckError as error:
            self._note(f"The draft could not be saved. {error}")
        else:
            if self._changed_at is None:  # nothing was changed while it was being saved
                self._note("Draft saved. Nobody but you sees it until you publish it.")

    def _save_on_leaving(self) -> None:
        if self._changed_at is not None:
            background_tasks.create(self._save_unseen(), name="save a draft")

    async def _save_unseen(self) -> None:
        with suppress(VoltdeckError, RuntimeError):  # nobody is there to be told, or to be led to the sign-in page
            await self._save()

    async def _save(self) -> None:
        self._changed_at = None
        async with self.context.acting() as actor:
            await branding_of(self.context.services).save_draft(actor, self.brand.to_tokens(), self.base)

    def settled(self) -> None:
        """There is nothing to save any more."""
        self._changed_at = None

    def _note(self, text: str) -> None:
        for say in self._notes:
            say(text)


def shown_tokens(tenant: TenantInfo, published: Published) -> dict[str, Any]:
    """A version as its tenant shows it: what its row leaves out is filled in, so that two can be compared."""
    return stored_tokens(brand_of(replace(tenant, brand=published.tokens)).to_tokens())

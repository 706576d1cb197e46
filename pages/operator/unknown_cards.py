"""Cards that were held to a charger and that nobody registered: they appear here at once."""

from typing import Any

from nicegui import background_tasks, ui

from components.age import Age
from components.controls import button, card
from components.live import follow
from components.undo import offer_undo
from csms.access.policy import Permission
from csms.authorization.adopting import dismiss_sighting, recall_sighting
from csms.authorization.queries import SightingEntry, list_sightings
from csms.errors import VoltdeckError
from pages.operator.card_form import adopt_dialog
from pages.operator.card_words import kind_words
from pages.operator.station_rows import station_address
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

SHOWN = 8


class UnknownCards:
    """The inbox. It reads itself anew whenever a card arrives or somebody decided about one."""

    def __init__(self, context: PageContext) -> None:
        self._context = context
        self._new: set[str] = set()
        self._dismissed = False
        self._reading = False
        sub = "Cards that nobody registered, as they are held to your chargers"
        with card("Unknown cards", sub=sub, flush=True) as frame:
            with frame.actions:
                self._toggle = button("Dismissed ones", icon="eye", kind="quiet", on_click=self._switch)
            self._list = Tag("ul", classes="vd-arrivals", aria_live="polite", aria_label="Unknown cards")
            self._note = Tag("div", classes="vd-waiting")
            follow(context.services.board, context.tenant.id, ["cards"], self._arrived)

    async def load(self) -> None:
        """Read and show what there is."""
        async with self._context.reading() as session:
            rows, total = await list_sightings(session, dismissed=self._dismissed, limit=SHOWN)
        if self._list.is_deleted:
            return
        self._list.clear()
        with self._list:
            for row in rows:
                self._entry(row)
        self._new.clear()
        self._say(total)

    def _say(self, total: int) -> None:
        self._note.clear()
        with self._note:
            icon("nfc")
            if self._dismissed:
                Tag("span", f"{total} dismissed. They stay quiet however often they are shown." if total else "None.")
            elif total > SHOWN:
                Tag("span", f"{total - SHOWN} more. Decide about these first.")
            elif total:
                Tag("span", "Hold another card to a charger, and it appears here.")
            else:
                Tag(
                    "span", "Hold a new card to any of your chargers, and it appears here at once, ready to be adopted."
                )

    def _entry(self, row: SightingEntry) -> None:
        seen = row.sighting
        with Tag("li", classes="vd-arrival", data_new="" if seen.value in self._new else None):
            with Tag("div"):
                with Tag("div", classes="vd-arrival__what"):
                    Tag("span", seen.value, "vd-arrival__value")
                    Tag("span", kind_words(seen.type) if seen.type else "Card", "vd-arrival__sub")
                with Tag("div", classes="vd-arrival__sub"):
                    Tag("span", "Seen ")
                    Age(seen.last_seen_at)
                    Tag("span", " at ")
                    name = row.station_name or row.station_identity
                    Tag("a", name, "vd-link", href=station_address(row.station_identity))
                    Tag("span", f", {seen.count} times" if seen.count > 1 else "")
            if self._context.may(Permission.TOKENS_MANAGE):
                with Tag("div", classes="vd-arrival__do"):
                    self._buttons(row)

    def _buttons(self, row: SightingEntry) -> None:
        if self._dismissed:
            recall = button("Offer again", icon="rotate-ccw", on_click=lambda: self._decide(row, recall_sighting))
            recall.props["aria-label"] = f"Offer {row.sighting.value} again"
            return
        adopt = button("Adopt", icon="check", on_click=lambda: adopt_dialog(self._context, row))
        adopt.props["aria-label"] = f"Adopt {row.sighting.value}"
        dismiss = button("Dismiss", icon="x", on_click=lambda: self._dismiss(row))
        dismiss.props["aria-label"] = f"Dismiss {row.sighting.value}"

    async def _dismiss(self, row: SightingEntry) -> None:
        await self._decide(row, dismiss_sighting)
        with self._note:  # the button that was pressed is gone
            offer_undo(f"{row.sighting.value} was dismissed.", lambda: self._decide(row, recall_sighting))

    async def _decide(self, row: SightingEntry, verb: Any) -> None:
        try:
            async with self._context.acting() as actor:
                at = self._context.services.clock.now()
                await self._context.run(lambda work: verb(work, actor, row.sighting.id or 0, at))
        except VoltdeckError as error:
            ui.notify(str(error), type="warning")
        await self.load()

    async def _switch(self) -> None:
        self._dismissed = not self._dismissed
        self._toggle.clear()
        with self._toggle:
            icon("inbox" if self._dismissed else "eye")
            Tag("span", "Waiting ones" if self._dismissed else "Dismissed ones")
        await self.load()

    def _arrived(self, batch: dict[str, Any]) -> None:
        self._new.update(str(one["value"]) for one in batch["cards"] if "value" in one)
        background_tasks.create(self._load_here())

    async def _load_here(self) -> None:
        if not self._list.is_deleted:
            with self._list:
                await self.load()

"""One session: what happened, what it cost and why, how the car charged, and the messages that say so."""

from datetime import datetime, timedelta
from typing import Any

from nicegui import background_tasks, ui

from components.controls import button, card, skeleton
from components.details import details
from components.live import Following, follow
from components.status import status_chip
from csms.access.policy import Permission, require
from csms.errors import NotFoundError
from csms.tariffs.pricing import price_of
from csms.transactions.queries import TransactionDetail, transaction_detail
from pages.operator.remarks import remark_label, remark_sentence
from pages.operator.session_card import Readings, SessionChart
from pages.operator.station_rows import site_unless_named, station_address
from pages.operator.station_start import stop_dialog
from pages.operator.station_view import StationView
from pages.operator.story_list import StoryList
from pages.operator.transaction_messages import TransactionMessages
from pages.operator.transaction_price import Bill
from pages.operator.words import charging_status, connector_words, token_type_words
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

AROUND = timedelta(minutes=2)
"""Before the start and after the end: plugging in, authorizing, unplugging."""


async def transaction(context: PageContext, transaction_id: str) -> None:
    """Raises NotFoundError for a session that is unknown, or another tenant's."""
    require(context.actor, Permission.TRANSACTIONS_VIEW)
    context.frame.heading(f"Session {transaction_id[:12]}", crumb=("/transactions", "Sessions"))
    place = ui.context.slot.parent
    waiting = skeleton(6)
    detail = await read_detail(context, transaction_id)
    station = await StationView.read(context, detail.row.station_identity)
    if place.is_deleted:
        return
    waiting.delete()
    with place:
        page = TransactionPage(station, detail)
    await page.load()


async def read_detail(context: PageContext, transaction_id: str) -> TransactionDetail:
    """Read a session by the number in its address."""
    if not transaction_id.isascii() or not transaction_id.isdigit() or len(transaction_id) > 10:
        raise NotFoundError("This session")
    async with context.reading() as session:
        try:
            return await transaction_detail(session, int(transaction_id))
        except NotFoundError:
            raise NotFoundError("This session") from None


class TransactionPage:
    """The page; while the session runs its figures, chart and price move, and its end reads it anew."""

    def __init__(self, station: StationView, detail: TransactionDetail) -> None:
        self._station = station
        self._context = station.context
        self._formats = station.formats
        self._body = Tag("div", classes="vd-stack vd-stack--wide")
        self._following: Following | None = None
        self._build(detail)

    def _build(self, detail: TransactionDetail) -> None:
        self._detail = detail
        self._row = detail.row
        self._heading()
        with self._body:
            self._remarks()
            with card("Power and energy") as frame:
                with frame.actions:
                    self._chip = status_chip("Unknown")
                self._readings = Readings(self._snapshot(), self._formats)
                self._chart = SessionChart(self._context, self._row.id, self._formats)
            with Tag("div", classes="vd-grid-main vd-dossier"):
                with card("What happened"):
                    self._story = StoryList(self._station, detail, AROUND)
                with Tag("div", classes="vd-stack vd-stack--wide vd-dossier__side"):
                    self._price()
                    with card("Who and where"):
                        self._about()
                self._log = self._messages() if self._context.may(Permission.FRAMES_VIEW) else None
        self._show_state(self._snapshot())
        if self._row.is_open:
            key = f"transaction:{self._row.id}"
            self._following = follow(
                self._context.services.board, self._context.tenant.id, [key], self._update, owner=self._body
            )

    async def load(self) -> None:
        """Read chart, story and messages."""
        await self._chart.load()
        await self._story.load()
        if self._log is not None:
            await self._log.load()

    def _heading(self) -> None:
        row = self._row
        place = connector_words(row.evse_number, row.connector_number)
        began = self._formats.moment(row.started_at).replace(" ", "\u00a0")  # a date is not torn apart
        site = site_unless_named(self._station.name, row.location_name)
        sub = " · ".join(part for part in (self._station.name, place, site, began) if part)
        with self._context.frame.heading(f"Session {row.id}", sub=sub, crumb=("/transactions", "Sessions")):
            button("Station", icon="ev-charger", href=station_address(row.station_identity))
            if row.is_open and self._station.may_control:
                button(
                    "Stop charging",
                    icon="square",
                    kind="danger",
                    on_click=lambda: stop_dialog(self._station, row.id, place),
                )

    def _remarks(self) -> None:
        for remark in self._row.remarks:
            with Tag("div", classes="vd-notice", data_remark=remark):
                icon("triangle-alert")
                with Tag("span"):
                    Tag("b", f"{remark_label(remark)}. ")
                    Tag("span", remark_sentence(remark))

    def _price(self) -> None:
        with card(
            "Price",
            sub=f"Tariff {self._detail.tariff_name}, as it stood at the start" if self._detail.tariff_name else "",
        ):
            self._bill = Bill(self._detail.prices, self._formats)
        self._bill.show(self._detail.price, final=not self._row.is_open)

    def _about(self) -> None:
        row, detail = self._row, self._detail
        kind = f" ({token_type_words(detail.id_token_type)})" if detail.id_token_type else ""
        details(
            {
                "Driver": detail.driver_name,
                "Token": f"{row.id_token}{kind}" if row.id_token else None,
                "Station": self._station.name,
                "Connector": connector_words(row.evse_number, row.connector_number),
                "Location": row.location_name,
                "Id on the wire": row.ocpp_id,
                "Meter at start": self._meter(detail.start_energy_wh),
                "Meter at end": self._meter(detail.end_energy_wh),
                "Energy known from": _source_words(detail),
            }
        )

    def _meter(self, energy_wh: int | None) -> str | None:
        return None if energy_wh is None else f"{self._formats.number(energy_wh)} Wh"

    def _messages(self) -> TransactionMessages:
        ended_at = self._row.ended_at
        return TransactionMessages(
            self._station, self._row.started_at - AROUND, ended_at + AROUND if ended_at else None
        )

    def _snapshot(self) -> dict[str, Any]:
        """As the board tells a running session, so that one function shows both."""
        live = self._context.services.board.transaction(self._context.tenant.id, self._row.id) or {}
        row, latest = self._row, self._detail.latest
        return {
            "id": row.id,
            "is_open": row.is_open,
            "charging_state": live.get("charging_state", row.charging_state),
            "energy_wh": latest.energy_wh if row.is_open else row.energy_wh,
            "power_w": latest.power_w if row.is_open else None,
            "soc_percent": latest.soc_percent,
            "cost": None if row.cost is None else str(row.cost),
            "currency": row.currency,
            "started_at": row.started_at.isoformat(),
            "ended_at": row.ended_at.isoformat() if row.ended_at else None,
            "sampled_at": latest.sampled_at.isoformat() if latest.sampled_at else None,
        }

    def _update(self, snapshot: dict[str, Any]) -> None:
        if not snapshot["is_open"]:
            background_tasks.create(self._end())
            return
        self._show_state(snapshot)
        self._readings.show(snapshot)
        self._chart.add(snapshot)
        self._show_price(snapshot)

    def _show_state(self, snapshot: dict[str, Any]) -> None:
        if snapshot["is_open"]:
            self._chip.set(charging_status(snapshot["charging_state"]))
        self._chip.set_visibility(snapshot["is_open"])

    def _show_price(self, snapshot: dict[str, Any]) -> None:
        prices = self._detail.prices
        if prices is None or snapshot["sampled_at"] is None:
            return
        duration = datetime.fromisoformat(snapshot["sampled_at"]) - self._row.started_at
        seconds = max(0, int(duration.total_seconds()))
        price = price_of(prices, energy_wh=snapshot["energy_wh"], duration_s=seconds, currency=self._row.currency)
        self._bill.show(price, final=False)

    async def _end(self) -> None:
        """It has ended: everything is read anew, for much is only known now."""
        if self._following is not None:
            self._following.stop()
        detail = await read_detail(self._context, str(self._row.id))
        if self._body.is_deleted:
            return
        self._body.clear()
        with self._body:
            self._build(detail)
        await self.load()


def _source_words(detail: TransactionDetail) -> str:
    words = {
        "signed": "Signed meter readings at start and end",
        "registers": "Meter readings at start and end",
        "samples": "Meter values in between",
        "intervals": "Energy per interval",
        "power": "Power over time",
    }.get(detail.energy_source, detail.energy_source)
    return f"{words} (estimated)" if detail.energy_estimated and words else words

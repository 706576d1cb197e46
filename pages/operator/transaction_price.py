"""The price of a session part by part: each quantity times its price, and the one rounding at the end."""

from decimal import Decimal

from components.formats import Formats
from csms.tariffs.pricing import Price, PricePart, Prices
from themes.markup import Tag

_UNITS = {"energy": ("kWh", 3), "time": ("min", 2), "flat": ("", 0)}


class Bill(Tag):
    """The table. It is built anew with each price: a few rows, at most four times a second."""

    def __init__(self, prices: Prices | None, formats: Formats) -> None:
        super().__init__("div", classes="vd-stack vd-stack--tight")
        self._prices = prices
        self._formats = formats
        self._shown: Price | None = None

    def show(self, price: Price | None, *, final: bool) -> None:
        """Show a price; None where no tariff held, so that nothing is charged."""
        if price is None:
            self.clear()
            with self:
                Tag("p", "No tariff held at this connector when the session started, so it is free.", "vd-muted")
            return
        if price == self._shown and not final:
            return
        self._shown = price
        self.clear()
        with self:
            self._table(price, final=final)
            Tag("p", _note(self._prices, final=final), "vd-bill__note")

    def _table(self, price: Price, *, final: bool) -> None:
        with Tag("table", classes="vd-bill"):
            with Tag("thead"), Tag("tr"):
                for label in ("Part", "Quantity", "Price", "Amount"):
                    Tag("th", label, scope="col")
            with Tag("tbody"):
                for part in price.parts:
                    self._line(part, price.currency)
            with Tag("tfoot"), Tag("tr"):
                Tag("th", "Total" if final else "Total so far", scope="row", colspan="3")
                Tag("td", self._formats.money(price.total, price.currency), data_field="total")

    def _line(self, part: PricePart, currency: str) -> None:
        unit, digits = _UNITS[part.kind]
        quantity = f"{self._formats.number(part.quantity, digits)} {unit}".strip()
        per = f" / {unit}" if unit else ""
        with Tag("tr", data_part=part.kind):
            Tag("td", part.label)
            Tag("td", quantity)
            Tag("td", f"{self._formats.money(part.unit_price, currency)}{per}")
            Tag("td", self._exact(part.amount, currency))

    def _exact(self, amount: Decimal, currency: str) -> str:
        """An amount before rounding, as far as it matters: four places, when the usual ones do not say it all."""
        usual = self._formats.money(amount, currency)
        if amount == amount.quantize(Decimal("0.01")):
            return usual
        return self._formats.number(amount, 4)


def _note(prices: Prices | None, *, final: bool) -> str:
    notes = ["Parts are exact; only the total is rounded."]
    if prices and prices.per_minute and prices.per_minute_after_min:
        notes.append(f"Time is free for the first {prices.per_minute_after_min} minutes.")
    if not final and prices and (prices.energy_per_kwh or prices.per_minute):
        notes.append("The price grows until the session ends.")
    return " ".join(notes)

"""What a station calculated itself (2.1, I12): kept as told, and compared with our own price."""

from typing import Any, cast

from csms.tariffs.documents import amount_of
from csms.tariffs.money import minor_unit
from models import Transaction

COST_MISMATCH, NOT_CALCULATED = "cost_mismatch", "cost_not_calculated"


def note_cost_details(row: Transaction, details: dict[str, Any]) -> None:
    """Keep the station's calculation of an ended transaction, remark where ours says something else by over a cent.

    Ours holds: it is made of the prices that the transaction began with, and of the energy in the bill.
    """
    total = _part(_part(details, "totalCost"), "total")
    amount = amount_of(total.get("inclTax", total.get("exclTax")))
    row.cost_details, row.station_cost = details, amount
    row.station_cost_currency = str(_part(details, "totalCost").get("currency", ""))[:3]
    told = {COST_MISMATCH: _differs(row), NOT_CALCULATED: bool(details.get("failureToCalculate"))}
    kept = [remark for remark in row.remarks if remark not in told]
    row.remarks = [*kept, *(remark for remark, holds in told.items() if holds)]


def _differs(row: Transaction) -> bool:
    if row.cost_details is None or row.cost_details.get("failureToCalculate") or row.is_open:
        return False
    if row.station_cost is None or row.cost is None:
        return row.station_cost != row.cost and bool(row.station_cost or row.cost)
    is_same_money = row.station_cost_currency == row.currency
    return not is_same_money or abs(row.station_cost - row.cost) > minor_unit(row.currency)


def _part(details: dict[str, Any], name: str) -> dict[str, Any]:
    found: Any = details.get(name)
    return cast(dict[str, Any], found) if isinstance(found, dict) else {}

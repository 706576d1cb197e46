"""What a token, a driver or a group of tokens may use, as it is asked and answered."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, Field

from csms.api.shapes import Body, Shape, Whole
from csms.authorization.limits import LIMIT_NAMES, Limits

Amount = Annotated[Decimal, Field(gt=0, lt=2**31, max_digits=15, decimal_places=6)]
"""Money, in the tenant's currency."""


def _plain(amount: Decimal) -> Decimal:
    """Without idle zeros: databases differ in how many they add, and an ETag must not."""
    return amount.quantize(Decimal(1)) if amount == amount.to_integral_value() else amount.normalize()


Sum = Annotated[Decimal, AfterValidator(_plain)]
"""Money that is answered."""
Energy = Annotated[Whole, Field(gt=0, le=2**31 - 1)]


class LimitsShape(Shape):
    """null: no limit."""

    max_transactions: int | None
    max_energy_day_wh: int | None
    max_energy_month_wh: int | None
    max_cost_day: Sum | None
    max_cost_month: Sum | None


class LimitsBody(Body):
    """null, or left out: no limit."""

    max_transactions: Whole | None = Field(default=None, ge=1, le=999)
    """At a time."""
    max_energy_day_wh: Energy | None = None
    max_energy_month_wh: Energy | None = None
    max_cost_day: Amount | None = None
    max_cost_month: Amount | None = None

    def limits(self) -> Limits:
        """The same for the services."""
        return Limits(**{name: getattr(self, name) for name in LIMIT_NAMES})

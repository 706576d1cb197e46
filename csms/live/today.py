"""What came together today, in the tenant's time zone: counted over the transactions that started today."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

ZERO = Decimal(0)


class Today:
    """Sessions, energy and revenue of the tenant's present day. Each transaction counts once, whatever is repeated."""

    def __init__(self, time_zone: str, now: datetime) -> None:
        self._zone = ZoneInfo(time_zone)
        self.begins_at = self.ends_at = now
        self.turn(now)

    def turn(self, now: datetime) -> None:
        """Begin the day that `now` is in, with nothing in it."""
        self.begins_at, self.ends_at = day_around(now, self._zone)
        self._energy_wh: dict[int, int] = {}
        self._revenue: dict[int, Decimal] = {}
        self.energy_wh = 0
        self.revenue = ZERO

    @property
    def sessions(self) -> int:
        """How many transactions started today."""
        return len(self._energy_wh)

    def add(self, transaction_id: int, started_at: datetime, energy_wh: int) -> None:
        """Count a transaction, if it started today."""
        if self.begins_at <= started_at < self.ends_at:
            self._energy_wh.setdefault(transaction_id, 0)
            self.measure(transaction_id, energy_wh)

    def measure(self, transaction_id: int, energy_wh: int) -> None:
        """A transaction's energy is now `energy_wh`; of no interest when it does not count."""
        before = self._energy_wh.get(transaction_id)
        if before is not None:
            self._energy_wh[transaction_id] = energy_wh
            self.energy_wh += energy_wh - before

    def earn(self, transaction_id: int, cost: Decimal | None) -> None:
        """A transaction ended and costs this much."""
        if transaction_id in self._energy_wh and cost is not None:
            self.revenue += cost - self._revenue.get(transaction_id, ZERO)
            self._revenue[transaction_id] = cost

    def counts(self, transaction_id: int) -> bool:
        """Whether the transaction is among today's."""
        return transaction_id in self._energy_wh


def day_around(now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Local midnight before and after `now`, in UTC; 23 to 25 hours apart."""
    local = now.astimezone(zone)
    begins = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    ends = (begins.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)

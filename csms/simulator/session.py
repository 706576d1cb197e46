"""A running charging session as the station remembers it."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

_TIMES = ("started_at", "energise_at", "next_sample_at")


@dataclass(slots=True)
class Session:
    """One transaction. `key` is the transactionId of 2.x; in 1.6 the CSMS gives out its own number later."""

    key: str
    started_at: datetime
    start_wh: int
    token: str | None = None
    token_type: str = "ISO14443"  # noqa: S105 - a kind of token, no secret
    group: str | None = None
    remote_start_id: int | None = None
    is_authorized: bool = False
    energise_at: datetime | None = None
    next_sample_at: datetime | None = None
    charging_state: str = "EVConnected"
    seq_no: int = 0
    charged_s: float = 0.0

    def next_seq_no(self) -> int:
        """0 for the first message of the transaction, then one more each time."""
        self.seq_no += 1
        return self.seq_no - 1

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return asdict(self) | {name: _text(getattr(self, name)) for name in _TIMES}

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "Session":
        """Back from the state file."""
        times: dict[str, Any] = {
            name: datetime.fromisoformat(stored[name]) if stored[name] else None for name in _TIMES
        }
        return Session(**{**stored, **times})


def _text(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None

"""What stations report of transactions, in 2.x nouns, whichever version they speak; and what they are answered."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Literal

from csms.authorization.service import Decision
from csms.quick import quick
from csms.transactions.meter import Moment


@dataclass(frozen=True, slots=True)
class TokenRef:
    """A token as presented. `type` is 2.x's: ISO14443, Central, NoAuthorization …; 1.6 does not say."""

    value: str
    type: str = ""


@dataclass(frozen=True, slots=True)
class StartReport:
    """1.6 StartTransaction. `at` is the station's time, `meter_wh` its register."""

    connector_number: int
    evse_number: int
    token: TokenRef
    meter_wh: int | None
    at: datetime
    received_at: datetime
    reservation_id: int | None = None


@dataclass(frozen=True, slots=True)
class StopReport:
    """1.6 StopTransaction. `transaction_ref` is the transactionId as sent: may be -1, 0 or unknown to us."""

    transaction_ref: int
    token: TokenRef | None
    meter_wh: int | None
    at: datetime
    received_at: datetime
    reason: str
    moments: list[Moment] = field(default_factory=list[Moment])


@quick
@dataclass(frozen=True, slots=True)
class MeterReport:
    """MeterValues. `transaction_ref` is 1.6's transactionId or 2.x's text; None where the station named none."""

    evse_number: int
    transaction_ref: int | str | None
    moments: list[Moment]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class EventReport:
    """2.x TransactionEvent (E01 to E15)."""

    kind: Literal["Started", "Updated", "Ended"]
    ocpp_id: str
    seq_no: int
    at: datetime
    received_at: datetime
    trigger_reason: str
    offline: bool = False
    evse_number: int | None = None
    connector_number: int | None = None
    token: TokenRef | None = None
    charging_state: str | None = None
    stopped_reason: str | None = None
    remote_start_id: int | None = None
    moments: list[Moment] = field(default_factory=list[Moment])
    time_spent_charging_s: int | None = None


@dataclass(frozen=True, slots=True)
class StartOutcome:
    """Answer to a start: the id is committed when the caller has it, and a retry gets the same."""

    transaction_id: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class StopOutcome:
    """Answer to a stop; no decision where no token was presented (X16_06)."""

    decision: Decision | None


@dataclass(frozen=True, slots=True)
class EventOutcome:
    """Answer to a TransactionEvent.

    `total_cost` is the running price, None where there is no tariff; once ended the final one, 0 when free (I_02).
    """

    decision: Decision | None
    total_cost: Decimal | None
    currency: str

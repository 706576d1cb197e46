"""What is learned of reservations, in 2.x nouns, whichever version the station speaks."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ReserveReport:
    """A ReserveNow and its answer (H01)."""

    ocpp_id: int
    evse_number: int | None
    """None or 0: any EVSE."""
    id_token: str
    group: str | None
    expires_at: datetime
    answer_status: str
    at: datetime
    """When the station answered."""
    id_token_type: str = ""
    connector_type: str = ""

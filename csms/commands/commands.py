"""What can be asked of a station, in 2.x nouns; the gateway's dialects turn each into the station's own version."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from csms.authorization.list_plan import ListEntry


@dataclass(frozen=True, slots=True)
class RequestStart:
    """Begin a transaction for a token (F01, F02). 1.6: RemoteStartTransaction."""

    evse_number: int | None
    id_token: str
    id_token_type: str
    remote_start_id: int
    charging_profile: dict[str, Any] | None = None
    """A TxProfile in the shape of 2.x without transactionId, in force from the start on (K05)."""
    additional_info: tuple[dict[str, str], ...] = ()
    """What 2.x adds to a token, such as the last digits of a payment card: additionalIdToken and type each."""
    max_cost: Decimal | None = None
    """The most it may cost, paid in advance (2.1, C24); told to the station when the transaction begins."""


@dataclass(frozen=True, slots=True)
class RequestStop:
    """End a transaction (F03). `transaction_ocpp_id` is the id on the wire; in 1.6 a number as text."""

    transaction_ocpp_id: str


@dataclass(frozen=True, slots=True)
class ChangeAvailability:
    """Put a station (no numbers), an EVSE or a connector in or out of service (G03, G04)."""

    evse_number: int | None
    connector_number: int | None
    operative: bool


@dataclass(frozen=True, slots=True)
class Reset:
    """Restart the station or one EVSE (B11, B12). Not immediate: after running transactions (1.6: Soft)."""

    immediate: bool
    evse_number: int | None = None


@dataclass(frozen=True, slots=True)
class UnlockConnector:
    """Release the cable (F05)."""

    evse_number: int
    connector_number: int


@dataclass(frozen=True, slots=True)
class TriggerMessage:
    """Have the station send a message now (F06), for example StatusNotification."""

    message: str
    evse_number: int | None = None
    connector_number: int | None = None


@dataclass(frozen=True, slots=True)
class VariableName:
    """One variable of the device model; in 1.6 a configuration key, with component ""."""

    variable: str
    component: str = ""
    component_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0
    variable_instance: str = ""
    attribute: str = "Actual"


@dataclass(frozen=True, slots=True)
class GetVariables:
    """Read variables (B06, B07; 1.6 GetConfiguration). No names: all of them."""

    names: tuple[VariableName, ...] = ()


@dataclass(frozen=True, slots=True)
class SetVariable:
    """Write a variable (B05; 1.6 ChangeConfiguration with component "")."""

    variable: str
    value: str
    component: str = ""
    component_instance: str = ""
    evse_number: int = 0
    connector_number: int = 0
    variable_instance: str = ""
    attribute: str = "Actual"


@dataclass(frozen=True, slots=True)
class SetVariables:
    """Write several variables (B05; 1.6 one ChangeConfiguration each); split where the station takes fewer."""

    variables: tuple[SetVariable, ...]


@dataclass(frozen=True, slots=True)
class ClearCache:
    """Forget remembered authorizations (C11)."""


@dataclass(frozen=True, slots=True)
class GetLocalListVersion:
    """Ask which version of the local authorization list the station holds (D02)."""


@dataclass(frozen=True, slots=True)
class SendLocalList:
    """Give the station a list of tokens it may decide on alone, or what changes in it (D01)."""

    version: int
    is_full: bool
    entries: tuple[ListEntry, ...]


@dataclass(frozen=True, slots=True)
class ReserveNow:
    """Keep an EVSE, or (None) any of the station, for a token and its group until a moment (H01)."""

    reservation_id: int
    expires_at: datetime
    id_token: str
    id_token_type: str
    evse_number: int | None = None
    connector_type: str | None = None
    group: str | None = None


@dataclass(frozen=True, slots=True)
class CancelReservation:
    """Give a reservation up (H02)."""

    reservation_id: int


@dataclass(frozen=True, slots=True)
class SetChargingProfile:
    """Install a charging profile (K01). `profile` in the shape of 2.x; EVSE 0 is the station as a whole."""

    evse_number: int
    profile: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ClearChargingProfile:
    """Remove charging profiles (K10): the one with this id, or all that fit every criterion given."""

    profile_id: int | None = None
    evse_number: int | None = None
    purpose: str | None = None
    """In 2.x words, as stack rules and store have them."""
    stack_level: int | None = None


@dataclass(frozen=True, slots=True)
class GetChargingProfiles:
    """Have the station report its charging profiles (K09). 1.6 has no such report."""

    request_id: int
    evse_number: int | None = None
    purpose: str | None = None
    stack_level: int | None = None
    profile_ids: tuple[int, ...] = ()
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GetCompositeSchedule:
    """Have the station say what it will do under its profiles (K08). EVSE 0 is the station as a whole."""

    evse_number: int
    duration_s: int
    unit: str | None = None
    """A or W."""


@dataclass(frozen=True, slots=True)
class RawRequest:
    """Any request of the station's version by name and JSON payload, checked against the schema unless told not to."""

    action: str
    payload: dict[str, Any] = field(default_factory=dict[str, Any])
    validate: bool = True


StationCommand = (
    RequestStart
    | RequestStop
    | ChangeAvailability
    | Reset
    | UnlockConnector
    | TriggerMessage
    | GetVariables
    | SetVariable
    | SetVariables
    | ClearCache
    | GetLocalListVersion
    | SendLocalList
    | ReserveNow
    | CancelReservation
    | SetChargingProfile
    | ClearChargingProfile
    | GetChargingProfiles
    | GetCompositeSchedule
    | RawRequest
)

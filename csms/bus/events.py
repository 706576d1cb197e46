"""Every event. They have happened: each is announced by a unit of work and published after its commit.

All carry the tenant, the station, when it happened (aware UTC) and the cause that set it in motion.
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from csms.quick import quick


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event says."""

    tenant_id: int
    station_id: int
    at: datetime
    cause_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationConnected(Event):
    """A station's socket was accepted on this platform; `ocpp_version` is what it speaks."""

    ocpp_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationDisconnected(Event):
    """A station's current socket closed and no newer one took its place."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationBooted(Event):
    """A BootNotification was answered with `registration`."""

    registration: str
    vendor: str
    model: str
    firmware_version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StationStatusChanged(Event):
    """The station as a whole (1.6 connector 0) reported a status."""

    status: str
    error_code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorStatusChanged(Event):
    """A connector reported a status newer than the one we had."""

    evse_number: int
    connector_number: int
    status: str
    error_code: str
    info: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationEventRecorded(Event):
    """An entry was added to the station's history: fault, alert, lost connection."""

    kind: str
    severity: str
    text: str
    evse_number: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class VariablesReported(Event):
    """Variables or configuration keys of the station were stored."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStarted(Event):
    """A transaction was opened."""

    transaction_id: int
    location_id: int
    evse_number: int
    connector_number: int
    id_token: str
    started_at: datetime
    charging_state: str
    energy_wh: int
    cost: Decimal | None
    currency: str
    remote_start_id: int | None


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionUpdated(Event):
    """A transaction's meter or state moved on. `sampled_at` is the station's time of the newest sample."""

    transaction_id: int
    evse_number: int
    charging_state: str
    energy_wh: int
    power_w: float | None
    soc_percent: float | None
    cost: Decimal | None
    currency: str
    sampled_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEnded(Event):
    """A transaction was closed."""

    transaction_id: int
    evse_number: int
    energy_wh: int
    cost: Decimal | None
    currency: str
    ended_at: datetime
    stop_reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageParked(Event):
    """A transaction message could not be placed and waits in the repair inbox."""

    action: str
    reason: str


@quick
@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLogged(Event):
    """A frame, with its answer if it had one, was archived. Texts are masked. `frame` is the row as stored."""

    frame: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandChanged(Event):
    """A command was asked, or its outcome became known. `state` as models.CommandState."""

    command_id: int
    action: str
    state: str
    answer_status: str | None
    remote_start_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationChanged(Event):
    """An operator decided how the station's next BootNotification is answered."""

    registration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportReceived(Event):
    """A report that came in parts is whole. `kind` as models.ReportKind."""

    kind: str
    report_id: int
    request_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaintenanceJobChanged(Event):
    """A job of a station moved on. `kind` and `state` as models.JobKind and models.JobState."""

    job_id: int
    kind: str
    state: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalListChanged(Event):
    """What is known of a station's local authorization list changed, or it answered a new one with `status`."""

    version: int | None
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReservationChanged(Event):
    """A reservation was made, declined, used or given up. `state` as csms.reservations.state."""

    reservation_id: int
    evse_number: int
    state: str
    transaction_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingLimitChanged(Event):
    """An external system (`source`: EMS, SO, Other) limited a station or an EVSE, or took its limit back."""

    evse_number: int
    source: str
    cleared: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingProfilesReported(Event):
    """A station's report of its charging profiles is whole; `resend`: what is missing should be sent again."""

    request_id: int
    differences: int
    missing: int
    resend: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompositeScheduleReceived(Event):
    """A station told what it means to do under its profiles; `matches` whether we expect the same."""

    evse_number: int
    matches: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargingNeedsReported(Event):
    """An EV said by ISO 15118 what it needs; it waits for a charging profile."""

    needs_id: int
    evse_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EvScheduleRejected(Event):
    """An EV means to take more than it may; it waits for a charging profile that says so."""

    evse_number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateRequested(Event):
    """A station asked for a certificate with a request that can be signed; the answer is a CertificateSigned."""

    signing_request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BootMissed(Event):
    """A station of a make that forgets to boot after a reconnect has connected and has not booted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDoubted(Event):
    """A message of a transaction is missing, or a newer one began in its place: its station can be asked (E14)."""

    transaction_id: int
    ocpp_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionResumed(Event):
    """A 2.1 station goes on with a transaction after an interruption; it may have lost what it was told of it."""

    transaction_id: int
    ocpp_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionRepaired(Event):
    """A person closed a transaction, or gave it what a parked message said. With what its station's node remembers."""

    transaction_id: int
    ocpp_id: str
    evse_number: int
    is_open: bool
    started_at: datetime
    ended_at: datetime | None
    remarks: tuple[str, ...]
    machine: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class StationAdded(Event):
    """A station was made known to a tenant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StationChanged(Event):
    """What people decide about a station was changed: its name, place, connectors, how it proves itself."""

    location_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StationRemoved(Event):
    """A station was taken out of the fleet; what happened at it is kept."""

    identity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandshakeFailed(Event):
    """A connection in the name of a known station was refused. `cause` as csms.stations.doctor."""

    cause: str
    address: str
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargerKnocked(Event):
    """A charger that nobody registered came to a tenant's own address; `station_id` is 0, for it is none yet."""

    identity: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceChecked(Event):
    """An acceptance check, or a step of one, moved on. `state` as models.CheckState."""

    check_id: int
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TokensChanged(Event):
    """Tokens, groups or drivers of the tenant changed: what stations' local lists should hold may have, too."""

    station_id: int = 0
    """No station in particular."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSighted(Event):
    """A token that nobody registered was shown to the station. `type` as 2.x names it; empty from 1.6."""

    value: str
    type: str
    is_dismissed: bool = False
    """Somebody decided not to be told of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInsChanged(Event):
    """Sign-ins ended before their time, or (not `ended`) may do other things now; named by their tokens' hashes."""

    station_id: int = 0
    token_hashes: tuple[str, ...]
    ended: bool

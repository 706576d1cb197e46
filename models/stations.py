"""What exists: locations, charging stations, their EVSEs, connectors and variables, and what befell them."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint, false, text
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json


class Registration(StrEnum):
    """How a station's BootNotification is answered (OCPP RegistrationStatus)."""

    ACCEPTED = "Accepted"
    PENDING = "Pending"
    REJECTED = "Rejected"


class Location(TenantScoped, table=True):
    """A site where stations stand."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    address: str = ""
    city: str = ""
    postal_code: str = ""
    country: str = Field(default="", max_length=3)
    """ISO 3166-1 alpha-3, as OCPI wants it."""
    latitude: float
    longitude: float
    time_zone: str
    tariff_id: int | None = Field(default=None, foreign_key="tariff.id")
    """Price of this site; None means the tenant's default tariff."""
    support_phone: str = Field(default="", max_length=32, sa_column_kwargs={"server_default": ""})
    """Whom drivers call here; printed on labels."""


class ChargingStation(TenantScoped, table=True):
    """A physical charging station."""

    id: int | None = Field(default=None, primary_key=True)
    location_id: int = Field(foreign_key="location.id", index=True)
    identity: str = Field(max_length=255)
    """As registered; the last segment of the socket's URL."""
    identity_key: str = Field(unique=True, max_length=255)
    """The identity case-folded, for stations write it as they like. Of a decommissioned one: a word that no station can
    have, so that its identity is free again."""
    decommissioned_at: datetime | None = optional_moment()
    """When it was taken out of the tenant's fleet; it is kept for the history of its sessions alone."""
    name: str = ""
    password_hash: str | None = None
    """Keyed SHA-256 of the Basic-auth password (DESIGN rule 13); None with security profile 0 only."""
    pending_password_hash: str | None = None
    """A password sent to the station whose arrival is not certain; the first of the two to be used wins (TR_15)."""
    pending_password_stays: bool = False
    """It belongs to a network profile the station will change over to (2.1, B09): using the old settles nothing."""
    security_profile: int = 1
    """The OCPP security profile it must use, 0 to 3; never falls by the station's own doing (A05)."""
    pending_security_profile: int | None = None
    """A higher profile the station was told to use: allowed already, and the only one once it was used."""
    certificate_name: str | None = Field(default=None, max_length=255)
    """Common name of its client certificate; without one, its serial number or identity."""
    subprotocol_optional: bool = False
    """Tolerate a handshake without Sec-WebSocket-Protocol as OCPP 1.6."""
    is_strict: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """Refuse what breaks a schema instead of repairing it on a copy (docs/decisions/0005-lenient-in.md)."""
    registration: str = Field(default=Registration.ACCEPTED, max_length=16)

    ocpp_version: str | None = Field(default=None, max_length=8)
    """Version of the latest connection: 1.6, 2.0.1."""
    vendor: str = ""
    model: str = ""
    serial_number: str = ""
    firmware_version: str = ""
    boot_info: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The whole of the latest BootNotification, without secrets."""
    booted_at: datetime | None = optional_moment()
    boot_reason: str = ""

    is_online: bool = False
    connected_at: datetime | None = optional_moment()
    disconnected_at: datetime | None = optional_moment()
    last_seen_at: datetime | None = optional_moment()
    clock_skew_s: int | None = None
    """How far its clock was ahead of ours when last estimated; None while it was never off by minutes (TR_95)."""
    status: str = Field(default="Available", max_length=24)
    """The station as a whole (1.6 connector 0): Available, Unavailable or Faulted."""
    error_code: str = ""
    status_at: datetime | None = optional_moment()

    capabilities: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """What the station can do and how much it takes at once, as read from its variables (csms.stations.capabilities);
    empty until read."""
    accepted_vendors: list[str] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """Vendor ids whose DataTransfer is answered Accepted although nothing is done with it (field quirk 30)."""


class Evse(TenantScoped, table=True):
    """A part of a station that charges one vehicle at a time."""

    __table_args__ = (UniqueConstraint("station_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    number: int
    """OCPP's evseId; in 1.6 the connectorId."""
    evse_id: str | None = None
    """The eMI3 text on the sticker: DE*GEN*E0001*1."""
    current_type: str = Field(default="AC", max_length=2)
    max_power_w: int | None = None


class Connector(TenantScoped, table=True):
    """A socket or cable of an EVSE, with the latest status the station reported."""

    __table_args__ = (UniqueConstraint("station_id", "evse_number", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int
    number: int
    standard: str = Field(default="", max_length=32)
    """OCPI ConnectorType: IEC_62196_T2, IEC_62196_T2_COMBO, CHADEMO."""
    status: str = Field(default="Unknown", max_length=24)
    """The station's own word, 1.6 or 2.x; Unknown until it said one."""
    error_code: str = ""
    vendor_error_code: str = ""
    vendor_id: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """Whose the vendor_error_code is (1.6)."""
    info: str = ""
    status_at: datetime | None = optional_moment()
    """The station's time of the status; an older report never overwrites a newer."""
    tariff_id: int | None = Field(default=None, foreign_key="tariff.id")
    """Price of this connector; None means the location's."""
    label_code: str | None = Field(default=None, index=True, unique=True, max_length=16)
    """Its part of the address on its QR label; given once, never changed. None: no label was made yet."""


_PENDING = text("pending_value IS NOT NULL")
_WAITING: dict[str, Any] = {"sqlite_where": _PENDING, "postgresql_where": _PENDING}


class StationVariable(TenantScoped, table=True):
    """One attribute of one variable of the device model (2.x), or one configuration key (1.6, component "")."""

    __table_args__ = (
        UniqueConstraint(
            "station_id",
            "component",
            "component_instance",
            "evse_number",
            "connector_number",
            "variable",
            "variable_instance",
            "attribute",
            name="uq_station_variable_key",
        ),
        # Few wait for a reboot, however many there are; a boot looks only there.
        Index("ix_station_variable_pending", "station_id", **_WAITING),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    component: str = ""
    component_instance: str = ""
    evse_number: int = 0
    """0: not tied to an EVSE."""
    connector_number: int = 0
    variable: str
    variable_instance: str = ""
    attribute: str = Field(default="Actual", max_length=8)
    value: str | None = None
    """None where the station keeps it to itself (write-only)."""
    mutability: str = Field(default="ReadWrite", max_length=12)
    is_persistent: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """The value outlives a reboot, by the station's word."""
    is_constant: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """The value never changes, by the station's word."""
    characteristics: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    reported_at: datetime = moment()
    pending_value: str | None = None
    """A value the station took but puts in force at its next boot (RebootRequired)."""
    pending_at: datetime | None = optional_moment()


class StationMonitor(TenantScoped, table=True):
    """A monitor that a station keeps on one of its variables (N01 to N08)."""

    __table_args__ = (UniqueConstraint("station_id", "monitor_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    monitor_id: int = Field(sa_type=BigInteger)
    """The station's number for it."""
    component: str
    component_instance: str = ""
    evse_number: int = Field(default=0, sa_type=BigInteger)
    connector_number: int = Field(default=0, sa_type=BigInteger)
    variable: str
    variable_instance: str = ""
    type: str = Field(max_length=24)
    """UpperThreshold, LowerThreshold, Delta, Periodic, PeriodicClockAligned; 2.1 also TargetDelta(Relative)."""
    value: float
    severity: int = Field(sa_type=BigInteger)
    """0 is the gravest, 9 the least (N01)."""
    is_transaction: bool = False
    """Only watched during a transaction."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What else was said of it, such as eventNotificationType in 2.1."""
    reported_at: datetime = moment()


class DesiredAvailability(TenantScoped, table=True):
    """What an operator wants of a station or a part of it: in or out of service (G03, G04)."""

    __table_args__ = (UniqueConstraint("station_id", "evse_number", "connector_number"),)

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = Field(default=0, sa_type=BigInteger)
    """0: the whole station."""
    connector_number: int = Field(default=0, sa_type=BigInteger)
    """0: the whole EVSE."""
    operative: bool
    scheduled: bool = False
    """The station waits for a transaction to end first."""
    asked_at: datetime = moment()


class Severity(StrEnum):
    """How much an event matters to an operator."""

    INFO = "info"
    WARNING = "warning"
    PROBLEM = "problem"


_UNRESOLVED = text("resolved_at IS NULL")
_LASTING: dict[str, Any] = {"sqlite_where": _UNRESOLVED, "postgresql_where": _UNRESOLVED}


class StationEvent(TenantScoped, table=True):
    """Something that befell a station and that people may want to know: a fault, a lost connection, an alert."""

    __table_args__ = (
        Index("ix_station_event_tenant_at", "tenant_id", "at"),
        Index("ix_station_event_station_at", "station_id", "at"),
        # What lasts is little, however long the history: resolving and the list of problems look only there.
        Index("ix_station_event_lasting", "station_id", "kind", **_LASTING),
        Index("ix_station_event_tenant_lasting", "tenant_id", "at", **_LASTING),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    evse_number: int = 0
    connector_number: int = 0
    at: datetime = moment()
    kind: str = Field(max_length=48)
    """Dotted: connector.faulted, station.offline, device.alert."""
    severity: str = Field(default=Severity.INFO, max_length=8)
    text: str = ""
    source: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What an alert is about, so that the word of its end finds it: component, variable; empty for other entries."""
    resolved_at: datetime | None = optional_moment()
    """When the problem went away by the station's own word; None while it lasts."""
    details: dict[str, Any] = Field(default_factory=dict, sa_type=Json)

"""Who may charge: identification tokens, the drivers who hold them, and the lists that stations hold."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json, Money


class IdTokenStatus(StrEnum):
    """What we say of a token before looking at its dates."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    NO_CREDIT = "NoCredit"
    """A prepaid token with nothing left."""


class Driver(TenantScoped, table=True):
    """A person who charges."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = ""
    created_at: datetime = moment()


class IdToken(TenantScoped, table=True):
    """An RFID card or another means of identification (OCPP IdToken)."""

    __table_args__ = (UniqueConstraint("tenant_id", "value_key", "type"),)

    id: int | None = Field(default=None, primary_key=True)
    value: str = Field(max_length=255)
    value_key: str = Field(max_length=255)
    """As csms.authorization.keys writes it: readers and prints disagree about case and separators (X16_10)."""
    type: str = Field(default="ISO14443", max_length=20)
    """As 2.x names it; empty where nobody knows, which fits every reader."""
    status: str = Field(default=IdTokenStatus.ACCEPTED, max_length=16)
    expires_at: datetime | None = optional_moment()
    group: str | None = Field(default=None, max_length=255)
    """1.6 parentIdTag, 2.x groupIdToken."""
    label: str = ""
    driver_id: int | None = Field(default=None, foreign_key="driver.id", index=True)
    created_at: datetime = moment()
    allow_concurrent: bool | None = None
    """Whether it may have several transactions at a time; None: as the tenant's policy says (X16_09)."""
    location_ids: list[int] | None = Field(default=None, sa_type=Json)
    """Where it is good for; None: everywhere."""
    credit: Decimal | None = Field(default=None, sa_type=Money)
    """What is left on a prepaid token; None: it is not prepaid. Reduced as its transactions end."""
    credit_currency: str = Field(default="", max_length=3, sa_column_kwargs={"server_default": ""})
    max_cost: Decimal | None = Field(default=None, sa_type=Money)
    """The most one transaction of it may cost, in the currency of the tariff (2.1 transactionLimit, E16)."""
    max_energy_wh: int | None = None
    """The most energy that one transaction of it may take."""
    max_time_s: int | None = None
    """The longest that one transaction of it may last."""


class AuthorizationPolicy(TenantScoped, table=True):
    """How a tenant wants tokens judged; without a row, the defaults below hold."""

    __table_args__ = (UniqueConstraint("tenant_id"),)

    id: int | None = Field(default=None, primary_key=True)
    allow_concurrent: bool = True
    """Whether a token may have several transactions at a time (ConcurrentTx)."""
    master_pass_group: str | None = Field(default=None, max_length=255)
    """The group whose tokens may stop any transaction, 2.x MasterPassGroupId (C16)."""
    free_vend: bool = False
    """Accept a station that names itself as the token: it is set to charge for everyone."""


class LocalList(TenantScoped, table=True):
    """What we know of the local authorization list of a station (D01, D02)."""

    id: int | None = Field(default=None, primary_key=True)
    station_id: int = Field(foreign_key="charging_station.id", unique=True)
    version: int | None = None
    """As the station said or took last; 0 is an empty list, -1 none at all (1.6); None: nobody asked."""
    is_certain: bool = False
    """Whether the entries we have are those of `version`; if not, only a full list brings certainty."""
    versioned_at: datetime | None = optional_moment()
    last_status: str = Field(default="", max_length=20)
    """The answer to the latest SendLocalList: Accepted, Failed, NotSupported, VersionMismatch."""
    last_sent_at: datetime | None = optional_moment()


class LocalListEntry(TenantScoped, table=True):
    """A token on a station's list, with what the station was told of it."""

    __table_args__ = (UniqueConstraint("station_id", "id_token", "id_token_type"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    station_id: int = Field(foreign_key="charging_station.id")
    id_token: str = Field(max_length=255)
    id_token_type: str = Field(default="", max_length=20)
    """Empty in 1.6, which has no types."""
    status: str = Field(max_length=20)
    expires_at: datetime | None = optional_moment()
    group: str | None = Field(default=None, max_length=255)

"""Who may charge: identification tokens, the drivers who hold them, and the lists that stations hold."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json, Money


class IdTokenStatus(StrEnum):
    """What we say of a token before looking at its dates."""

    ACCEPTED = "Accepted"
    BLOCKED = "Blocked"
    NO_CREDIT = "NoCredit"
    """A prepaid token with nothing left."""


class Limited(SQLModel):
    """What a token, a driver or a group may use; None: as much as it likes. A session counts where it began."""

    max_transactions: int | None = None
    """Transactions at a time."""
    max_energy_day_wh: int | None = Field(default=None, sa_type=BigInteger)
    max_energy_month_wh: int | None = Field(default=None, sa_type=BigInteger)
    max_cost_day: Decimal | None = Field(default=None, sa_type=Money)
    """In the tenant's currency, as are days and months those of its time zone."""
    max_cost_month: Decimal | None = Field(default=None, sa_type=Money)


_TEXT: Any = {"server_default": ""}


class Driver(TenantScoped, Limited, table=True):
    """A person who charges."""

    id: int | None = Field(default=None, primary_key=True)
    name: str
    email: str = ""
    phone: str = Field(default="", max_length=40, sa_column_kwargs=_TEXT)
    language: str = Field(default="", max_length=16, sa_column_kwargs=_TEXT)
    """BCP 47; empty: the tenant's."""
    notes: str = Field(default="", sa_column_kwargs=_TEXT)
    external_reference: str = Field(default="", max_length=100, sa_column_kwargs=_TEXT)
    """What another system calls them: a customer number."""
    created_at: datetime = moment()
    archived_at: datetime | None = optional_moment()
    """Since when they are kept for their history alone: none of their tokens is accepted."""
    erased_at: datetime | None = optional_moment()
    """When their personal data was erased; what is left names nobody."""


class Vehicle(TenantScoped, table=True):
    """A car of a driver, and how it makes itself known."""

    id: int | None = Field(default=None, primary_key=True)
    driver_id: int = Field(foreign_key="driver.id", index=True)
    name: str
    plate: str = Field(default="", max_length=20)
    vin: str = Field(default="", max_length=17)
    evcc_id: str = Field(default="", max_length=36)
    """Its communication controller's id in ISO 15118."""
    mac_address: str = Field(default="", max_length=17)
    """By which stations know it that start when it is plugged in (autocharge)."""
    battery_wh: int | None = None
    created_at: datetime = moment()


class TokenGroup(TenantScoped, Limited, table=True):
    """Tokens that belong together: each may stop what another one began."""

    __table_args__ = (UniqueConstraint("tenant_id", "value"),)

    id: int | None = Field(default=None, primary_key=True)
    value: str = Field(max_length=36)
    """On the wire: 1.6 parentIdTag (at most 20 characters, or 1.6 is not told of it), 2.x groupIdToken."""
    name: str
    created_at: datetime = moment()


class IdToken(TenantScoped, Limited, table=True):
    """An RFID card or another means of identification (OCPP IdToken)."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "value_key", "type"),
        Index("ix_id_token_tenant_group", "tenant_id", "group"),
    )

    id: int | None = Field(default=None, primary_key=True)
    value: str = Field(max_length=255)
    value_key: str = Field(max_length=255)
    """As csms.authorization.keys writes it: readers and prints disagree about case and separators (X16_10)."""
    type: str = Field(default="ISO14443", max_length=20)
    """As 2.x names it; empty where nobody knows, which fits every reader."""
    status: str = Field(default=IdTokenStatus.ACCEPTED, max_length=16)
    valid_from: datetime | None = optional_moment()
    """Before this it is not good yet (NotAtThisTime)."""
    expires_at: datetime | None = optional_moment()
    group: str | None = Field(default=None, max_length=255)
    """1.6 parentIdTag, 2.x groupIdToken; the value of a TokenGroup."""
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
    refused_at: datetime | None = optional_moment()
    """When a station last heard no."""
    refusal: str = Field(default="", max_length=300, sa_column_kwargs=_TEXT)
    """Why, in words."""


class TokenSighting(TenantScoped, table=True):
    """A token that nobody registered, seen at a station of the tenant. Kept for a while, to be adopted or dismissed."""

    __table_args__ = (
        UniqueConstraint("tenant_id", "value_key", "type"),
        Index("ix_token_sighting_tenant_seen", "tenant_id", "last_seen_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    value: str = Field(max_length=255)
    """As the station sent it."""
    value_key: str = Field(max_length=255)
    type: str = Field(default="", max_length=20)
    """As 2.x names it; empty from 1.6, which does not say."""
    station_id: int = Field(foreign_key="charging_station.id", index=True)
    """Where it was seen last."""
    first_seen_at: datetime = moment()
    last_seen_at: datetime = moment()
    count: int = 1
    dismissed_at: datetime | None = optional_moment()


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
    list_revision: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Counts changes of tokens, groups and drivers: what stations' local lists are measured by."""


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
    is_kept: bool | None = None
    """Whether we keep the list in step with the tokens; None: where the station says that its list is enabled."""
    synced_revision: int | None = None
    """The tenant's list_revision that the station was brought up to."""
    synced_at: datetime | None = optional_moment()
    tried_at: datetime | None = optional_moment()
    sync_error: str = Field(default="", sa_column_kwargs=_TEXT)
    """Why the latest try did not bring it up to date, in words; empty when it did."""
    left_out: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """Tokens that had no place on the list."""


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

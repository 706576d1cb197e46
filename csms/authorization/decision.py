"""What we say of a token (C01, DS_30)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import token_key
from csms.authorization.limits import LIMIT_NAMES, Allotment, Limits
from csms.authorization.prepaid import cache_until
from models import AuthorizationPolicy, ChargingStation, Driver, IdToken, IdTokenStatus, TokenGroup


class PlacedStation(Protocol):
    """A station and where it stands, as csms.stations.ref.StationRef tells it."""

    @property
    def id(self) -> int: ...

    @property
    def location_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Decision:
    """What we say of a token: `status` is 2.x's AuthorizationStatus.

    Of the many, Accepted, Blocked, Expired, Invalid, NoCredit, NotAtThisLocation and NotAtThisTime come from here.
    ConcurrentTx, and NoCredit where a limit is used up, come from the transactions (csms.transactions.admitting).
    """

    status: str
    expires_at: datetime | None = None
    group: str | None = None
    id_token_id: int | None = None
    driver_id: int | None = None
    exclusive: bool = False
    """The token may have one transaction at a time (X16_09)."""
    cache_until: datetime | None = None
    """2.x: until when a station may remember this, if not as long as it is good (C17): now, where limits decide."""
    reason: str = ""
    """Why not, in a sentence for people, where the status does not say it all."""
    stops_only: bool = False
    """It is of the master pass group: it ends what others began, and begins nothing (C16)."""
    allotments: tuple[Allotment, ...] = ()
    """The limits that hold for it: its own, its driver's, its group's."""

    @property
    def accepted(self) -> bool:
        """Whether the token may charge."""
        return self.status == "Accepted"


INVALID = Decision("Invalid")
_WHEREVER_READ = ("iso14443", "iso15693", "")
"""Kinds that a 1.6 station, which does not say, most likely means."""


async def decide(
    session: AsyncSession, value: str, now: datetime, *, type: str = "", station: PlacedStation | None = None
) -> Decision:
    """Judge the token `value` of the tenant in scope at `now`, presented at `station`. Never raises for it.

    Case and separators do not matter (X16_10); `type` does, where the station says one (C02). Whether another
    transaction already runs on the token is not looked at: that is the transactions' business.
    """
    rows = (await session.execute(_tokens(token_key(value)[:255]))).all()
    fitting = [row for row in rows if _fits(row.type, type)]
    if fitting:
        return _judged(min(fitting, key=_preference), now, station)
    return await _stranger(session, value, station)


_JUDGED_BY: tuple[Any, ...] = (
    col(IdToken.id),
    col(IdToken.type),
    col(IdToken.status),
    col(IdToken.expires_at),
    col(IdToken.group),
    col(IdToken.driver_id),
    col(IdToken.allow_concurrent),
    col(IdToken.location_ids),
    col(IdToken.credit),
    cast(Any, col(AuthorizationPolicy.allow_concurrent)).label("tenant_allows_concurrent"),
    col(AuthorizationPolicy.master_pass_group),
    col(IdToken.valid_from),
    cast(Any, col(Driver.archived_at)).label("driver_archived_at"),
    *(getattr(IdToken, name) for name in LIMIT_NAMES),
    *(getattr(Driver, name).label(f"driver_{name}") for name in LIMIT_NAMES),
    *(getattr(TokenGroup, name).label(f"group_{name}") for name in LIMIT_NAMES),
)


def _judged_tokens(*more: Any) -> Select[*tuple[Any, ...]]:
    """Tokens with everything that is judged about them, their driver, their group and the tenant's policy."""
    in_group = (col(TokenGroup.tenant_id) == col(IdToken.tenant_id)) & (col(TokenGroup.value) == col(IdToken.group))
    return (
        select(*_JUDGED_BY, *more)
        .select_from(IdToken)
        .outerjoin(AuthorizationPolicy, col(AuthorizationPolicy.tenant_id) == col(IdToken.tenant_id))
        .outerjoin(Driver, col(Driver.id) == col(IdToken.driver_id))
        .outerjoin(TokenGroup, in_group)
    )


def _tokens(key: str) -> Select[*tuple[Any, ...]]:
    return _judged_tokens().where(col(IdToken.value_key) == key)


def _fits(registered: str, presented: str) -> bool:
    return not registered or not presented or registered.casefold() == presented.casefold()


def _preference(row: Row[Any]) -> tuple[bool, int]:
    return row.type.casefold() not in _WHEREVER_READ, row.id


def _judged(row: Row[Any], now: datetime, station: PlacedStation | None) -> Decision:
    allotments = _allotments(row)
    return Decision(
        _status(row, now, station),
        row.expires_at,
        row.group,
        row.id,
        row.driver_id,
        exclusive=_is_exclusive(row),
        cache_until=now if allotments else cache_until(row.credit, now),
        stops_only=_is_master(row),
        allotments=allotments,
    )


def _allotments(row: Row[Any]) -> tuple[Allotment, ...]:
    """Whose limits hold for it, its own first; whoever has none is left out."""
    found = (
        Allotment("token", row.id, Limits.of(row)),
        Allotment("driver", row.driver_id or 0, Limits.of(row, "driver_")),
        Allotment("group", row.group or "", Limits.of(row, "group_")),
    )
    return tuple(each for each in found if each.limits.any)


def _status(row: Row[Any], now: datetime, station: PlacedStation | None) -> str:
    if row.status == IdTokenStatus.BLOCKED or row.driver_archived_at is not None:
        return "Blocked"  # outranks Expired: it was somebody's decision
    if row.expires_at is not None and row.expires_at <= now:
        return "Expired"
    if row.valid_from is not None and row.valid_from > now:
        return "NotAtThisTime"
    if row.status == IdTokenStatus.NO_CREDIT or (row.credit is not None and row.credit <= 0):
        return "NoCredit"
    if station is not None and row.location_ids is not None and station.location_id not in row.location_ids:
        return "NotAtThisLocation"
    return "Accepted"


def _is_exclusive(row: Row[Any]) -> bool:
    if _is_master(row):
        return False  # whoever goes round to end other people's transactions (C16)
    allowed = row.tenant_allows_concurrent if row.allow_concurrent is None else row.allow_concurrent
    if row.credit is not None and row.allow_concurrent is None:
        return True  # or two transactions would be promised the same credit
    return allowed is False


def _is_master(row: Row[Any]) -> bool:
    return row.group is not None and row.group == row.master_pass_group


async def _stranger(session: AsyncSession, value: str, station: PlacedStation | None) -> Decision:
    """A token nobody registered: Invalid, unless it is the station's own name and it may charge for everyone."""
    if station is None:
        return INVALID
    query = (
        select(col(ChargingStation.identity_key), col(ChargingStation.serial_number), col(ChargingStation.boot_info))
        .join(AuthorizationPolicy, col(AuthorizationPolicy.tenant_id) == col(ChargingStation.tenant_id))
        .where(col(ChargingStation.id) == station.id, col(AuthorizationPolicy.free_vend))
    )
    for identity_key, serial_number, boot_info in (await session.execute(query)).all():
        serials = (serial_number, boot_info.get("chargeBoxSerialNumber"), boot_info.get("chargePointSerialNumber"))
        names = {name.strip().casefold() for name in (identity_key, *serials) if isinstance(name, str)}
        if value and value.strip().casefold() in names:  # quirk 33: Alfen, ABB
            return Decision("Accepted")
    return INVALID


async def judge_all(
    session: AsyncSession, now: datetime, station: PlacedStation, id_token_ids: Sequence[int] | None = None
) -> list[tuple[str, str, Decision]]:
    """Value, type and decision of these tokens, or all of the tenant in scope, in order of registration."""
    query = _judged_tokens(col(IdToken.value))
    if id_token_ids is not None:
        query = query.where(col(IdToken.id).in_(id_token_ids))
    rows: Sequence[Any] = (await session.execute(query.order_by(col(IdToken.id)))).all()
    return [(row.value, row.type, _judged(row, now, station)) for row in rows]

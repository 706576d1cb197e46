"""Reads of tokens, drivers, groups and unknown tokens, within the tenant in scope."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import token_key
from csms.errors import NotFoundError
from models import (
    AuthorizationPolicy,
    ChargingStation,
    Driver,
    IdToken,
    IdTokenStatus,
    TokenGroup,
    TokenSighting,
    Transaction,
    Vehicle,
)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token and who holds it. `status` is what was decided about it; its dates are not looked at."""

    value: str
    type: str
    label: str
    driver: str
    status: str
    expires_at: datetime | None


async def search_tokens(session: AsyncSession, text: str = "", limit: int = 30) -> list[TokenRow]:
    """Tokens whose value, label or driver contains `text`, by driver and value."""
    query = select(
        col(IdToken.value),
        col(IdToken.type),
        col(IdToken.label),
        col(Driver.name),
        col(IdToken.status),
        col(IdToken.expires_at),
    ).outerjoin(Driver, col(Driver.id) == col(IdToken.driver_id))
    if text:
        columns = (col(IdToken.value), col(IdToken.label), col(Driver.name))
        query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
    query = query.order_by(col(Driver.name).nulls_last(), col(IdToken.value_key)).limit(limit)
    found = (await session.execute(query)).all()
    return [TokenRow(value, kind, label, driver or "", status, at) for value, kind, label, driver, status, at in found]


TOKEN_SORTS: dict[str, Any] = {
    "value": col(IdToken.value_key),
    "driver": func.lower(func.coalesce(col(Driver.name), "")),
    "group": func.coalesce(col(IdToken.group), ""),
    "created_at": col(IdToken.created_at),
    "expires_at": col(IdToken.expires_at),
}
"""Orders of a list of tokens, by name."""


@dataclass(frozen=True, slots=True)
class TokenQuery:
    """Which tokens. `states`: any of accepted, blocked, expired, not_yet, no_credit, unassigned; none: all."""

    text: str = ""
    states: frozenset[str] = frozenset()
    driver_id: int | None = None
    group: str | None = None
    sort: str = "created_at"
    """One of TOKEN_SORTS."""
    descending: bool = True
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class TokenEntry:
    """A token in a list, with who holds it and when it last began a session."""

    token: IdToken
    driver: str
    is_archived: bool
    last_used_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `select_tokens`."""
        return cls(row[0], row[1] or "", row[2] is not None, row[3])

    def state(self, now: datetime) -> str:
        """How it stands at `now`, as the decision sees it: accepted, blocked, expired, not_yet or no_credit."""
        row = self.token
        if row.status == IdTokenStatus.BLOCKED or self.is_archived:
            return "blocked"
        if row.expires_at is not None and row.expires_at <= now:
            return "expired"
        if row.valid_from is not None and row.valid_from > now:
            return "not_yet"
        spent = row.status == IdTokenStatus.NO_CREDIT or (row.credit is not None and row.credit <= 0)
        return "no_credit" if spent else "accepted"


def select_tokens(query: TokenQuery, now: datetime) -> Any:
    """The tokens that `query` means, in no order and all of them; each row is read by `TokenEntry.of`."""
    used = (
        select(func.max(col(Transaction.started_at)))
        .where(col(Transaction.id_token_id) == col(IdToken.id))
        .correlate(IdToken)
        .scalar_subquery()
    )
    return (
        select(IdToken, col(Driver.name), col(Driver.archived_at), used)
        .outerjoin(Driver, col(Driver.id) == col(IdToken.driver_id))
        .where(*_token_conditions(query, now))
    )


async def list_tokens(session: AsyncSession, query: TokenQuery, now: datetime) -> tuple[list[TokenEntry], int]:
    """A page of tokens, and how many there are in all."""
    conditions = _token_conditions(query, now)
    joined = select(col(IdToken.id)).outerjoin(Driver, col(Driver.id) == col(IdToken.driver_id)).where(*conditions)
    total = await session.scalar(select(func.count()).select_from(joined.subquery())) or 0
    order = TOKEN_SORTS.get(query.sort, TOKEN_SORTS["created_at"])
    page = (
        select_tokens(query, now)
        .order_by(order.desc() if query.descending else order.asc(), col(IdToken.id).desc())
        .offset(query.offset)
        .limit(query.limit)
    )
    return [TokenEntry.of(row) for row in (await session.execute(page)).all()], total


def _token_conditions(query: TokenQuery, now: datetime) -> list[Any]:
    conditions: list[Any] = []
    if query.text.strip():
        text, key = query.text.strip(), token_key(query.text)
        columns = (col(IdToken.value), col(IdToken.label), col(Driver.name), col(IdToken.group))
        matches = [column.icontains(text, autoescape=True) for column in columns]
        conditions.append(or_(col(IdToken.value_key).contains(key, autoescape=True), *matches))
    if query.driver_id is not None:
        conditions.append(col(IdToken.driver_id) == query.driver_id)
    if query.group is not None:
        conditions.append(col(IdToken.group) == query.group)
    if query.states:
        by_state = _states(now)
        conditions.append(or_(*(by_state[state] for state in query.states if state in by_state)))
    return conditions


def _states(now: datetime) -> dict[str, Any]:
    blocked = or_(col(IdToken.status) == IdTokenStatus.BLOCKED, col(Driver.archived_at).is_not(None))
    expired = and_(~blocked, col(IdToken.expires_at) <= now)
    current = and_(~blocked, or_(col(IdToken.expires_at).is_(None), col(IdToken.expires_at) > now))
    not_yet = and_(current, col(IdToken.valid_from) > now)
    spent = col(IdToken.status) == IdTokenStatus.NO_CREDIT
    begun = and_(current, or_(col(IdToken.valid_from).is_(None), col(IdToken.valid_from) <= now))
    return {
        "blocked": blocked,
        "expired": expired,
        "not_yet": not_yet,
        "no_credit": and_(begun, spent),
        "accepted": and_(begun, ~spent),
        "unassigned": col(IdToken.driver_id).is_(None),
    }


async def token_entry(session: AsyncSession, token_id: int) -> TokenEntry:
    """One token. Raises NotFoundError."""
    query = (
        select(IdToken, col(Driver.name), col(Driver.archived_at))
        .outerjoin(Driver, col(Driver.id) == col(IdToken.driver_id))
        .where(col(IdToken.id) == token_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError("There is no such card.")
    row, name, archived_at = found
    used = select(func.max(col(Transaction.started_at))).where(col(Transaction.id_token_id) == token_id)
    return TokenEntry(row, name or "", archived_at is not None, await session.scalar(used))


DRIVER_SORTS = ("name", "created_at", "last_charged_at")


@dataclass(frozen=True, slots=True)
class DriverQuery:
    """Which drivers. `states`: any of active, archived; none: those who are not archived."""

    text: str = ""
    states: frozenset[str] = frozenset()
    sort: str = "name"
    """One of DRIVER_SORTS."""
    descending: bool = False
    offset: int = 0
    limit: int = 25


@dataclass(frozen=True, slots=True)
class DriverEntry:
    """A driver in a list."""

    driver: Driver
    cards: int
    vehicles: int
    last_charged_at: datetime | None

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `select_drivers`."""
        return cls(row[0], row[1], row[2], row[3])


_LAST_CHARGED: Any = (
    select(func.max(col(Transaction.started_at)))
    .where(col(Transaction.driver_id) == col(Driver.id))
    .correlate(Driver)
    .scalar_subquery()
)
ANY_STATE = frozenset({"active", "archived"})
"""Those who are archived, too."""


def select_drivers(query: DriverQuery) -> Any:
    """The drivers that `query` means, in no order and all of them; each row is read by `DriverEntry.of`."""
    cards = _count(IdToken, col(IdToken.driver_id))
    vehicles = _count(Vehicle, col(Vehicle.driver_id))
    return select(Driver, cards, vehicles, _LAST_CHARGED).where(*_driver_conditions(query))


async def list_drivers(session: AsyncSession, query: DriverQuery) -> tuple[list[DriverEntry], int]:
    """A page of drivers, and how many there are in all."""
    total = await session.scalar(select(func.count(col(Driver.id))).where(*_driver_conditions(query))) or 0
    orders: dict[str, Any] = {
        "name": func.lower(col(Driver.name)),
        "created_at": col(Driver.created_at),
        "last_charged_at": _LAST_CHARGED,
    }
    order = orders.get(query.sort, orders["name"])
    page = (
        select_drivers(query)
        .order_by(order.desc() if query.descending else order.asc(), col(Driver.id))
        .offset(query.offset)
        .limit(query.limit)
    )
    return [DriverEntry.of(row) for row in (await session.execute(page)).all()], total


def _count(model: Any, of: Any) -> Any:
    return select(func.count(model.id)).where(of == col(Driver.id)).correlate(Driver).scalar_subquery()


def _driver_conditions(query: DriverQuery) -> list[Any]:
    conditions: list[Any] = []
    if query.text.strip():
        text = query.text.strip()
        columns = (col(Driver.name), col(Driver.email), col(Driver.phone), col(Driver.external_reference))
        own = [column.icontains(text, autoescape=True) for column in columns]
        cards = select(col(IdToken.driver_id)).where(
            col(IdToken.value_key).contains(token_key(text), autoescape=True), col(IdToken.driver_id).is_not(None)
        )
        plates = select(col(Vehicle.driver_id)).where(col(Vehicle.plate).icontains(text, autoescape=True))
        conditions.append(or_(*own, col(Driver.id).in_(cards), col(Driver.id).in_(plates)))
    if query.states != ANY_STATE:
        archived = query.states == frozenset({"archived"})
        conditions.append(col(Driver.archived_at).is_not(None) if archived else col(Driver.archived_at).is_(None))
    return conditions


async def driver_choices(session: AsyncSession, text: str = "", limit: int = 30) -> list[tuple[int, str, str]]:
    """Id, name and e-mail of drivers to choose from, by name."""
    query = DriverQuery(text=text, limit=limit)
    rows, _ = await list_drivers(session, query)
    return [(row.driver.id or 0, row.driver.name, row.driver.email) for row in rows]


async def vehicles_of(session: AsyncSession, driver_id: int) -> list[Vehicle]:
    """A driver's cars, in the order they were added."""
    query = select(Vehicle).where(col(Vehicle.driver_id) == driver_id).order_by(col(Vehicle.id))
    return list((await session.execute(query)).scalars())


@dataclass(frozen=True, slots=True)
class GroupEntry:
    """A group, with how many tokens it has."""

    group: TokenGroup
    cards: int

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `select_groups`."""
        return cls(row[0], row[1])


def select_groups() -> Any:
    """All groups in no order, each with how many tokens it has; each row is read by `GroupEntry.of`."""
    cards = (
        select(func.count(col(IdToken.id)))
        .where(col(IdToken.group) == col(TokenGroup.value))
        .correlate(TokenGroup)
        .scalar_subquery()
    )
    return select(TokenGroup, cards)


async def list_groups(session: AsyncSession) -> list[GroupEntry]:
    """All groups of the tenant, by name."""
    query = select_groups().order_by(func.lower(col(TokenGroup.name)), col(TokenGroup.id))
    return [GroupEntry.of(row) for row in (await session.execute(query)).all()]


async def current_policy(session: AsyncSession) -> AuthorizationPolicy:
    """How the tenant's tokens are judged; the defaults where nobody decided."""
    found = (await session.execute(select(AuthorizationPolicy))).scalar_one_or_none()
    return found or AuthorizationPolicy()


@dataclass(frozen=True, slots=True)
class SightingEntry:
    """An unknown token and where it was seen last."""

    sighting: TokenSighting
    station_identity: str
    station_name: str

    @classmethod
    def of(cls, row: Any) -> Self:
        """A row of `select_sightings`."""
        return cls(row[0], row[1], row[2])


def select_sightings(*, dismissed: bool) -> Any:
    """Unknown tokens in no order, each with where it was seen last; each row is read by `SightingEntry.of`."""
    chosen = col(TokenSighting.dismissed_at).is_not(None) if dismissed else col(TokenSighting.dismissed_at).is_(None)
    return (
        select(TokenSighting, col(ChargingStation.identity), col(ChargingStation.name))
        .join(ChargingStation, col(ChargingStation.id) == col(TokenSighting.station_id))
        .where(chosen)
    )


async def list_sightings(
    session: AsyncSession, *, dismissed: bool = False, limit: int = 50
) -> tuple[list[SightingEntry], int]:
    """Unknown tokens, the one seen last first, and how many there are in all."""
    chosen = select_sightings(dismissed=dismissed)
    total = await session.scalar(select(func.count()).select_from(chosen.subquery())) or 0
    query = chosen.order_by(col(TokenSighting.last_seen_at).desc(), col(TokenSighting.id).desc()).limit(limit)
    return [SightingEntry.of(row) for row in (await session.execute(query)).all()], total

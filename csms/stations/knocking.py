"""Chargers that nobody registered and that come to a tenant's own address: kept for people to claim or refuse.

Anybody may knock, so what is kept is bounded, per tenant and by the gateway (csms.gateway.knocking), and a password is
kept as a digest alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.bus.events import ChargerKnocked
from csms.errors import ConflictError, NotFoundError
from csms.stations.managing import Added, StationPlan, add_station
from csms.work import Work
from models import Knock, KnockState
from models.scope import require_platform_scope

MOST_PER_TENANT = 500
_MARK_LENGTH = 12


@dataclass(frozen=True, slots=True)
class KnockReport:
    """`count` knocks under one identity at one tenant's door between two moments; texts of the latest."""

    tenant_id: int
    identity: str
    first_at: datetime
    last_at: datetime
    address: str = ""
    user_agent: str = ""
    offered: str = ""
    password_digest: str | None = None
    count: int = 1


def record_knocks(work: Work, reports: Sequence[KnockReport]) -> None:
    """Add to the row of each identity, or begin it. Platform scope, for several tenants' come together."""
    require_platform_scope()
    statement = _upsert(work.dialect)
    for report in reports:
        work.append(statement, _row(report))
        work.announce(
            ChargerKnocked(
                tenant_id=report.tenant_id,
                station_id=0,
                at=report.last_at,
                identity=report.identity,
                address=report.address,
            )
        )


async def knocks(session: AsyncSession, state: str = KnockState.WAITING, limit: int = 200) -> list[Knock]:
    """Those that wait for a decision (or another state), the latest first."""
    query = select(Knock).where(col(Knock.state) == state).order_by(col(Knock.last_at).desc()).limit(limit)
    return list((await session.execute(query)).scalars())


async def knocks_waiting(session: AsyncSession) -> int:
    """How many wait for a decision."""
    query = select(func.count()).select_from(Knock).where(col(Knock.state) == KnockState.WAITING)
    return (await session.execute(query)).scalar_one()


def mark_of(knock: Knock) -> str:
    """Stands for the password that was sent last, so that a person accepts the one they saw and no later one."""
    return (knock.password_digest or "")[:_MARK_LENGTH]


async def claim(
    work: Work,
    actor: Actor,
    knock_id: int,
    plan: StationPlan,
    secret_key: bytes,
    at: datetime,
    *,
    password_mark: str | None = None,
) -> Added:
    """Make the charger a station of the tenant, under the identity it knocked with; the plan says the rest.

    With `password_mark` (of `mark_of`) the password it sends is accepted as it is; without, one is made. Raises
    ConflictError when it has sent another password since, or none.
    """
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    knock = await _find(session, knock_id)
    digest: str | None = None
    if password_mark is not None:
        if not password_mark or mark_of(knock) != password_mark:
            raise ConflictError(
                "It has knocked with another password since you looked: more than one device may be using this "
                "identity. Look again, or have a new password made."
            )
        digest = knock.password_digest
    whole = StationPlan(
        identity=knock.identity,
        name=plan.name,
        location_id=plan.location_id,
        location=plan.location,
        security_profile=plan.security_profile,
        subprotocol_optional=not knock.offered,
        registration=plan.registration,
        connectors=plan.connectors,
        password_hash=digest,
        from_charger=True,
    )
    added = await add_station(work, actor, whole, secret_key, at)
    knock.state, knock.decided_at, knock.password_digest = KnockState.CLAIMED, at, None
    await session.flush()
    details = {"address": knock.address, "password": "its own" if digest else "made here"}
    audit.record(work, actor, "charger.claimed", f"charger {knock.identity}", details, at=at)
    return added


async def refuse(work: Work, actor: Actor, knock_id: int, at: datetime) -> None:
    """Hear no more of it. It can be looked up among the refused, and taken back. Raises ConflictError when it has been
    claimed meanwhile."""
    require(actor, Permission.STATIONS_MANAGE)
    knock = await _undecided(work.session(), knock_id)
    knock.state, knock.decided_at = KnockState.REFUSED, at
    await work.session().flush()
    audit.record(work, actor, "charger.refused", f"charger {knock.identity}", {"address": knock.address}, at=at)


async def take_back(work: Work, actor: Actor, knock_id: int, at: datetime) -> None:
    """Let a refused charger wait for a decision again. Raises ConflictError when it has been claimed meanwhile."""
    require(actor, Permission.STATIONS_MANAGE)
    knock = await _undecided(work.session(), knock_id)
    knock.state, knock.decided_at = KnockState.WAITING, None
    await work.session().flush()
    audit.record(work, actor, "charger.refusal_taken_back", f"charger {knock.identity}", {}, at=at)


async def delete_old_knocks(work: Work, before: datetime) -> None:
    """Forget those that waited and did not come again since `before`, and each tenant's oldest beyond a bound."""
    require_platform_scope()
    session = work.session()
    await session.execute(delete(Knock).where(col(Knock.last_at) < before, col(Knock.state) != KnockState.REFUSED))
    crowded = select(col(Knock.tenant_id)).group_by(col(Knock.tenant_id)).having(func.count() > MOST_PER_TENANT)
    for tenant_id in (await session.execute(crowded)).scalars().all():
        beyond = (
            select(col(Knock.id))
            .where(col(Knock.tenant_id) == tenant_id)
            .order_by(col(Knock.last_at).desc())
            .offset(MOST_PER_TENANT)
            .limit(1000)
        )
        ids = list((await session.execute(beyond)).scalars())
        await session.execute(delete(Knock).where(col(Knock.id).in_(ids)))


async def _find(session: AsyncSession, knock_id: int) -> Knock:
    found = (await session.execute(select(Knock).where(col(Knock.id) == knock_id))).scalar_one_or_none()
    if found is None:
        raise NotFoundError("This charger has been forgotten; it appears again when it knocks.")
    return found


async def _undecided(session: AsyncSession, knock_id: int) -> Knock:
    knock = await _find(session, knock_id)
    if knock.state == KnockState.CLAIMED:
        raise ConflictError(f"{knock.identity} has been claimed already.")
    return knock


@lru_cache
def _upsert(dialect: str) -> Executable:
    table: Any = getattr(Knock, "__table__")  # noqa: B009 - SQLModel's types do not know it
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    new, old = insert.excluded, table.c
    is_other = (old.password_digest != new.password_digest) & new.password_digest.is_not(None)
    return insert.on_conflict_do_update(
        index_elements=["tenant_id", "identity_key"],
        set_={
            **{name: new[name] for name in ("identity", "address", "user_agent", "offered", "last_at")},
            "password_digest": func.coalesce(new.password_digest, old.password_digest),
            "passwords_differ": case((is_other, True), else_=old.passwords_differ),
            "count": old["count"] + new["count"],
            # One that was claimed and knocks as a stranger has been removed since.
            "state": case((old.state == KnockState.CLAIMED.value, KnockState.WAITING.value), else_=old.state),
        },
    )


def _row(report: KnockReport) -> dict[str, Any]:
    return {
        "tenant_id": report.tenant_id,
        "identity": report.identity[:255],
        "identity_key": report.identity.casefold()[:255],
        "state": KnockState.WAITING.value,
        "address": report.address[:64],
        "user_agent": report.user_agent[:200],
        "offered": report.offered[:200],
        "password_digest": report.password_digest,
        "passwords_differ": False,
        "count": report.count,
        "first_at": report.first_at,
        "last_at": report.last_at,
        "decided_at": None,
    }

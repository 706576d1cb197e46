"""What is owed and has not been met, for the platform's people: they see it, and can have it tried again."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor
from csms.access.sessions import PLATFORM_OWNER
from csms.clock import Clock
from csms.errors import NotFoundError, PermissionDeniedError
from csms.work import Committer, Work
from models import OutboxEntry, Tenant
from models.scope import platform_scope


@dataclass(frozen=True, slots=True)
class UnmetRow:
    """An obligation that failed at least once. `dead_at` is None while it is tried again by itself."""

    id: int
    tenant: str
    kind: str
    created_at: datetime
    attempts: int
    last_error: str
    due_at: datetime | None
    dead_at: datetime | None


async def unmet(
    session: AsyncSession, *, given_up: bool | None = None, offset: int = 0, limit: int = 25
) -> tuple[list[UnmetRow], int]:
    """A page of obligations that failed, newest first, and how many there are; in the platform's scope.

    `given_up`: only those given up, or only those that are tried again.
    """
    failed = (col(OutboxEntry.done_at).is_(None), col(OutboxEntry.attempts) > 0)
    query = select(OutboxEntry, col(Tenant.name)).outerjoin(Tenant, col(Tenant.id) == col(OutboxEntry.tenant_id))
    query = query.where(*failed)
    if given_up is not None:
        dead = col(OutboxEntry.dead_at)
        query = query.where(dead.is_not(None) if given_up else dead.is_(None))
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    found = await session.execute(query.order_by(col(OutboxEntry.id).desc()).offset(offset).limit(limit))
    return [_row(entry, tenant) for entry, tenant in found.all()], total


async def try_again(committer: Committer, clock: Clock, actor: Actor, ids: list[int]) -> int:
    """Make obligations due now; returns how many. Raises PermissionDeniedError, NotFoundError when there are none."""
    if actor.role != PLATFORM_OWNER:
        raise PermissionDeniedError("Only the platform owner may have obligations tried again.")

    async def unit(work: Work) -> int:
        open_ones = or_(col(OutboxEntry.dead_at).is_not(None), col(OutboxEntry.due_at).is_not(None))
        changed = await work.session().scalars(
            update(OutboxEntry)
            .where(col(OutboxEntry.id).in_(ids), col(OutboxEntry.done_at).is_(None), open_ones)
            .values(due_at=clock.now(), dead_at=None, attempts=0, leased_until=None)
            .returning(col(OutboxEntry.id))
            .execution_options(synchronize_session=False)
        )
        count = len(changed.all())
        if not count:
            raise NotFoundError("There is nothing like that to try again.")
        work.owes = True
        return count

    with platform_scope():
        return await committer.run(unit)


def _row(entry: OutboxEntry, tenant: str | None) -> UnmetRow:
    return UnmetRow(
        id=entry.id or 0,
        tenant=tenant or "",
        kind=entry.kind,
        created_at=entry.created_at,
        attempts=entry.attempts,
        last_error=entry.last_error,
        due_at=entry.due_at,
        dead_at=entry.dead_at,
    )

"""Reads of the audit record, within the tenant in scope."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import AuditEntry

MAX_TOTAL = 10_000
"""A total is counted up to here."""
PER_READ = 500


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """Which entries. `text` is looked for in actor, action and subject; `areas` are first words of actions."""

    text: str = ""
    areas: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    cause_id: str | None = None
    offset: int = 0
    limit: int = 50


async def audit_entries(session: AsyncSession, query: AuditQuery) -> tuple[list[AuditEntry], int]:
    """A page of entries, newest first, and how many there are in all (counted up to MAX_TOTAL)."""
    wanted = _wanted(query)
    counted = wanted.with_only_columns(col(AuditEntry.id)).limit(MAX_TOTAL).subquery()
    total = await session.scalar(select(func.count()).select_from(counted)) or 0
    rows = await session.scalars(wanted.order_by(col(AuditEntry.id).desc()).offset(query.offset).limit(query.limit))
    return list(rows.all()), total


async def audit_areas(session: AsyncSession) -> list[str]:
    """First words of the actions there are, such as station and webhook."""
    actions = (await session.scalars(select(col(AuditEntry.action)).distinct())).all()
    return sorted({action.partition(".")[0] for action in actions})


async def all_audit_entries(session: AsyncSession, query: AuditQuery) -> AsyncGenerator[AuditEntry]:
    """Every entry the query fits, newest first, read in parts; its offset and limit do not matter."""
    last_id: int | None = None
    while True:
        wanted = _wanted(replace(query, offset=0))
        if last_id is not None:
            wanted = wanted.where(col(AuditEntry.id) < last_id)
        rows = (await session.scalars(wanted.order_by(col(AuditEntry.id).desc()).limit(PER_READ))).all()
        for row in rows:
            yield row
        if len(rows) < PER_READ:
            return
        last_id = rows[-1].id


def _wanted(query: AuditQuery) -> Select[Any]:
    wanted = select(AuditEntry)
    if query.text:
        fields = (AuditEntry.actor, AuditEntry.action, AuditEntry.subject)
        wanted = wanted.where(or_(*(col(field).icontains(query.text, autoescape=True) for field in fields)))
    if query.areas:
        wanted = wanted.where(or_(*(_in_area(area) for area in query.areas)))
    if query.since is not None:
        wanted = wanted.where(col(AuditEntry.at) >= query.since)
    if query.until is not None:
        wanted = wanted.where(col(AuditEntry.at) < query.until)
    if query.cause_id:
        wanted = wanted.where(col(AuditEntry.cause_id) == query.cause_id)
    return wanted


def _in_area(area: str) -> Any:
    return or_(col(AuditEntry.action) == area, col(AuditEntry.action).startswith(f"{area}.", autoescape=True))

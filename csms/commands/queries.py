"""Reads of what was asked of stations."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Command, User


async def recent_commands(
    session: AsyncSession, station_id: int, *, before_id: int | None = None, limit: int = 50
) -> list[tuple[Command, str]]:
    """Commands of a station, newest first, each with the e-mail of who asked ("" for a program).

    `before_id` is the last one already seen, for the next page.
    """
    query = (
        select(Command, col(User.email))
        .outerjoin(User, col(User.id) == col(Command.user_id))
        .where(col(Command.station_id) == station_id)
        .order_by(col(Command.asked_at).desc(), col(Command.id).desc())
        .limit(limit)
    )
    if before_id is not None:
        last = await session.get(Command, before_id)
        if last is None:
            return []
        earlier = (col(Command.asked_at) < last.asked_at) | (
            (col(Command.asked_at) == last.asked_at) & (col(Command.id) < before_id)
        )
        query = query.where(earlier)
    return [(command, email or "") for command, email in (await session.execute(query)).all()]


async def command(session: AsyncSession, command_id: int) -> Command | None:
    """One command of the tenant in scope, or None."""
    return await session.get(Command, command_id)


async def commands_between(
    session: AsyncSession, station_id: int, since: datetime, until: datetime, limit: int = 100
) -> list[tuple[Command, str]]:
    """What was asked of a station from `since` to `until`, oldest first, each with the e-mail of who asked."""
    query = (
        select(Command, col(User.email))
        .outerjoin(User, col(User.id) == col(Command.user_id))
        .where(col(Command.station_id) == station_id, col(Command.asked_at).between(since, until))
        .order_by(col(Command.asked_at), col(Command.id))
        .limit(limit)
    )
    return [(command, email or "") for command, email in (await session.execute(query)).all()]

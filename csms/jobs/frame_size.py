"""How much the frame log takes, estimated: counting its bytes would mean reading all of it."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Frame

_SAMPLED = 1_000
_BESIDE_TEXT = 200
"""Bytes of a row besides its texts, its index entries too."""


async def last_beyond(session: AsyncSession, most_bytes: int) -> int:
    """Id of the newest frame that has no room, 0 where all have. Platform scope only.

    Frames are numbered as they come, so their number follows from their ids, and their size from the newest.
    """
    ends = await session.execute(select(func.min(col(Frame.id)), func.max(col(Frame.id))))
    oldest, newest = ends.one()
    if oldest is None or newest is None:
        return 0
    length = func.length(col(Frame.text)) + func.coalesce(func.length(col(Frame.answer_text)), 0)
    latest = select(length.label("length")).order_by(col(Frame.id).desc()).limit(_SAMPLED).subquery()
    mean = (await session.execute(select(func.avg(latest.c.length)))).scalar_one()
    room = int(most_bytes / (float(mean) + _BESIDE_TEXT))
    return max(0, newest - max(room, 1)) if newest - oldest + 1 > room else 0

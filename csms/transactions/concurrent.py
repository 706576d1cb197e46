"""A token that may have one transaction at a time, presented to begin a second (ConcurrentTx: X16_09, DS_30)."""

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import token_key
from csms.stations.ref import StationRef
from csms.transactions.reports import TokenRef
from csms.transactions.use import Beginning
from models import Transaction

CONCURRENT = "ConcurrentTx"


async def has_another(session: AsyncSession, ref: StationRef, beginning: Beginning, token: TokenRef) -> bool:
    """An older one on the same EVSE does not count: its end was lost on the way."""
    spellings = {token.value.strip().casefold(), token_key(token.value)}
    running = (
        select(col(Transaction.id))
        .where(
            col(Transaction.is_open),
            func.lower(col(Transaction.id_token)).in_(spellings),
            col(Transaction.authorization_status) != CONCURRENT,
            or_(col(Transaction.station_id) != ref.id, col(Transaction.evse_number) != beginning.evse_number),
        )
        .limit(1)
    )
    if beginning.transaction_id is not None:
        running = running.where(col(Transaction.id) != beginning.transaction_id)
    return await session.scalar(running) is not None

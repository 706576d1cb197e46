"""A token that may have one transaction at a time, presented to begin a second (ConcurrentTx: X16_09, DS_30)."""

from dataclasses import replace

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import same_token, token_key
from csms.authorization.service import Decision
from csms.stations.ref import StationRef
from csms.transactions.reports import TokenRef
from models import Transaction

CONCURRENT = "ConcurrentTx"


async def as_starter(
    session: AsyncSession,
    ref: StationRef,
    evse_number: int,
    decision: Decision,
    token: TokenRef,
    transaction: Transaction | None,
    *,
    repeated: bool = True,
) -> Decision:
    """What is said of a token that begins a transaction; `transaction` is that one where it is known already.

    The transaction exists all the same: only the answer differs, and only for tokens the tenant allows one at a time.
    A `repeated` start hears what it heard the first time.
    """
    if not (decision.accepted and decision.exclusive):
        return decision
    if transaction is not None and transaction.id_token:
        was = repeated and same_token(transaction.id_token, token.value) and transaction.authorization_status
        return replace(decision, status=CONCURRENT) if was == CONCURRENT else decision
    besides = None if transaction is None else transaction.id
    is_busy = await _has_another(session, ref, evse_number, token, besides)
    return replace(decision, status=CONCURRENT) if is_busy else decision


async def _has_another(
    session: AsyncSession, ref: StationRef, evse_number: int, token: TokenRef, besides: int | None
) -> bool:
    """An older one on the same EVSE does not count: its end was lost on the way."""
    spellings = {token.value.strip().casefold(), token_key(token.value)}
    running = (
        select(col(Transaction.id))
        .where(
            col(Transaction.is_open),
            func.lower(col(Transaction.id_token)).in_(spellings),
            col(Transaction.authorization_status) != CONCURRENT,
            or_(col(Transaction.station_id) != ref.id, col(Transaction.evse_number) != evse_number),
        )
        .limit(1)
    )
    if besides is not None:
        running = running.where(col(Transaction.id) != besides)
    return await session.scalar(running) is not None

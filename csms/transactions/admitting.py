"""Whether a token may charge now, as all messages of all versions ask: the token, then what it used (DS_30, X16_09).

What a token is good for is decided in csms.authorization.decision; here it is held against the sessions there are.
"""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.decision import Decision, decide
from csms.authorization.keys import same_token
from csms.authorization.limits import Left, left_of, too_many, used_up
from csms.authorization.sightings import note_shown
from csms.stations.ref import StationRef
from csms.transactions.concurrent import CONCURRENT, has_another
from csms.transactions.reports import TokenRef
from csms.transactions.use import Beginning, books_of, use_of
from csms.work import Work
from models import Transaction

NO_CREDIT = "NoCredit"
ONLY_STOPS = "Cards of the master pass group end sessions; they begin none."
ONE_AT_A_TIME = "This card may have one session at a time, and has one running already."


async def authorize(work: Work, ref: StationRef, token: TokenRef, now: datetime) -> Decision:
    """What an Authorize hears. It may be meant to stop: a token that has, or whose group has, a session at this
    station is not held back by what it used up; how many it may have is only said when one begins (X16_09)."""
    session = work.session()
    decision = await decide(session, token.value, now, type=token.type, station=ref)
    if decision.accepted and decision.allotments and not await _may_stop(session, ref, decision):
        decision = await _within_limits(session, ref, decision, now)
    await note_shown(work, ref, token.value, token.type, decision, now)
    return decision


async def as_starter(
    session: AsyncSession,
    ref: StationRef,
    evse_number: int,
    decision: Decision,
    token: TokenRef,
    transaction: Transaction | None,
    now: datetime,
    *,
    repeated: bool = True,
) -> Decision:
    """What is said of a token that begins a transaction; `transaction` is that one where it is known already.

    The transaction exists all the same: only the answer differs. A `repeated` start hears what it heard the first time.
    """
    if not decision.accepted:
        return decision
    if transaction is not None and transaction.id_token:
        return _as_before(decision, token, transaction) if repeated else decision
    if decision.stops_only:
        return replace(decision, status="Invalid", reason=ONLY_STOPS)
    beginning = Beginning(ref.id, evse_number, None if transaction is None else transaction.id)
    if decision.exclusive and await has_another(session, ref, beginning, token):
        return replace(decision, status=CONCURRENT, reason=ONE_AT_A_TIME)
    return await _within_limits(session, ref, decision, now, beginning)


async def left_for(
    session: AsyncSession, ref: StationRef, decision: Decision, now: datetime, beginning: Beginning
) -> Left:
    """What a session that is `beginning` may still use of all limits that hold for it."""
    left = Left()
    if decision.allotments:
        books = await books_of(session, ref.tenant_id)
        for each in decision.allotments:
            left = left.at_most(left_of(each.limits, await use_of(session, each, now, books, beginning)))
    return left


def _as_before(decision: Decision, token: TokenRef, transaction: Transaction) -> Decision:
    was, reason = transaction.authorization_status, transaction.authorization_reason
    if same_token(transaction.id_token, token.value) and (was == CONCURRENT or reason):
        return replace(decision, status=was, reason=reason)
    return decision


async def _may_stop(session: AsyncSession, ref: StationRef, decision: Decision) -> bool:
    whose = [col(Transaction.id_token_id) == decision.id_token_id]
    if decision.group:
        whose.append(col(Transaction.token_group) == decision.group)
    query = select(col(Transaction.id)).where(
        col(Transaction.is_open), col(Transaction.station_id) == ref.id, or_(*whose)
    )
    return await session.scalar(query.limit(1)) is not None


async def _within_limits(
    session: AsyncSession, ref: StationRef, decision: Decision, now: datetime, beginning: Beginning | None = None
) -> Decision:
    """The decision, or why not: ConcurrentTx where something begins, NoCredit for what is used up."""
    if not decision.allotments:
        return decision
    books = await books_of(session, ref.tenant_id)
    for each in decision.allotments:
        use = await use_of(session, each, now, books, beginning)
        crowded = too_many(each.kind, each.limits, use) if beginning is not None else None
        if crowded is not None:
            return replace(decision, status=CONCURRENT, reason=crowded)
        spent = used_up(each.kind, each.limits, use, books.currency)
        if spent is not None:
            return replace(decision, status=NO_CREDIT, reason=spent)
    return decision

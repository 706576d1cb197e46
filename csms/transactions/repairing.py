"""What a person decides about sessions: parked messages are placed or dismissed, lost sessions closed. All audited."""

from datetime import datetime
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.transactions.inbox import stop_report
from csms.transactions.machine import GivenUp, advance
from csms.transactions.opening import open_transaction
from csms.transactions.placing import (
    add_samples,
    end_in,
    find_station,
    find_transaction,
    opening_for,
    replace_end,
    settle_repair,
)
from csms.work import Work
from models import ParkedMessage, Resolution


async def close_lost(work: Work, actor: Actor, transaction_id: int, reason: str, at: datetime) -> None:
    """Give up a session whose end does not arrive, at the last that was heard of it (DS_28).

    Its price is that of what was counted; a real end that comes later takes its place. Raises PermissionDeniedError,
    NotFoundError, ConflictError when it has ended, InvalidInputError without a reason.
    """
    require(actor, Permission.TRANSACTIONS_REPAIR)
    reason = _said(reason)
    row, entry = await find_transaction(work.session(), transaction_id)
    if not row.is_open:
        raise ConflictError(f"Session {transaction_id} has ended already.")
    ref = await find_station(work.session(), row.station_id)
    state = entry.state
    last = max(filter(None, (state.started_at, state.progress.at, state.state_at)))
    state, news = advance(state, GivenUp(last))
    settle_repair(work, ref, (row, entry), state, news, at)
    audit.record(work, actor, "transaction.close", f"session {transaction_id}", {"reason": reason}, at=at)


async def assign_message(work: Work, actor: Actor, parked_id: int, transaction_id: int, at: datetime) -> None:
    """Give a parked message to a session of its station. An end takes the place of one that the session has.

    Raises PermissionDeniedError, NotFoundError, ConflictError when it is resolved, or the session is another station's.
    """
    require(actor, Permission.TRANSACTIONS_REPAIR)
    message = await _waiting(work.session(), parked_id)
    found = await find_transaction(work.session(), transaction_id)
    if found[0].station_id != message.station_id:
        raise ConflictError(f"Session {transaction_id} is not of the station that sent this message.")
    ref = await find_station(work.session(), message.station_id)
    end = end_in(message)
    if end is None:
        add_samples(work, ref, found, message, at)
    else:
        replace_end(work, ref, found, end, at)
    _resolve(work, actor, message, Resolution.ASSIGNED, transaction_id, "", at)


async def create_from_message(work: Work, actor: Actor, parked_id: int, at: datetime) -> int:
    """Record the session that a StopTransaction without a start tells of (quirk 39). Returns its id.

    Raises PermissionDeniedError, NotFoundError, ConflictError when it is resolved or is no such message.
    """
    require(actor, Permission.TRANSACTIONS_REPAIR)
    message = await _waiting(work.session(), parked_id)
    if message.action != "StopTransaction":
        raise ConflictError("Only from a StopTransaction can a session be recorded.")
    ref = await find_station(work.session(), message.station_id)
    report = stop_report(message)
    opened = await open_transaction(work, ref, await opening_for(work, ref, report, message))
    replace_end(work, ref, (opened.row, opened.entry), report, at)
    _resolve(work, actor, message, Resolution.CREATED, opened.entry.id, "", at)
    return opened.entry.id


async def dismiss_message(work: Work, actor: Actor, parked_id: int, reason: str, at: datetime) -> None:
    """Put a message aside for good. Raises PermissionDeniedError, NotFoundError, ConflictError, InvalidInputError."""
    require(actor, Permission.TRANSACTIONS_REPAIR)
    message = await _waiting(work.session(), parked_id)
    _resolve(work, actor, message, Resolution.DISMISSED, message.transaction_id, _said(reason), at)


def _said(reason: str) -> str:
    if not reason.strip():
        raise InvalidInputError("Say why: a session cannot be decided about without a reason.")
    return reason.strip()[:500]


async def _waiting(session: AsyncSession, parked_id: int) -> ParkedMessage:
    message = await session.get(ParkedMessage, parked_id)
    if message is None:
        raise NotFoundError("There is no such message.")
    if message.resolved_at is not None:
        raise ConflictError(f"This message was {message.resolution} by {message.resolved_by} already.")
    return message


def _resolve(
    work: Work,
    actor: Actor,
    message: ParkedMessage,
    resolution: Resolution,
    transaction_id: int | None,
    note: str,
    at: datetime,
) -> None:
    message.resolved_at, message.resolution, message.resolved_by = at, resolution, actor.words[:254]
    message.transaction_id, message.note = transaction_id, note
    details = {"resolution": str(resolution), "transaction_id": transaction_id, "reason": note}
    subject = f"parked {message.action} {cast(int, message.id)}"
    audit.record(work, actor, "transaction.repair", subject, details, at=at)

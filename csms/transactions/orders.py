"""Remote starts as orders: which were followed by a transaction, and which the driver never came for (F01 to F04)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.transactions.origin import WITHIN, patience_of
from models import Command, CommandState, Transaction


class OrderState(StrEnum):
    """How a remote start went."""

    ASKED = "asked"
    """The station has not answered yet."""
    DECLINED = "declined"
    WAITING = "waiting"
    """Accepted: the station waits for the cable."""
    STARTED = "started"
    EXPIRED = "expired"
    """Nobody came in time (TC_011_2, F_04)."""


@dataclass(frozen=True, slots=True)
class Order:
    """A remote start."""

    command_id: int
    remote_start_id: int
    asked_at: datetime
    state: OrderState
    transaction_id: int | None
    expires_at: datetime


async def remote_starts(session: AsyncSession, station_id: int, now: datetime, limit: int = 20) -> list[Order]:
    """The remote starts of a station, newest first, as they stand at `now`: no timer decides, only facts."""
    query = (
        select(Command)
        .where(col(Command.station_id) == station_id, col(Command.remote_start_id).is_not(None))
        .order_by(col(Command.asked_at).desc(), col(Command.id).desc())
        .limit(limit)
    )
    commands = list((await session.execute(query)).scalars())
    numbers = [command.remote_start_id for command in commands]
    followed = select(Transaction).where(
        col(Transaction.station_id) == station_id, col(Transaction.remote_start_id).in_(numbers)
    )
    rows = (await session.execute(followed)).scalars()
    transactions = {row.remote_start_id: row.id for row in rows}
    patience = await patience_of(session, station_id) if commands else WITHIN
    return [_order(command, transactions.get(command.remote_start_id), patience, now) for command in commands]


def _order(command: Command, transaction_id: int | None, patience: timedelta, now: datetime) -> Order:
    expires_at = (command.answered_at or command.asked_at) + patience
    return Order(
        command_id=cast(int, command.id),
        remote_start_id=cast(int, command.remote_start_id),
        asked_at=command.asked_at,
        state=_state(command, transaction_id, expires_at, now),
        transaction_id=transaction_id,
        expires_at=expires_at,
    )


def _state(command: Command, transaction_id: int | None, expires_at: datetime, now: datetime) -> OrderState:
    if transaction_id is not None:
        return OrderState.STARTED
    if command.state == CommandState.ASKED:
        return OrderState.ASKED
    if command.answer_status != "Accepted" and command.state != CommandState.UNKNOWN:
        return OrderState.DECLINED
    return OrderState.WAITING if now < expires_at else OrderState.EXPIRED

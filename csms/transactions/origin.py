"""Which remote start a transaction goes back to (F01, F02)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.keys import same_token
from csms.stations.ref import StationRef
from models import Command, CommandState, StationVariable, Transaction

WITHIN = timedelta(minutes=5)
"""A 1.6 station does not say which remote start it follows; an older one is not taken for it."""
SLACK = timedelta(minutes=1)
"""For the station's own time-out to be told."""
_TIMEOUTS = ("ConnectionTimeOut", "EVConnectionTimeOut")


@dataclass(frozen=True, slots=True)
class Origin:
    """The command behind a transaction."""

    remote_start_id: int
    cause_id: str | None


async def origin_by_id(session: AsyncSession, ref: StationRef, remote_start_id: int) -> Origin | None:
    """2.x: the station says the remoteStartId."""
    cause_id = await session.scalar(
        select(col(Command.cause_id))
        .where(col(Command.remote_start_id) == remote_start_id, col(Command.station_id) == ref.id)
        .order_by(col(Command.id).desc())
        .limit(1)
    )
    return None if cause_id is None else Origin(remote_start_id, cause_id)


async def origin_by_token(
    session: AsyncSession, ref: StationRef, evse_number: int, token: str, received_at: datetime
) -> Origin | None:
    """1.6: the newest remote start of this token here in the last minutes that no transaction came of yet."""
    taken = exists().where(
        col(Transaction.station_id) == ref.id, col(Transaction.remote_start_id) == col(Command.remote_start_id)
    )
    commands = await session.scalars(
        select(Command)
        .where(
            col(Command.station_id) == ref.id,
            col(Command.asked_at) >= received_at - await patience_of(session, ref.id),
            col(Command.remote_start_id).is_not(None),
            ~taken,
        )
        .order_by(col(Command.asked_at).desc())
        .limit(10)
    )
    for command in commands:
        if _may_have_begun(command) and _is_for(command.payload, evse_number, token):
            return Origin(cast(int, command.remote_start_id), command.cause_id)
    return None


async def patience_of(session: AsyncSession, station_id: int) -> timedelta:
    """How long the station waits for a cable, by its own setting; never less than a start is linked for."""
    query = select(StationVariable).where(
        col(StationVariable.station_id) == station_id, col(StationVariable.variable).in_(_TIMEOUTS)
    )
    told = [row.value or "" for row in (await session.execute(query)).scalars()]
    seconds = [int(text) for text in told if text.isdecimal() and len(text) < 7]
    return max([WITHIN, *(timedelta(seconds=number) + SLACK for number in seconds)])


def _may_have_begun(command: Command) -> bool:
    """Accepted, or its answer is still being written while the station is already charging."""
    return command.answer_status == "Accepted" or command.state == CommandState.ASKED


def _is_for(payload: dict[str, Any], evse_number: int, token: str) -> bool:
    """The payload is as asked (our nouns) or as sent (1.6's)."""
    asked_token = payload.get("idTag", payload.get("id_token"))
    asked_evse = payload.get("connectorId", payload.get("evse_number"))
    is_same = isinstance(asked_token, str) and same_token(asked_token, token)
    return is_same and asked_evse in (None, 0, evse_number)

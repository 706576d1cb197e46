"""What the steps of one check share: the station, the way to ask it, and what it has said so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import orjson
from sqlalchemy import select
from sqlmodel import col

from csms.acceptance.steps import Limits, SkippedError, Wishes
from csms.acceptance.watching import Watch
from csms.access.policy import Actor
from csms.clock import Clock
from csms.commands.service import Commands
from csms.stations.ref import StationRef
from models import ChargingStation, Connector, StationVariable, Transaction
from models.db import Database


@dataclass(slots=True)
class Trial:
    """One check under way. Runs with the station's tenant in scope."""

    actor: Actor
    ref: StationRef
    wishes: Wishes
    limits: Limits
    commands: Commands
    database: Database
    clock: Clock
    watch: Watch

    async def station(self) -> ChargingStation:
        """The station as it is now."""
        async with self.database.reading() as session:
            return await session.get_one(ChargingStation, self.ref.id)

    async def connectors(self) -> Sequence[Connector]:
        """Its connectors as they are now."""
        query = (
            select(Connector)
            .where(col(Connector.station_id) == self.ref.id)
            .order_by(col(Connector.evse_number), col(Connector.number))
        )
        async with self.database.reading() as session:
            return (await session.execute(query)).scalars().all()

    async def value_of(self, component: str, variable: str) -> str | None:
        """A setting as it was read last; None where it never told."""
        query = select(col(StationVariable.value)).where(
            col(StationVariable.station_id) == self.ref.id,
            col(StationVariable.component) == component,
            col(StationVariable.variable) == variable,
            col(StationVariable.attribute) == "Actual",
        )
        async with self.database.reading() as session:
            return (await session.execute(query.limit(1))).scalar_one_or_none()

    async def require_idle(self) -> None:
        """Raise SkippedError while somebody charges: a check must not end a driver's session."""
        query = select(col(Transaction.id)).where(col(Transaction.station_id) == self.ref.id, col(Transaction.is_open))
        async with self.database.reading() as session:
            if (await session.execute(query.limit(1))).first() is not None:
                raise SkippedError("Somebody is charging at this station.")


def payload_of(text: str) -> dict[str, Any]:
    """The payload of a CALL as logged; empty for anything else."""
    try:
        frame = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    if isinstance(frame, list) and len(cast(list[Any], frame)) == 4 and isinstance(frame[3], dict):
        return cast(dict[str, Any], frame[3])
    return {}


def place_words(evse_number: int, number: int, count: int) -> str:
    """A connector in words; its number only where an EVSE has several."""
    return f"EVSE {evse_number}" if count < 2 else f"EVSE {evse_number}, connector {number}"

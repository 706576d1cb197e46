"""Labels at connectors: each has an address of its own that never changes, and what is printed beside it."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor, Permission, require
from csms.errors import InvalidInputError
from csms.work import Work
from models import ChargingStation, Connector, Evse, Location

CODE_LENGTH = 7
MOST_LABELS = 2_000
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Nothing that is taken for something else when it is read from a scratched sticker."""


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One connector, with everything that may stand on its label."""

    code: str
    identity: str
    station: str
    """Name of the station; its identity where it has none."""
    location: str
    time_zone: str
    support_phone: str
    station_id: int
    location_id: int
    evse_number: int
    connector_number: int
    connectors: int
    """How many the EVSE has."""
    evse_id: str
    standard: str
    status: str
    is_online: bool
    max_power_w: int | None


async def labels(
    work: Work, actor: Actor, *, station_ids: Sequence[int] = (), location_id: int | None = None
) -> list[LabelRow]:
    """A label for each connector of these stations, or of all of a location's; codes are given where there are none.

    Raises InvalidInputError when there is nothing to label, or too much for one print.
    """
    require(actor, Permission.STATIONS_MANAGE)
    session = work.session()
    mine = (
        select(Connector)
        .join(ChargingStation, col(ChargingStation.id) == col(Connector.station_id))
        .where(col(ChargingStation.decommissioned_at).is_(None), col(Connector.number) > 0)
    )
    if station_ids:
        mine = mine.where(col(Connector.station_id).in_(station_ids))
    if location_id is not None:
        mine = mine.where(col(ChargingStation.location_id) == location_id)
    connectors = (await session.execute(mine.limit(MOST_LABELS + 1))).scalars().all()
    if not connectors:
        raise InvalidInputError(
            "There is no connector to label yet. It is learnt when the charger connects, or entered under Edit."
        )
    if len(connectors) > MOST_LABELS:
        raise InvalidInputError(f"That is more than {MOST_LABELS:,} labels. Choose a location, or fewer stations.")
    for connector in connectors:
        if connector.label_code is None:
            connector.label_code = "".join(secrets.choice(_ALPHABET) for _ in range(CODE_LENGTH))
    await session.flush()
    wanted = [connector.id for connector in connectors]
    rows: list[LabelRow] = []
    for start in range(0, len(wanted), 500):
        rows += await _rows(session, col(Connector.id).in_(wanted[start : start + 500]))
    return sorted(rows, key=lambda row: (row.identity.casefold(), row.evse_number, row.connector_number))


async def labelled(session: AsyncSession, code: str) -> list[LabelRow]:
    """What an address leads to: one connector by its code, or all of an EVSE by the text on its sticker."""
    found = await _rows(session, col(Connector.label_code) == code.strip().upper())
    if found:
        return found
    return await _rows(session, func.upper(col(Evse.evse_id)) == code.strip().upper())


async def _rows(session: AsyncSession, where: object) -> list[LabelRow]:
    siblings = (
        select(func.count())
        .select_from(Connector)
        .where(
            col(Connector.station_id) == col(Evse.station_id),
            col(Connector.evse_number) == col(Evse.number),
        )
        .correlate(Evse)
        .scalar_subquery()
    )
    query = (
        select(Connector, ChargingStation, Location, Evse, siblings)
        .join(ChargingStation, col(ChargingStation.id) == col(Connector.station_id))
        .join(Location, col(Location.id) == col(ChargingStation.location_id))
        .join(
            Evse,
            (col(Evse.station_id) == col(Connector.station_id)) & (col(Evse.number) == col(Connector.evse_number)),
        )
        .where(where, col(ChargingStation.decommissioned_at).is_(None))  # pyright: ignore[reportArgumentType]
        .order_by(col(Connector.evse_number), col(Connector.number))
    )
    return [
        LabelRow(
            code=connector.label_code or "",
            identity=station.identity,
            station=station.name or station.identity,
            location=place.name,
            time_zone=place.time_zone,
            support_phone=place.support_phone,
            station_id=station.id or 0,
            location_id=station.location_id,
            evse_number=connector.evse_number,
            connector_number=connector.number,
            connectors=count,
            evse_id=evse.evse_id or "",
            standard=connector.standard,
            status=connector.status,
            is_online=station.is_online,
            max_power_w=evse.max_power_w,
        )
        for connector, station, place, evse, count in (await session.execute(query)).all()
    ]

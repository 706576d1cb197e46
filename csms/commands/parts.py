"""What a command becomes for one station: parts it can take, and a second try where many stations need one."""

from sqlalchemy import func
from sqlmodel import col, select

from csms.commands.commands import ChangeAvailability, StationCommand
from csms.commands.splitting import split, splittable_as
from csms.stations.limits import message_limits
from csms.stations.ref import StationRef
from models import ChargingStation, Evse
from models.db import Database


async def parts_for(database: Database, ref: StationRef, command: StationCommand) -> list[StationCommand]:
    """The requests to send one after the other; most commands are one."""
    if splittable_as(command, None) is None:
        return [command]
    async with database.reading() as session:
        version = await session.scalar(select(ChargingStation.ocpp_version).where(col(ChargingStation.id) == ref.id))
        action = splittable_as(command, version)
        if action is None:
            return [command]
        return split(command, action, await message_limits(session, ref.id, action))


async def second_try(
    database: Database, ref: StationRef, command: StationCommand, status: str | None
) -> StationCommand | None:
    """1.6 stations with one connector often refuse to change connector 0 and mean it of 1 (field quirk 29)."""
    if not isinstance(command, ChangeAvailability) or command.evse_number is not None or status != "Rejected":
        return None
    async with database.reading() as session:
        version = await session.scalar(select(ChargingStation.ocpp_version).where(col(ChargingStation.id) == ref.id))
        evses = await session.scalar(select(func.count()).select_from(Evse).where(col(Evse.station_id) == ref.id))
    if version != "1.6" or evses != 1:
        return None
    return ChangeAvailability(1, 1, command.operative)

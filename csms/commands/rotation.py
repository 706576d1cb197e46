"""A new password for a station and for the platform together (A01): nobody is locked out whatever the answer."""

from dataclasses import dataclass

from sqlmodel import col, select

from csms.access.policy import Actor, Permission, require
from csms.commands.commands import SetVariable
from csms.commands.service import CommandResult, Commands
from csms.errors import NotFoundError
from csms.stations.security import generate_password
from models import ChargingStation
from models.db import Database
from models.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class Rotation:
    """How it went. `password` is the new one, to be shown once; both open the door until the station's word decides."""

    password: str
    result: CommandResult


async def rotate_password(
    commands: Commands, database: Database, actor: Actor, identity: str, password: str | None = None
) -> Rotation:
    """Tell the station a new password, a random one unless given, and take it over as it answers.

    Raises PermissionDeniedError, NotFoundError, InvalidInputError for a password that the station could not take.
    """
    require(actor, Permission.STATIONS_CONFIGURE)
    query = select(ChargingStation.ocpp_version).where(col(ChargingStation.identity_key) == identity.casefold())
    with tenant_scope(actor.tenant_id):
        async with database.reading() as session:
            found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError(f"There is no station {identity}.")
    new = password or generate_password()
    variable = SetVariable("BasicAuthPassword", new, component="SecurityCtrlr")
    if found[0] in (None, "1.6"):
        variable = SetVariable("AuthorizationKey", new)
    return Rotation(new, await commands.set_variable(actor, identity, variable))

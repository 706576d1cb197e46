"""Makes stations known to a tenant from the shell: by hand, or many at once for the simulator."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from csms.access.policy import Actor
from csms.authorization.keys import token_key
from csms.clock import Clock
from csms.stations.identities import taken_identities
from csms.stations.managing import StationPlan, add_station
from csms.stations.places import LocationPlan, add_location
from csms.stations.service import ConnectorPlan
from csms.work import Committer, Work
from models import IdToken, Location, Role, Tenant
from models.scope import tenant_scope


@dataclass(frozen=True, slots=True)
class NewStation:
    """A station to be. One EVSE with one connector for each of `powers_w`."""

    identity: str
    password_hash: str
    powers_w: tuple[int, ...] = (22_000,)
    current_type: str = "AC"
    tokens: tuple[str, ...] = ()
    """IdTokens that shall be accepted."""


def command_line(tenant_id: int) -> Actor:
    """Whoever sits at the platform's own shell, acting for a tenant."""
    return Actor(user_id=None, name="Command line", email="", tenant_id=tenant_id, role=Role.ADMIN)


async def register_stations(committer: Committer, tenant_id: int, clock: Clock, stations: Sequence[NewStation]) -> int:
    """Add those stations and tokens that are not known yet, at the tenant's first location; returns how many were new.

    A tenant without a location gets one where its map is centred.
    """

    async def unit(work: Work) -> int:
        taken = await taken_identities(work.session(), [station.identity for station in stations])
        new = [station for station in stations if station.identity.casefold() not in taken]
        await _add_tokens(work, clock, {token for station in stations for token in station.tokens})
        location_id = await first_location(work, tenant_id, clock)
        for station in new:
            # The digest is known already, so no password is made and no key needed.
            await add_station(work, command_line(tenant_id), _plan_of(station, location_id), b"", clock.now())
        return len(new)

    with tenant_scope(tenant_id):
        return await committer.run(unit)


def _plan_of(station: NewStation, location_id: int) -> StationPlan:
    standard = "IEC_62196_T2_COMBO" if station.current_type == "DC" else "IEC_62196_T2"
    return StationPlan(
        identity=station.identity,
        name=station.identity,
        location_id=location_id,
        password_hash=station.password_hash,
        connectors=tuple(
            ConnectorPlan(number, standard=standard, current_type=station.current_type, max_power_w=power)
            for number, power in enumerate(station.powers_w, start=1)
        ),
    )


async def _add_tokens(work: Work, clock: Clock, values: set[str]) -> None:
    session = work.session()
    keys = {token_key(value): value for value in values}
    known = set((await session.scalars(select(IdToken.value_key).where(col(IdToken.value_key).in_(keys)))).all())
    session.add_all(
        IdToken(value=value, value_key=key, created_at=clock.now()) for key, value in keys.items() if key not in known
    )
    await session.flush()


async def first_location(work: Work, tenant_id: int, clock: Clock) -> int:
    """The tenant's first location, made where its map is centred if there is none."""
    session = work.session()
    location = (await session.scalars(select(Location).order_by(col(Location.id)).limit(1))).first()
    if location is None:
        tenant = await session.get_one(Tenant, tenant_id)
        plan = LocationPlan(tenant.name, tenant.map_latitude, tenant.map_longitude, tenant.time_zone)
        location = await add_location(work, command_line(tenant_id), plan, clock.now())
    return location.id or 0

"""Makes stations known to a tenant from the shell: by hand, or many at once for the simulator."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlmodel import col, select

from csms.authorization.keys import token_key
from csms.clock import Clock
from csms.stations.service import ConnectorPlan, create_location, create_station
from csms.work import Committer, Work
from models import ChargingStation, IdToken, Location, Tenant
from models.scope import platform_scope, tenant_scope


@dataclass(frozen=True, slots=True)
class NewStation:
    """A station to be. One EVSE with one connector for each of `powers_w`."""

    identity: str
    password_hash: str
    powers_w: tuple[int, ...] = (22_000,)
    current_type: str = "AC"
    tokens: tuple[str, ...] = ()
    """IdTokens that shall be accepted."""


async def register_stations(committer: Committer, tenant_id: int, clock: Clock, stations: Sequence[NewStation]) -> int:
    """Add those stations and tokens that are not known yet, at the tenant's first location; returns how many were new.

    A tenant without a location gets one where its map is centred.
    """

    async def known(work: Work) -> set[str]:
        keys = [station.identity.casefold() for station in stations]
        found = select(ChargingStation.identity_key).where(col(ChargingStation.identity_key).in_(keys))
        return set((await work.session().scalars(found)).all())

    async def unit(work: Work) -> int:
        await _add_tokens(work, clock, {token for station in stations for token in station.tokens})
        location_id = await _first_location(work, tenant_id)
        for station in new:
            await _add_station(work, station, location_id)
        return len(new)

    with platform_scope():
        taken = await committer.run(known)
    new = [station for station in stations if station.identity.casefold() not in taken]
    with tenant_scope(tenant_id):
        return await committer.run(unit)


async def _add_station(work: Work, station: NewStation, location_id: int) -> None:
    standard = "IEC_62196_T2_COMBO" if station.current_type == "DC" else "IEC_62196_T2"
    await create_station(
        work.session(),
        identity=station.identity,
        location_id=location_id,
        name=station.identity,
        password_hash=station.password_hash,
        connectors=[
            ConnectorPlan(number, standard=standard, current_type=station.current_type, max_power_w=power)
            for number, power in enumerate(station.powers_w, start=1)
        ],
    )


async def _add_tokens(work: Work, clock: Clock, values: set[str]) -> None:
    session = work.session()
    keys = {token_key(value): value for value in values}
    known = set((await session.scalars(select(IdToken.value_key).where(col(IdToken.value_key).in_(keys)))).all())
    session.add_all(
        IdToken(value=value, value_key=key, created_at=clock.now()) for key, value in keys.items() if key not in known
    )
    await session.flush()


async def _first_location(work: Work, tenant_id: int) -> int:
    session = work.session()
    location = (await session.scalars(select(Location).order_by(col(Location.id)).limit(1))).first()
    if location is None:
        tenant = await session.get_one(Tenant, tenant_id)
        location = await create_location(
            session,
            name=tenant.name,
            latitude=tenant.map_latitude,
            longitude=tenant.map_longitude,
            time_zone=tenant.time_zone,
        )
    return location.id or 0

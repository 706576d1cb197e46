"""A third tenant with more stations than one page of a list holds; none of them ever connects."""

from sqlalchemy.ext.asyncio import AsyncSession

from csms.stations.setup import ConnectorPlan, create_location, create_station
from csms.tenants.directory import create_tenant
from models.scope import tenant_scope
from tests.tenancy import LONG_AGO

STATIONS = 30
"""DEPOT-01 to DEPOT-30; the even ones stand in the north yard, the others in the south yard."""


async def found_depot(session: AsyncSession) -> int:
    """Store the tenant; returns its id. Platform scope."""
    tenant = await create_tenant(
        session,
        key="depot",
        name="Depot",
        currency="EUR",
        time_zone="Europe/Berlin",
        hosts=["depot.localhost"],
        now=LONG_AGO,
    )
    assert tenant.id is not None
    with tenant_scope(tenant.id):
        yards = [
            await create_location(session, name=name, latitude=52.5, longitude=13.4, time_zone="Europe/Berlin")
            for name in ("North yard", "South yard")
        ]
        for number in range(1, STATIONS + 1):
            yard = yards[number % 2]
            assert yard.id is not None
            await create_station(
                session,
                identity=f"DEPOT-{number:02}",
                location_id=yard.id,
                security_profile=0,
                connectors=[ConnectorPlan(1)],
            )
    return tenant.id

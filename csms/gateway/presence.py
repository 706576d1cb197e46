"""Tells the engine who came and who went, and whom two devices fight over."""

from csms.gateway.connection import StationConnection
from csms.gateway.context import Services
from csms.stations.service import connected, disconnected


async def enter(services: Services, connection: StationConnection) -> None:
    """The station is here; durable when this returns."""
    station, now = connection.station, services.clock.now()
    await services.committer.run(lambda work: connected(work, station.ref, station.version.value, now))


async def leave(services: Services, connection: StationConnection, reason: str) -> None:
    """The station's current connection is gone."""
    ref, now = connection.station.ref, services.clock.now()
    services.transactions.forget(ref.id)
    await services.committer.run(lambda work: disconnected(work, ref, reason, now))

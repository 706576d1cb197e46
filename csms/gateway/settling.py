"""What a new connection needs beside its reader: bounds on its messages, and a reminder for stations that forget."""

import asyncio

from websockets.asyncio.server import ServerConnection

from csms.bus.events import BootMissed
from csms.cause import new_cause
from csms.config import Settings
from csms.gateway.connection import StationConnection
from csms.gateway.context import Services, Station
from csms.gateway.registry import Registry
from csms.work import Work
from models.scope import tenant_scope

BOOT_EXPECTED_WITHIN_S = 10.0


def bound_messages(websocket: ServerConnection, station: Station, settings: Settings) -> None:
    """TR_84: little from a station that is not accepted yet, more once it is."""

    def bound() -> None:
        small, large = settings.ocpp_max_message_bytes_before_boot, settings.ocpp_max_message_bytes
        websocket.protocol.max_message_size = large if station.is_accepted else min(small, large)

    station.on_registered = bound
    bound()


def remind_of_boot(services: Services, registry: Registry, connection: StationConnection) -> asyncio.TimerHandle | None:
    """Quirk 18: a make that boots only after a power cut is asked to, when it has not by itself after a while."""
    station = connection.station
    if station.quirks.boots_on_reconnect:
        return None

    def announce(work: Work) -> None:
        ref = station.ref
        work.announce(
            BootMissed(tenant_id=ref.tenant_id, station_id=ref.id, at=services.clock.now(), cause_id=new_cause())
        )

    def remind() -> None:
        if not station.has_booted and registry.locate(station.ref.id) is connection:
            with tenant_scope(station.ref.tenant_id):
                services.background.spawn(services.committer.run(announce))

    return asyncio.get_running_loop().call_later(BOOT_EXPECTED_WITHIN_S, remind)

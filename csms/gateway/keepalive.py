"""Pings for all connections from one place: who was silent is asked, who does not answer is gone (TR_80, TR_83).

Any frame counts as a sign of life, so that a station which never answers pings but talks is left in peace.
"""

import asyncio

from csms.gateway.connection import StationConnection
from csms.gateway.context import Services
from csms.gateway.registry import Registry

_LOOKS_PER_INTERVAL = 10


async def keep_alive(registry: Registry, services: Services) -> None:
    """Look at all connections now and then, for ever."""
    settings = services.settings
    while True:
        await asyncio.sleep(settings.ocpp_ping_interval_s / _LOOKS_PER_INTERVAL)
        now = services.clock.monotonic()
        for connection in registry:
            check(connection, services, now)


def check(connection: StationConnection, services: Services, now: float) -> None:
    """Ping a connection that was silent for an interval; close it when that went unanswered for too long."""
    settings = services.settings
    if now - connection.heard < settings.ocpp_ping_interval_s:
        return
    if connection.pinged is None:
        services.background.spawn(connection.ping())
    elif connection.heard > connection.pinged:
        connection.pinged = now  # it talked after the ping but never answered it: the silence counts anew
    elif now - connection.pinged >= settings.ocpp_ping_timeout_s:
        connection.drop("no answer to pings")

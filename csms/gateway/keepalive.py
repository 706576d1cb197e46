"""Pings for all connections from one place: who was silent is asked, who does not answer is gone (TR_80, TR_83).

Any frame counts as a sign of life, so that a station which never answers pings but talks is left in peace.
"""

import asyncio

from csms.gateway.connection import StationConnection
from csms.gateway.context import Services
from csms.gateway.registry import Registry
from csms.stations.remarks import Kind, Remark

_LOOKS_PER_INTERVAL = 10
_SILENT_HEARTBEATS = 3
"""Of a make that never answers pings (quirk 11): so many heartbeats are missing when it is gone."""
_NO_PONG = Remark(
    Kind.NO_PONG,
    "ping",
    "It does not answer WebSocket pings, though it talks otherwise. It stays connected as long as it talks; a lost "
    "connection is noticed later than with others.",
)


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
    settings, quirks = services.settings, connection.station.quirks
    silent_s = now - connection.heard
    if silent_s < (quirks.ping_interval_s or settings.ocpp_ping_interval_s):
        return
    if connection.pinged is None:
        services.background.spawn(connection.ping())
    elif connection.heard > connection.pinged:
        connection.pinged = now  # it talked after the ping but never answered it: the silence counts anew
        services.remarks.note(connection.station.ref, _NO_PONG)
    elif not quirks.answers_pings:
        if silent_s >= _SILENT_HEARTBEATS * max(settings.heartbeat_interval_s, settings.ocpp_ping_interval_s):
            connection.drop("nothing was heard of it for too long")
    elif now - connection.pinged >= settings.ocpp_ping_timeout_s:
        connection.drop("no answer to pings")

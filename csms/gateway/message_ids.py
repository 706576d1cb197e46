"""Ids of the messages we begin: unique over all connections of a station (OCPP-J 4.1.4), as long as it can take."""

from collections.abc import Callable
from uuid import uuid4

from csms.gateway.context import Station

_FULL = 36


def ids_for(station: Station) -> Callable[[], str] | None:
    """Makes ids for a make that takes short ones only; None: the usual UUIDs will do."""
    longest = station.quirks.max_message_id
    if longest >= _FULL:
        return None
    return lambda: uuid4().hex[:longest]

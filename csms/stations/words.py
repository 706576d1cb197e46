"""One word for a whole station, as map and table show it: worked out in Python and, alike, by the database."""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, case, exists, or_, select
from sqlmodel import col

from models import ChargingStation, Connector, Transaction

OFFLINE, FAULTED, CHARGING, OCCUPIED = "Offline", "Faulted", "Charging", "Occupied"
AVAILABLE, UNAVAILABLE = "Available", "Unavailable"
_OCCUPIED = frozenset(
    {"Preparing", "Finishing", "SuspendedEV", "SuspendedEVSE", "Reserved", "Occupied", "EVConnected", "Idle"}
)
_OPEN = frozenset({"Available", "Unknown"})
"""Unknown until the station said something: nothing speaks against it."""


def status_word(online: bool, station_status: str, connectors: Iterable[str], charging_states: Iterable[str]) -> str:
    """The word that matters most: Offline, for then nothing else is known to be true; Faulted, Charging, Occupied.

    Otherwise Available when any connector is and the station as a whole does not say Unavailable. 2.x connectors are
    only Occupied while charging, so the open transactions' `charging_states` count as well.
    """
    if not online:
        return OFFLINE
    said = set(connectors)
    if station_status == FAULTED or FAULTED in said:
        return FAULTED
    states = set(charging_states)
    if CHARGING in said or CHARGING in states:
        return CHARGING
    if states or said & _OCCUPIED:
        return OCCUPIED
    if station_status == UNAVAILABLE or (said and not said & _OPEN):
        return UNAVAILABLE
    return AVAILABLE


def status_expression() -> ColumnElement[str]:
    """The same word for use in a query on ChargingStation."""
    charging = select(col(Transaction.station_id)).where(
        col(Transaction.is_open), col(Transaction.charging_state) == CHARGING
    )
    occupied = select(col(Transaction.station_id)).where(col(Transaction.is_open))
    return case(
        (col(ChargingStation.is_online).is_(False), OFFLINE),
        (or_(col(ChargingStation.status) == FAULTED, _any_connector({FAULTED})), FAULTED),
        (or_(_any_connector({CHARGING}), col(ChargingStation.id).in_(charging)), CHARGING),
        (or_(_any_connector(_OCCUPIED), col(ChargingStation.id).in_(occupied)), OCCUPIED),
        (or_(col(ChargingStation.status) == UNAVAILABLE, _closed()), UNAVAILABLE),
        else_=AVAILABLE,
    )


def _closed() -> ColumnElement[bool]:
    has_connectors = exists().where(col(Connector.station_id) == col(ChargingStation.id))
    return has_connectors & ~_any_connector(_OPEN)


def _any_connector(statuses: Iterable[str]) -> ColumnElement[bool]:
    return exists().where(
        col(Connector.station_id) == col(ChargingStation.id), col(Connector.status).in_(sorted(statuses))
    )

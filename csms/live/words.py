"""One word for a whole station, as the map shows it."""

from collections.abc import Iterable

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

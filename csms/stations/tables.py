"""The tables behind the models, for Core statements that many units of work share."""

from typing import Any

from sqlalchemy import Table

from models import (
    ChargingStation,
    Connector,
    DesiredAvailability,
    Evse,
    StationEvent,
    StationMonitor,
    StationVariable,
)


def _table(model: type[Any]) -> Table:
    return model.__table__


STATION = _table(ChargingStation)
CONNECTOR = _table(Connector)
EVSE = _table(Evse)
EVENT = _table(StationEvent)
VARIABLE = _table(StationVariable)
MONITOR = _table(StationMonitor)
DESIRED = _table(DesiredAvailability)

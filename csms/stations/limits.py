"""How much a station takes in one message, as it said itself; what it did not say is guessed carefully (DS_64)."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.values import number_in
from models import StationVariable

DEFAULT_ITEMS = 10
"""Items per message of a station that states no limit."""

_COMPONENTS = ("", "DeviceDataCtrlr", "MonitoringCtrlr", "LocalAuthListCtrlr")
_KEY_16 = "getconfigurationmaxkeys"


@dataclass(frozen=True, slots=True)
class MessageLimits:
    """At most `items` entries and, if known, `bytes` of payload in one message."""

    items: int = DEFAULT_ITEMS
    bytes: int | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """A variable as far as limits care."""

    variable: str
    instance: str
    value: str | None


def limits_of(action: str, known: Iterable[Known]) -> MessageLimits:
    """ItemsPerMessage and BytesPerMessage of this action (2.x); GetConfigurationMaxKeys for GetConfiguration (1.6)."""
    items, size = None, None
    for entry in known:
        name, instance = entry.variable.casefold(), entry.instance.casefold()
        if action == "GetConfiguration":
            items = number_in(entry.value) if name == _KEY_16 else items
        elif instance == action.casefold():
            items = number_in(entry.value) if name == "itemspermessage" else items
            size = number_in(entry.value) if name == "bytespermessage" else size
    return MessageLimits(items or DEFAULT_ITEMS, size or None)


async def message_limits(session: AsyncSession, station_id: int, action: str) -> MessageLimits:
    """The limits of one station for one action."""
    query = select(StationVariable.variable, StationVariable.variable_instance, StationVariable.value).where(
        col(StationVariable.station_id) == station_id,
        col(StationVariable.component).in_(_COMPONENTS),
        col(StationVariable.attribute) == "Actual",
    )
    return limits_of(action, [Known(*row) for row in (await session.execute(query)).all()])

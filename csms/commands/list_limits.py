"""What a station said it can take of a local authorization list (X16_17, DS_61, LocalAuthListCtrlr)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.authorization.list_plan import ListLimits
from csms.commands.commands import GetVariables, VariableName
from models import StationVariable

_COMPONENT = "LocalAuthListCtrlr"
_LENGTH_16, _PER_MESSAGE_16 = "LocalAuthListMaxLength", "SendLocalListMaxLength"
_LENGTH, _PER_MESSAGE, _BYTES = "Entries", "ItemsPerMessage", "BytesPerMessage"


def question_for(ocpp_version: str) -> GetVariables:
    """What to ask a station whose limits nobody knows."""
    if ocpp_version == "1.6":
        return GetVariables((VariableName(_PER_MESSAGE_16), VariableName(_LENGTH_16)))
    return GetVariables(tuple(VariableName(name, _COMPONENT) for name in (_PER_MESSAGE, _BYTES)))


async def known_limits(session: AsyncSession, station_id: int) -> ListLimits | None:
    """The limits as last reported; None when the station never spoke of them."""
    rows = await session.scalars(
        select(StationVariable).where(
            col(StationVariable.station_id) == station_id,
            col(StationVariable.component).in_(("", _COMPONENT)),
            col(StationVariable.variable).in_((_LENGTH_16, _PER_MESSAGE_16, _LENGTH, _PER_MESSAGE, _BYTES)),
            col(StationVariable.attribute) == "Actual",
        )
    )
    said = {(row.component, row.variable): row for row in rows}
    if not said:
        return None
    values = {key: _whole(row.value) for key, row in said.items()}
    entries = said.get((_COMPONENT, _LENGTH))
    most = None if entries is None else _whole(entries.characteristics.get("maxLimit"))
    return ListLimits(
        length=values.get(("", _LENGTH_16)) or most,
        per_message=values.get(("", _PER_MESSAGE_16)) or values.get((_COMPONENT, _PER_MESSAGE)),
        bytes_per_message=values.get((_COMPONENT, _BYTES)),
    )


def _whole(value: object) -> int | None:
    """A limit, which is more than nothing; None for what is no number."""
    try:
        number = int(float(str(value)))
    except (ValueError, OverflowError):
        return None
    return number if number > 0 else None

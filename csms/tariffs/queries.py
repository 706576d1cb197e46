"""Reads of tariffs in stations for pages and API, within the tenant in scope."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.tariffs.station_tariffs import tariffs_in_use
from models import StationTariff, StationVariable

__all__ = ["driver_tariffs_enabled", "station_tariffs", "tariffs_in_use"]


async def station_tariffs(session: AsyncSession, station_id: int, limit: int = 50) -> list[StationTariff]:
    """The tariffs that a station was ever sent or reported, refused ones as well, newest first."""
    query = (
        select(StationTariff)
        .where(col(StationTariff.station_id) == station_id)
        .order_by(col(StationTariff.since).desc(), col(StationTariff.id).desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def driver_tariffs_enabled(session: AsyncSession, station_id: int) -> str | None:
    """The station's TariffCostCtrlr.Enabled for tariffs, as it wrote it; None where it never said."""
    return await session.scalar(
        select(col(StationVariable.value)).where(
            col(StationVariable.station_id) == station_id,
            col(StationVariable.component) == "TariffCostCtrlr",
            col(StationVariable.component_instance) == "",
            col(StationVariable.evse_number) == 0,
            col(StationVariable.connector_number) == 0,
            col(StationVariable.variable) == "Enabled",
            col(StationVariable.variable_instance) == "Tariff",
            col(StationVariable.attribute) == "Actual",
        )
    )

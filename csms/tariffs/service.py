"""Tariffs: made, given new versions, and found for a connector at a moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, cast

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import InvalidInputError, NotFoundError
from csms.tariffs.pricing import Prices
from models import Connector, Location, Tariff, TariffVersion


class PlacedStation(Protocol):
    """A station and where it stands, as csms.stations.ref.StationRef tells it."""

    @property
    def id(self) -> int: ...

    @property
    def location_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TariffChoice:
    """The tariff that holds at a connector, frozen at one version."""

    tariff_version_id: int
    prices: Prices
    currency: str
    name: str


async def tariff_for(
    session: AsyncSession, station: PlacedStation, evse_number: int, connector_number: int, at: datetime
) -> TariffChoice | None:
    """The tariff version valid at `at`: the connector's, else the location's, else the tenant's default. None: free."""
    own = select(col(Connector.tariff_id)).where(
        col(Connector.station_id) == station.id,
        col(Connector.evse_number) == evse_number,
        col(Connector.number) == connector_number,
    )
    of_location = select(col(Location.tariff_id)).where(col(Location.id) == station.location_id)
    default = select(func.min(col(Tariff.id))).where(col(Tariff.is_default))
    chosen = func.coalesce(own.scalar_subquery(), of_location.scalar_subquery(), default.scalar_subquery())
    query = (
        select(col(TariffVersion.id), col(TariffVersion.prices), col(Tariff.currency), col(Tariff.name))
        .join(Tariff, col(Tariff.id) == col(TariffVersion.tariff_id))
        .where(col(Tariff.id) == chosen, col(TariffVersion.valid_from) <= at)
        .order_by(col(TariffVersion.valid_from).desc(), col(TariffVersion.number).desc())
        .limit(1)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    version_id, prices, currency, name = found
    return TariffChoice(cast(int, version_id), Prices.from_json(prices), currency, name)


async def create_tariff(
    session: AsyncSession,
    name: str,
    currency: str,
    prices: Mapping[str, Any],
    *,
    valid_from: datetime,
    is_default: bool = False,
) -> Tariff:
    """Add a tariff with its first version. Raises InvalidInputError for prices or a currency that cannot be."""
    if len(currency) != 3 or not currency.isascii() or not currency.isupper():
        raise InvalidInputError(f"A currency is three capital letters such as EUR; got {currency!r}.")
    tariff = Tariff(name=name, currency=currency, is_default=is_default)
    session.add(tariff)
    await session.flush()
    await add_version(session, cast(int, tariff.id), prices, valid_from=valid_from)
    return tariff


async def add_version(
    session: AsyncSession, tariff_id: int, prices: Mapping[str, Any], *, valid_from: datetime
) -> TariffVersion:
    """Change a tariff's prices from `valid_from` on; transactions already begun keep theirs.

    Raises NotFoundError for an unknown tariff, InvalidInputError for prices that cannot be.
    """
    if await session.scalar(select(col(Tariff.id)).where(col(Tariff.id) == tariff_id)) is None:
        raise NotFoundError("There is no such tariff.")
    newest = await session.scalar(
        select(func.max(col(TariffVersion.number))).where(col(TariffVersion.tariff_id) == tariff_id)
    )
    document = Prices.from_json(prices).to_json()
    version = TariffVersion(tariff_id=tariff_id, number=(newest or 0) + 1, valid_from=valid_from, prices=document)
    session.add(version)
    await session.flush()
    return version

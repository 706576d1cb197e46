"""Prices, as they stand: tariffs with the versions they ever had."""

from typing import Annotated, Any

from fastapi import Depends
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Listed, Moment, RowId, Shape
from csms.errors import NotFoundError
from models import Tariff, TariffVersion

router = new_router("tariffs", "/tariffs")
_ORDER = Ordering(col(Tariff.id), {"id": Key(col(Tariff.id), int), "name": Key(col(Tariff.name))}, "id")


class TariffVersionShape(Shape):
    """Prices from a moment on; a session keeps the version it began with."""

    number: int
    valid_from: Moment
    prices: dict[str, Any] = Field(examples=[{"energy_per_kwh": "0.39"}])
    """Amounts as decimal text (docs/pricing.md)."""


class TariffShape(Shape):
    """A named price list."""

    id: int
    name: str
    currency: str
    is_default: bool
    """Holds where neither location nor connector names another."""
    versions: list[TariffVersionShape]
    """Newest first."""


@router.get("", response_model=Listed[TariffShape])
async def list_tariffs(call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]) -> Listed[TariffShape]:
    """Tariffs with their versions."""
    call.require(Permission.TARIFFS_VIEW)
    async with call.reading() as session:
        rows, following = await _ORDER.rows(session, select(Tariff), page)
        return Listed(data=[await _shape(session, row[0]) for row in rows], next=following)


@router.get("/{tariff_id}", response_model=TariffShape)
async def get_tariff(call: SignedIn, tariff_id: RowId) -> TariffShape:
    """One tariff."""
    call.require(Permission.TARIFFS_VIEW)
    async with call.reading() as session:
        tariff = await session.get(Tariff, tariff_id)
        if tariff is None:
            raise NotFoundError(f"There is no tariff {tariff_id}.")
        return await _shape(session, tariff)


async def _shape(session: AsyncSession, tariff: Tariff) -> TariffShape:
    query = select(TariffVersion).where(col(TariffVersion.tariff_id) == tariff.id)
    versions = (await session.execute(query.order_by(col(TariffVersion.number).desc()))).scalars()
    told = [TariffVersionShape.model_validate(version) for version in versions]
    return TariffShape.model_validate(tariff.model_dump() | {"versions": told})

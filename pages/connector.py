"""Where the QR code at a connector leads: what stands here, what it does, what it costs. Works without a script."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.responses import Response

from components.formats import Formats
from components.status import status_of
from csms.stations.fitting import STANDARDS
from csms.stations.label_sheet import place_words
from csms.stations.labels import LabelRow, labelled
from csms.stations.ref import StationRef
from csms.tariffs.pricing import Prices
from csms.tariffs.service import tariff_for
from models.scope import tenant_scope
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
_LONGEST_CODE = 48


@dataclass(frozen=True, slots=True)
class Plug:
    """A connector as drivers read it."""

    place: str
    kind: str
    status: str
    hue: str
    prices: tuple[str, ...]


@router.get("/c/{code}")
async def connector(visit: Annotated[Visit, Depends(current_visit)], code: str) -> Response:
    """The address is on stickers: it never changes, whatever this page becomes."""
    tenant, services = visit.tenant, visit.services
    rows: list[LabelRow] = []
    plugs: list[Plug] = []
    if tenant is not None and len(code) <= _LONGEST_CODE:
        with tenant_scope(tenant.id):
            async with services.database.reading() as session:
                rows = await labelled(session, code)
                plugs = [await _plug(visit, session, row) for row in rows]
    if tenant is None or not rows:
        text = "No charger has this code here. Look whether it was typed as it stands on the sticker."
        values = {"heading": "Charger not found", "text": text, "href": "", "label": ""}
        return plain_page("message", "Charger not found", visit.brand, status=404, **values)
    first = rows[0]
    return plain_page(
        "connector",
        first.station,
        visit.brand,
        station=first.station,
        location=first.location,
        evse_id=first.evse_id,
        plugs=plugs,
        phone=first.support_phone or str(getattr(tenant, "support_phone", "")),
    )


async def _plug(visit: Visit, session: AsyncSession, row: LabelRow) -> Plug:
    services, tenant = visit.services, visit.tenant
    assert tenant is not None  # noqa: S101 - asked before
    ref = StationRef(row.station_id, tenant.id, row.location_id, row.identity)
    choice = await tariff_for(session, ref, row.evse_number, row.connector_number, services.clock.now())
    formats = Formats(visit.brand.language, choice.currency if choice else tenant.currency, row.time_zone)
    status = row.status if row.is_online else "Offline"
    look = status_of(status)
    power = f", up to {formats.power(row.max_power_w)}" if row.max_power_w else ""
    kind = f"{STANDARDS.get(row.standard, 'Connector')}{power}"
    words = "Not reachable at the moment" if not row.is_online else look.word
    return Plug(place_words(row), kind, words, look.hue, _price_words(choice.prices if choice else None, formats))


def _price_words(prices: Prices | None, formats: Formats) -> tuple[str, ...]:
    """What it costs, part by part; free where no tariff holds or none of its parts costs anything."""
    if prices is None:
        return ("Free of charge",)
    parts: list[str] = []
    if prices.energy_per_kwh:
        parts.append(f"{formats.money(prices.energy_per_kwh)} per kWh")
    if prices.per_minute:
        after = f", after {prices.per_minute_after_min} minutes" if prices.per_minute_after_min else ""
        parts.append(f"{formats.money(prices.per_minute)} per minute{after}")
    if prices.flat_fee:
        parts.append(f"{formats.money(prices.flat_fee)} per session")
    return tuple(parts) or ("Free of charge",)

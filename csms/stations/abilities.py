"""Keeps a station's capabilities: read once per firmware version, worked out from what is stored of its variables."""

from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.stations.capabilities import Reading, capabilities_of
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingStation, StationVariable

_TELLING = (
    "available",
    "enabled",
    "availabilitystate",
    "rateunit",
    "itemspermessage",
    "bytespermessage",
    "valuesize",
    "configurationvaluesize",
    "reportingvaluesize",
    "entries",
    "periodsperschedule",
    "profilestacklevel",
    "certificateentries",
    "maxcertificatechainsize",
    "maxexternalconstraintsid",
    "txstartpoint",
    "txstoppoint",
    "stoptxoninvalidid",
    "maxenergyoninvalidid",
    "messageattempts",
    "networkconfigurationpriority",
    "activenetworkprofile",
)
"""Variables of 2.x that say what a station can do, in lower case: of a hundred thousand, these are looked at."""


def is_read(station: ChargingStation) -> bool:
    """Whether the capabilities of this firmware, in this version of OCPP, are known."""
    known = station.capabilities
    return bool(known.get("read_at")) and (known.get("firmware_version"), known.get("ocpp_version")) == (
        station.firmware_version,
        station.ocpp_version,
    )


async def keep_capabilities(work: Work, ref: StationRef, read_by: str, at: datetime) -> dict[str, Any]:
    """Work out what the station can do and keep it; `read_by` says how it was read."""
    session = work.session()
    station = await session.get_one(ChargingStation, ref.id)
    readings, components = await _readings(session, station)
    station.capabilities = capabilities_of(station.ocpp_version or "", readings, components) | {
        "firmware_version": station.firmware_version,
        "ocpp_version": station.ocpp_version,
        "read_at": at.isoformat(),
        "read_by": read_by,
    }
    return station.capabilities


async def note_attempt(work: Work, ref: StationRef, attempt: str) -> None:
    """Remember, before it is tried, what may bring the station down (quirk 24); the next success overwrites it."""
    station = await work.session().get_one(ChargingStation, ref.id)
    station.capabilities = station.capabilities | {"attempted": attempt, "attempted_by": station.firmware_version}


def was_attempted(station: ChargingStation, attempt: str) -> bool:
    """Whether this firmware was asked in this way before, and nothing came of it."""
    known = station.capabilities
    return (known.get("attempted"), known.get("attempted_by")) == (attempt, station.firmware_version)


async def _readings(session: AsyncSession, station: ChargingStation) -> tuple[list[Reading], list[str]]:
    of_station = col(StationVariable.station_id) == station.id
    row = StationVariable
    columns = (row.component, row.variable, row.value, row.variable_instance, row.evse_number, row.connector_number)
    query = select(*map(col, columns)).where(of_station, col(row.attribute) == "Actual")
    if station.ocpp_version != "1.6":
        query = query.where(func.lower(col(StationVariable.variable)).in_(_TELLING))
    readings = [Reading(*found) for found in (await session.execute(query.order_by(col(StationVariable.id)))).all()]
    components = await session.execute(select(col(row.component)).where(of_station).distinct())
    return readings, [name for name in components.scalars() if name]

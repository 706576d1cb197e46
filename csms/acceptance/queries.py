"""Reads of acceptance checks, within the tenant in scope."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.errors import NotFoundError
from models import AcceptanceCheck, AcceptanceStep, ChargingStation


@dataclass(frozen=True, slots=True)
class CheckReport:
    """One check with its steps in order, and the identity of its station."""

    check: AcceptanceCheck
    steps: list[AcceptanceStep]
    identity: str


async def latest_checks(session: AsyncSession, station_id: int, limit: int = 20) -> list[AcceptanceCheck]:
    """The checks of a station, the latest first."""
    query = (
        select(AcceptanceCheck)
        .where(col(AcceptanceCheck.station_id) == station_id)
        .order_by(col(AcceptanceCheck.id).desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())


async def check_report(session: AsyncSession, check_id: int) -> CheckReport:
    """One check. Raises NotFoundError."""
    query = (
        select(AcceptanceCheck, col(ChargingStation.identity))
        .join(ChargingStation, col(ChargingStation.id) == col(AcceptanceCheck.station_id))
        .where(col(AcceptanceCheck.id) == check_id)
    )
    found = (await session.execute(query)).one_or_none()
    if found is None:
        raise NotFoundError("This check")
    steps = (
        select(AcceptanceStep).where(col(AcceptanceStep.check_id) == check_id).order_by(col(AcceptanceStep.position))
    )
    check, identity = found
    return CheckReport(check, list((await session.execute(steps)).scalars()), identity)

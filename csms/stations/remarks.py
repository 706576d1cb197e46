"""Remarks: the ways in which a station departs from OCPP and was understood all the same (TR_50), folded by kind."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.stations.ref import StationRef
from csms.stations.tables import STATION
from csms.work import Work
from models import StationRemark

MAX_EXAMPLE = 200
_SET_SKEW = (
    update(STATION)
    .where(STATION.c.id == bindparam("of_station"), STATION.c.tenant_id == bindparam("of_tenant"))
    .values(clock_skew_s=bindparam("new_skew"))
)


class Kind(StrEnum):
    """What was odd."""

    TOO_LONG = "too_long"
    UNKNOWN_FIELD = "unknown_field"
    WRONG_TYPE = "wrong_type"
    UNKNOWN_VALUE = "unknown_value"
    MISSING_FIELD = "missing_field"
    OUT_OF_RANGE = "out_of_range"
    METER_VALUES = "meter_values"
    OTHER_VERSION = "other_version"
    UNREADABLE_TIME = "unreadable_time"
    CLOCK = "clock"
    IDENTITY_IN_URL = "identity_in_url"
    SUBPROTOCOL = "subprotocol"
    HEADER = "header"
    NO_PONG = "no_pong"
    MORE = "more"


@dataclass(frozen=True, slots=True)
class Remark:
    """One oddity. `subject` is where, such as `BootNotification.chargePointModel`; `example` what was sent."""

    kind: Kind
    subject: str
    text: str
    example: str = ""


@dataclass(frozen=True, slots=True)
class Remarked:
    """The same remark, `count` times between two moments."""

    remark: Remark
    first_at: datetime
    last_at: datetime
    count: int = 1


def record_remarks(work: Work, ref: StationRef, remarks: list[Remarked]) -> None:
    """Add to the row of each remark on the station, or begin it."""
    statement = _upsert(work.dialect)
    for remarked in remarks:
        work.append(statement, _row(ref, remarked))


async def remarks_on(session: AsyncSession, station_id: int) -> list[StationRemark]:
    """What was remarked on a station of the tenant in scope, the latest first."""
    query = select(StationRemark).where(col(StationRemark.station_id) == station_id)
    return list((await session.execute(query.order_by(col(StationRemark.last_at).desc()))).scalars())


async def forget_remarks(work: Work, ref: StationRef) -> None:
    """Begin anew, after a firmware update for instance."""
    await work.session().execute(delete(StationRemark).where(col(StationRemark.station_id) == ref.id))


def note_clock_skew(work: Work, ref: StationRef, skew_s: int) -> None:
    """Keep how many seconds the station's clock is ahead of ours (TR_95)."""
    work.append(_SET_SKEW, {"of_station": ref.id, "of_tenant": ref.tenant_id, "new_skew": skew_s})


@lru_cache
def _upsert(dialect: str) -> Executable:
    table: Any = getattr(StationRemark, "__table__")  # noqa: B009 - SQLModel's types do not know it
    insert = postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)
    return insert.on_conflict_do_update(
        index_elements=["station_id", "kind", "subject"],
        set_={name: insert.excluded[name] for name in ("text", "example", "last_at")}
        | {"count": table.c["count"] + insert.excluded["count"]},
    )


def _row(ref: StationRef, remarked: Remarked) -> dict[str, Any]:
    remark = remarked.remark
    return {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "kind": str(remark.kind),
        "subject": remark.subject[:120],
        "text": remark.text,
        "example": remark.example[:MAX_EXAMPLE],
        "count": remarked.count,
        "first_at": remarked.first_at,
        "last_at": remarked.last_at,
    }

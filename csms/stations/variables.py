"""Keeps what stations say of their variables (device model, B06 to B08) and 1.6 configuration keys."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, bindparam, update
from sqlalchemy.dialects import postgresql, sqlite

from csms.bus.events import VariablesReported
from csms.cause import current_cause
from csms.stations.ref import StationRef
from csms.stations.reports import VariableReport
from csms.stations.secrets import is_secret
from csms.stations.tables import VARIABLE
from csms.work import Work

_KEY = (
    "station_id",
    "component",
    "component_instance",
    "evse_number",
    "connector_number",
    "variable",
    "variable_instance",
    "attribute",
)


_VALUE = ("value", "reported_at")
_WHOLE = (*_VALUE, "mutability", "characteristics", "is_persistent", "is_constant")
_PENDING = ("pending_value", "pending_at")


async def store_variables(
    work: Work, ref: StationRef, reports: Sequence[VariableReport], at: datetime, *, written: bool = False
) -> None:
    """Insert or update what was reported; one statement however many there are. Secret values are not kept (DS_62).

    `written`: these values were just accepted by the station, so nothing waits for a reboot any more.
    """
    dialect = work.dialect
    for report in reports:
        changed = _VALUE + _PENDING if written else _VALUE if report.mutability is None else _WHOLE
        work.append(_upsert(dialect, changed), _row(ref, report, at))
    _tell(work, ref, len(reports), at)


async def store_pending(work: Work, ref: StationRef, reports: Sequence[VariableReport], at: datetime) -> None:
    """Keep values that the station took but puts in force at its next boot only (RebootRequired: TC_021, B05)."""
    for report in reports:
        row = _row(ref, report, at)
        row |= {"value": None, "pending_value": row["value"], "pending_at": at}
        work.append(_upsert(work.dialect, _PENDING), row)
    _tell(work, ref, len(reports), at)


def promote_pending(work: Work, ref: StationRef) -> None:
    """The station has booted: what waited for it is in force."""
    work.append(_PROMOTE, {"of_station": ref.id, "of_tenant": ref.tenant_id})


_PROMOTE = (
    update(VARIABLE)
    .where(
        VARIABLE.c.station_id == bindparam("of_station"),
        VARIABLE.c.tenant_id == bindparam("of_tenant"),
        VARIABLE.c.pending_value.is_not(None),
    )
    .values(value=VARIABLE.c.pending_value, pending_value=None, pending_at=None)
)


def _tell(work: Work, ref: StationRef, count: int, at: datetime) -> None:
    if count:
        work.announce(
            VariablesReported(tenant_id=ref.tenant_id, station_id=ref.id, at=at, cause_id=current_cause(), count=count)
        )


@lru_cache
def _upsert(dialect: str, changed: tuple[str, ...]) -> Executable:
    """Insert a row, or change these columns of the one there is: what a report does not speak of stays."""
    insert = postgresql.insert(VARIABLE) if dialect == "postgresql" else sqlite.insert(VARIABLE)
    return insert.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: insert.excluded[name] for name in changed}
    )


def _row(ref: StationRef, report: VariableReport, at: datetime) -> dict[str, Any]:
    hidden = report.mutability == "WriteOnly" or is_secret(report.variable)
    return {
        "tenant_id": ref.tenant_id,
        "station_id": ref.id,
        "component": report.component,
        "component_instance": report.component_instance,
        "evse_number": report.evse_number,
        "connector_number": report.connector_number,
        "variable": report.variable,
        "variable_instance": report.variable_instance,
        "attribute": report.attribute,
        "value": None if hidden else report.value,
        "mutability": report.mutability or "ReadWrite",
        "is_persistent": report.is_persistent,
        "is_constant": report.is_constant,
        "characteristics": report.characteristics or {},
        "reported_at": at,
        "pending_value": None,
        "pending_at": None,
    }

"""Keeps what stations say of their variables (device model, B06 to B08) and 1.6 configuration keys."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable
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


async def store_variables(work: Work, ref: StationRef, reports: Sequence[VariableReport], at: datetime) -> None:
    """Insert or update what was reported; one statement however many there are. Secret values are not kept (DS_62)."""
    dialect = work.dialect
    for report in reports:
        whole = report.mutability is not None
        work.append(_upsert(dialect, whole), _row(ref, report, at))
    if reports:
        work.announce(
            VariablesReported(
                tenant_id=ref.tenant_id, station_id=ref.id, at=at, cause_id=current_cause(), count=len(reports)
            )
        )


@lru_cache
def _upsert(dialect: str, whole: bool) -> Executable:
    """`whole`: the report speaks of mutability and characteristics too; else what is known of them stays."""
    insert = postgresql.insert(VARIABLE) if dialect == "postgresql" else sqlite.insert(VARIABLE)
    changed = ("value", "reported_at", "mutability", "characteristics") if whole else ("value", "reported_at")
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
        "characteristics": report.characteristics or {},
        "reported_at": at,
    }

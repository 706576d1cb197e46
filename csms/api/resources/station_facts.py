"""What is known of a station beyond how it stands: its settings, its history, how it departs from OCPP."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import or_, select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Identity, Listed, Moment, Shape
from csms.stations.managing import find_station
from csms.stations.secrets import is_secret
from models import Severity, StationEvent, StationRemark, StationVariable

router = new_router("stations", "/stations/{identity}")
_VARIABLES = Ordering(
    col(StationVariable.id),
    {
        "component": Key(col(StationVariable.component)),
        "variable": Key(col(StationVariable.variable)),
        "reportedAt": Key(col(StationVariable.reported_at), datetime),
        "id": Key(col(StationVariable.id), int),
    },
    "component",
)
_EVENTS = Ordering(
    col(StationEvent.id), {"at": Key(col(StationEvent.at), datetime), "id": Key(col(StationEvent.id), int)}, "-at"
)
_REMARKS = Ordering(
    col(StationRemark.id),
    {"lastAt": Key(col(StationRemark.last_at), datetime), "id": Key(col(StationRemark.id), int)},
    "-lastAt",
)


class VariableShape(Shape):
    """One attribute of a variable (2.x), or a configuration key (1.6, without component)."""

    component: str = Field(examples=["OCPPCommCtrlr"])
    component_instance: str
    evse_number: int
    """0: not tied to an EVSE."""
    connector_number: int
    variable: str = Field(examples=["HeartbeatInterval"])
    variable_instance: str
    attribute: str = Field(examples=["Actual"])
    value: str | None = Field(examples=["300"])
    """As the station told it last; null for passwords and keys, and where it tells none."""
    mutability: str = Field(examples=["ReadWrite"])
    is_persistent: bool
    is_constant: bool
    characteristics: dict[str, Any] = Field(examples=[{"dataType": "integer", "unit": "s"}])
    reported_at: Moment
    pending_value: str | None
    """Taken by the station, and in force from its next boot on."""
    pending_at: Moment | None


class StationEventShape(Shape):
    """Something that befell the station."""

    id: int
    at: Moment
    kind: str = Field(examples=["connector.faulted"])
    severity: Severity
    text: str
    evse_number: int
    """0: the station as a whole."""
    connector_number: int
    resolved_at: Moment | None
    """When it was over; null while it lasts."""
    details: dict[str, Any]


class RemarkShape(Shape):
    """One way in which the station departs from OCPP and is understood all the same."""

    id: int
    kind: str = Field(examples=["too_long"])
    subject: str = Field(examples=["BootNotification.chargePointModel"])
    text: str
    """What is odd, what it means and what was done about it."""
    example: str
    """What was sent last, without secrets."""
    count: int
    first_at: Moment
    last_at: Moment


@router.get("/variables", response_model=Listed[VariableShape])
async def list_station_variables(
    call: SignedIn,
    identity: Identity,
    page: Annotated[PageAsk, Depends(_VARIABLES.asked)],
    text: Annotated[str, Query(max_length=100, description="In component or variable.")] = "",
) -> Listed[VariableShape]:
    """Its variables or configuration keys as it reported them last. `POST …/variables/read` asks the station anew."""
    call.require(Permission.STATIONS_CONFIGURE)
    async with call.reading() as session:
        station = await find_station(session, identity)
        query = select(StationVariable).where(col(StationVariable.station_id) == station.id)
        if text.strip():
            columns = (col(StationVariable.component), col(StationVariable.variable))
            query = query.where(or_(*(column.icontains(text.strip(), autoescape=True) for column in columns)))
        return await _VARIABLES.page(session, query, page, lambda row: _variable(row[0]))


@router.get("/events", response_model=Listed[StationEventShape])
async def list_station_events(
    call: SignedIn,
    identity: Identity,
    page: Annotated[PageAsk, Depends(_EVENTS.asked)],
    severity: Annotated[list[Severity] | None, Query(max_length=3, description="One of these.")] = None,
    lasting: Annotated[bool | None, Query(description="Still so, or over.")] = None,
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
) -> Listed[StationEventShape]:
    """Its history: faults, lost connections, alerts; newest first."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        station = await find_station(session, identity)
        query = select(StationEvent).where(col(StationEvent.station_id) == station.id)
        if severity:
            query = query.where(col(StationEvent.severity).in_(severity))
        if lasting is not None:
            query = query.where(col(StationEvent.resolved_at).is_(None).is_(lasting))
        if since is not None:
            query = query.where(col(StationEvent.at) >= since)
        if until is not None:
            query = query.where(col(StationEvent.at) < until)
        return await _EVENTS.page(session, query, page, lambda row: StationEventShape.model_validate(row[0]))


@router.get("/remarks", response_model=Listed[RemarkShape])
async def list_station_remarks(
    call: SignedIn, identity: Identity, page: Annotated[PageAsk, Depends(_REMARKS.asked)]
) -> Listed[RemarkShape]:
    """How it departs from OCPP, each way once, the latest first."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        station = await find_station(session, identity)
        query = select(StationRemark).where(col(StationRemark.station_id) == station.id)
        return await _REMARKS.page(session, query, page, lambda row: RemarkShape.model_validate(row[0]))


def _variable(row: StationVariable) -> VariableShape:
    told = row.model_dump()
    if is_secret(row.variable) or row.mutability == "WriteOnly":
        told |= {"value": None, "pending_value": None}
    return VariableShape.model_validate(told)

"""The acceptance check of a station: begun, followed step by step, and kept as a report."""

from typing import Annotated, Any, ClassVar

from fastapi import Depends, Response
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from csms.acceptance.queries import check_report
from csms.acceptance.steps import BY_KEY, Wishes
from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Identity, Listed, Moment, RowId, Shape, Whole
from csms.stations.managing import find_station
from models import AcceptanceCheck, CheckState

router = new_router("acceptance checks")
_ORDER = Ordering(col(AcceptanceCheck.id), {"id": Key(col(AcceptanceCheck.id), int)}, "-id")


class CheckShape(Shape):
    """A check, and how it stands."""

    volatile: ClassVar[frozenset[str]] = frozenset({"state", "endedAt", "steps"})

    id: int
    station: str = Field(examples=["DE-BER-001"])
    state: CheckState
    """running, passed, failed or stopped."""
    asked_by: str
    vendor: str
    model: str
    firmware_version: str
    ocpp_version: str = Field(examples=["1.6"])
    wishes: dict[str, Any] = Field(examples=[{"evse": 1, "session": True, "reset": False}])
    """What was to be tried beyond looking."""
    started_at: Moment
    ended_at: Moment | None


class StepShape(Shape):
    """One step, and what came of it."""

    key: str = Field(examples=["heartbeat"])
    title: str = Field(examples=["Heartbeat"])
    purpose: str
    """What the step is for."""
    state: CheckState
    text: str
    """What was found, or why it failed or was left out, in words."""
    started_at: Moment | None
    ended_at: Moment | None


class ReportShape(CheckShape):
    """A check with its steps in their order."""

    steps: list[StepShape]


class TriedSession(Body):
    """A session to be started and stopped; a car or a test plug has to be connected."""

    evse_number: Whole = Field(ge=1, le=9999, examples=[1])
    id_token: str = Field(min_length=1, max_length=36, pattern=r"^[\x20-\x7e]+$", examples=["04A2B3C4D5E680"])
    id_token_type: str = Field(default="ISO14443", max_length=20, pattern="^[A-Za-z0-9]+$")


class CheckBody(Body):
    """What is tried beyond looking; both are left out while somebody charges."""

    session: TriedSession | None = None
    reset: Flag = False
    """Restart it, and wait until it is back."""

    def wishes(self) -> Wishes:
        session = {} if self.session is None else self.session.model_dump()
        return Wishes(**session, reset=self.reset)


@router.get("/stations/{identity}/acceptance-checks", response_model=Listed[CheckShape])
async def list_acceptance_checks(
    call: SignedIn, identity: Identity, page: Annotated[PageAsk, Depends(_ORDER.asked)]
) -> Listed[CheckShape]:
    """The checks of a station, the latest first."""
    call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        station = await find_station(session, identity)
        query = select(AcceptanceCheck).where(col(AcceptanceCheck.station_id) == station.id)
        named = {"station": station.identity}
        return await _ORDER.page(
            session, query, page, lambda row: CheckShape.model_validate(row[0].model_dump() | named)
        )


@router.post("/stations/{identity}/acceptance-checks", response_model=ReportShape, status_code=202, responses={409: {}})
async def begin_acceptance_check(
    call: SignedIn, identity: Identity, body: CheckBody, response: Response
) -> ReportShape:
    """Begin a check. Follow it at the address in Location; 409 while the station is offline or being checked."""
    check_id = await call.services.acceptance.begin(call.actor, identity, body.wishes())
    response.headers["Location"] = f"/api/v1/acceptance-checks/{check_id}"
    return await _report(call, check_id)


@router.get("/acceptance-checks/{check_id}", response_model=ReportShape)
async def get_acceptance_check(call: SignedIn, check_id: RowId) -> ReportShape:
    """The report of a check, as far as it has come."""
    call.require(Permission.STATIONS_VIEW)
    return await _report(call, check_id)


@router.post("/acceptance-checks/{check_id}/stop", response_model=ReportShape)
async def stop_acceptance_check(call: SignedIn, check_id: RowId) -> ReportShape:
    """Give a running check up. What was asked of the station already is not taken back."""
    await call.services.acceptance.give_up(call.actor, check_id)
    return await _report(call, check_id)


async def _report(call: Call, check_id: int) -> ReportShape:
    async with call.reading() as session:
        report = await check_report(session, check_id)
    steps: list[StepShape] = []
    for step in report.steps:
        kind = BY_KEY[step.key]
        steps.append(StepShape.model_validate(step.model_dump() | {"title": kind.title, "purpose": kind.text}))
    return ReportShape.model_validate(report.check.model_dump() | {"station": report.identity, "steps": steps})

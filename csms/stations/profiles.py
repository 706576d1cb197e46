"""Security profiles: what a station must use, may use next, and never falls back from (A05, TC_083, A_19)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, case, delete, select, update
from sqlmodel import col

from csms.stations.history import record_event
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport
from csms.stations.secrets import masked
from csms.stations.tables import STATION
from csms.work import Work
from models import NetworkProfile, Severity

RAISED = "station.security_profile_raised"
HIGHEST = 3
_THIS = (STATION.c.id == bindparam("of_station")) & (STATION.c.tenant_id == bindparam("of_tenant"))
_EXPECT = (
    update(STATION)
    .where(_THIS, STATION.c.security_profile < bindparam("new_profile"))
    .values(pending_security_profile=bindparam("new_profile"))
)
_RAISE = (
    update(STATION)
    .where(_THIS, STATION.c.security_profile < bindparam("new_profile"))
    .values(
        security_profile=bindparam("new_profile"),
        pending_security_profile=case(
            (STATION.c.pending_security_profile > bindparam("new_profile"), STATION.c.pending_security_profile),
            else_=None,
        ),
    )
)


@dataclass(frozen=True, slots=True)
class NetworkProfileAnswer:
    """A SetNetworkProfile and what the station said to it."""

    slot: int
    security_profile: int
    connection_data: dict[str, Any]
    status: str


def expect_profile(work: Work, ref: StationRef, profile: int) -> None:
    """The station was told to use a higher profile: it may come with it from now on. A lower one changes nothing."""
    if profile <= HIGHEST:
        work.append(_EXPECT, {**_this(ref), "new_profile": profile})


async def raise_profile(work: Work, ref: StationRef, profile: int, at: datetime) -> None:
    """The station has connected with a higher profile: from now on no lower one opens the door (A05.FR.09)."""
    work.append(_RAISE, {**_this(ref), "new_profile": profile})
    text = f"Connected with security profile {profile}; lower ones are refused from now on"
    await record_event(work, ref, EventReport(RAISED, Severity.INFO, text, at))


async def record_network_profile(work: Work, ref: StationRef, answer: NetworkProfileAnswer, at: datetime) -> None:
    """Keep what the station was told of how to connect (B09), its answer with it."""
    session = work.session()
    this = (col(NetworkProfile.station_id) == ref.id, col(NetworkProfile.slot) == answer.slot)
    held = (await session.execute(select(NetworkProfile).where(*this))).scalar_one_or_none()
    if held is not None and held.status == "Accepted" and answer.status != "Accepted":
        return  # what it took before is still what it holds
    await session.execute(delete(NetworkProfile).where(*this).execution_options(synchronize_session=False))
    session.add(
        NetworkProfile(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            slot=answer.slot,
            security_profile=answer.security_profile,
            connection_data=masked(answer.connection_data),
            status=answer.status,
            answered_at=at,
        )
    )
    if answer.status == "Accepted":
        expect_profile(work, ref, answer.security_profile)


def _this(ref: StationRef) -> dict[str, Any]:
    return {"of_station": ref.id, "of_tenant": ref.tenant_id}

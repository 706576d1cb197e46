"""Whether a station is here: connected, disconnected, and the entry in its history while it is away."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, bindparam, exists, func, insert, literal, select, update
from sqlmodel import col

from csms.bus.events import StationConnected, StationDisconnected
from csms.cause import current_cause
from csms.stations.history import announce_event
from csms.stations.ref import StationRef
from csms.stations.reports import EventReport
from csms.stations.tables import EVENT, STATION
from csms.work import Work
from models import ChargingStation, Severity

OFFLINE = "station.offline"


def _enter_absence(at: Any, words: Any, where: ColumnElement[bool]) -> Insert:
    values = {
        "tenant_id": STATION.c.tenant_id,
        "station_id": STATION.c.id,
        "evse_number": literal(0),
        "connector_number": literal(0),
        "at": at,
        "kind": literal(OFFLINE),
        "severity": literal(str(Severity.WARNING)),
        "text": words,
        "details": literal({}, type_=EVENT.c.details.type),
    }
    return insert(EVENT).from_select(list(values), select(*values.values()).where(where), include_defaults=False)


# A storm puts hundreds of these into one commit, where statements of the same kind run together. One statement for
# coming and going keeps their order; the two that follow look at where the station ended up, so that a station which
# went and came within one commit is left without an unresolved entry, whichever runs first.
_MOMENT = STATION.c.connected_at.type
_THIS = (STATION.c.id == bindparam("of_station")) & (STATION.c.tenant_id == bindparam("of_tenant"))
_SET_PRESENCE = (
    update(STATION)
    .where(_THIS)
    .values(
        is_online=bindparam("here"),
        ocpp_version=func.coalesce(bindparam("version", type_=STATION.c.ocpp_version.type), STATION.c.ocpp_version),
        connected_at=func.coalesce(bindparam("came_at", type_=_MOMENT), STATION.c.connected_at),
        disconnected_at=func.coalesce(bindparam("went_at", type_=_MOMENT), STATION.c.disconnected_at),
        last_seen_at=bindparam("seen_at"),
    )
)
_ENTER_OFFLINE = _enter_absence(
    bindparam("went_at", type_=_MOMENT),
    bindparam("words", type_=EVENT.c.text.type),
    _THIS & STATION.c.is_online.is_(False),
)
_RESOLVE_OFFLINE = (
    update(EVENT)
    .where(
        EVENT.c.station_id == bindparam("of_station"),
        EVENT.c.tenant_id == bindparam("of_tenant"),
        EVENT.c.kind == OFFLINE,
        EVENT.c.resolved_at.is_(None),
        exists().where(STATION.c.id == EVENT.c.station_id, STATION.c.is_online),
    )
    .values(resolved_at=bindparam("came_at"))
)
_SEEN = update(STATION).where(_THIS).values(last_seen_at=bindparam("seen_at"))


async def connected(work: Work, ref: StationRef, version: str, at: datetime) -> None:
    """The station's socket was accepted; it speaks OCPP `version`. Ends the entry of its absence."""
    here = {"here": True, "version": version, "came_at": at, "went_at": None, "seen_at": at}
    work.append(_SET_PRESENCE, {**_this(ref), **here})
    work.append(_RESOLVE_OFFLINE, {**_this(ref), "came_at": at})
    work.announce(StationConnected(**_event(ref, at), ocpp_version=version))


async def disconnected(work: Work, ref: StationRef, reason: str, at: datetime) -> None:
    """The station's current socket closed; `reason` in words. Only called when no newer socket took over."""
    entry = EventReport(OFFLINE, Severity.WARNING, f"Connection lost: {reason}" if reason else "Connection lost", at)
    away = {"here": False, "version": None, "came_at": None, "went_at": at, "seen_at": at}
    work.append(_SET_PRESENCE, {**_this(ref), **away})
    work.append(_ENTER_OFFLINE, {**_this(ref), "went_at": at, "words": entry.text})
    work.announce(StationDisconnected(**_event(ref, at), reason=reason))
    announce_event(work, ref, entry)


def seen(work: Work, ref: StationRef, at: datetime) -> None:
    """The station gave a sign of life, such as a Heartbeat (G02). Cheap, and announces nothing."""
    work.append(_SEEN, {**_this(ref), "seen_at": at})


async def mark_all_offline(work: Work, at: datetime) -> None:
    """No station is connected to a process that has just started. Platform scope only."""
    session = work.session()
    words = literal("Connection ended when Voltdeck stopped")
    await session.execute(_enter_absence(literal(at, type_=_MOMENT), words, STATION.c.is_online.is_(True)))
    await session.execute(
        update(ChargingStation)
        .where(col(ChargingStation.is_online))
        .values(is_online=False, disconnected_at=at)
        .execution_options(synchronize_session=False)
    )


def _this(ref: StationRef) -> dict[str, Any]:
    return {"of_station": ref.id, "of_tenant": ref.tenant_id}


def _event(ref: StationRef, at: datetime) -> dict[str, Any]:
    return {"tenant_id": ref.tenant_id, "station_id": ref.id, "at": at, "cause_id": current_cause()}

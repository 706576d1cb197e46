"""Tokens that stations asked about and nobody registered: kept for a while, to be adopted with one click."""

from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from csms.authorization.decision import Decision
from csms.authorization.keys import token_key
from csms.bus.events import TokenSighted
from csms.cause import current_cause
from csms.work import Work
from models import IdToken, TokenSighting

KEPT = 500
"""Of a tenant at most: a station that sends rubbish fills no table."""
_NOBODYS = frozenset({"NoAuthorization", "Central", "DirectPayment"})
"""Kinds that no reader reads: they stand for no token, or were made by a system."""


class SeeingStation(Protocol):
    """A station and whose it is, as csms.stations.ref.StationRef tells it."""

    @property
    def id(self) -> int: ...

    @property
    def tenant_id(self) -> int: ...


async def note_shown(
    work: Work, station: SeeingStation, value: str, type: str, decision: Decision, at: datetime
) -> None:
    """Remember a token that was not accepted: an unknown one as a sighting, a known one with the reason why."""
    if decision.accepted or not value.strip() or type in _NOBODYS:
        return
    if decision.id_token_id is None:
        await _note_sighting(work, station, value, type, at)
    else:
        await work.session().execute(
            update(IdToken)
            .where(col(IdToken.id) == decision.id_token_id)
            .values(refused_at=at, refusal=(decision.reason or decision.status)[:300])
            .execution_options(synchronize_session=False)
        )


async def _note_sighting(work: Work, station: SeeingStation, value: str, type: str, at: datetime) -> None:
    session, key, kind = work.session(), token_key(value)[:255], type[:20]
    insert = sqlite.insert if work.dialect == "sqlite" else postgresql.insert
    values: dict[str, Any] = {
        "tenant_id": station.tenant_id,
        "value": value.strip()[:255],
        "value_key": key,
        "type": kind,
        "station_id": station.id,
        "first_seen_at": at,
        "last_seen_at": at,
        "count": 1,
    }
    again = {"station_id": station.id, "last_seen_at": at, "count": col(TokenSighting.count) + 1}
    statement = (
        insert(TokenSighting)
        .values(values)
        .on_conflict_do_update(index_elements=["tenant_id", "value_key", "type"], set_=again)
        .returning(col(TokenSighting.count), col(TokenSighting.dismissed_at))
    )
    count, dismissed_at = (await session.execute(statement)).one()
    if count == 1:
        await _forget_oldest(work)
    work.announce(
        TokenSighted(
            tenant_id=station.tenant_id,
            station_id=station.id,
            at=at,
            cause_id=current_cause(),
            value=values["value"],
            type=kind,
            is_dismissed=dismissed_at is not None,
        )
    )


async def _forget_oldest(work: Work) -> None:
    """Keep the tenant in scope to KEPT sightings."""
    session = work.session()
    if (await session.scalar(select(func.count(col(TokenSighting.id)))) or 0) > KEPT:
        beyond = select(col(TokenSighting.id)).order_by(col(TokenSighting.last_seen_at).desc()).offset(KEPT)
        ids = (await session.scalars(beyond)).all()
        await session.execute(delete(TokenSighting).where(col(TokenSighting.id).in_(ids)))


async def forget_sightings_of(work: Work, *values: str) -> None:
    """These tokens are known now; whatever kind a station took them for."""
    keys = [token_key(value)[:255] for value in values]
    for start in range(0, len(keys), 500):  # a database takes only so many parameters
        await work.session().execute(
            delete(TokenSighting).where(col(TokenSighting.value_key).in_(keys[start : start + 500]))
        )


async def delete_old_sightings(work: Work, before: datetime) -> None:
    """Age out what was not seen since; platform scope."""
    await work.session().execute(delete(TokenSighting).where(col(TokenSighting.last_seen_at) < before))

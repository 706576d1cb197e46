"""Tariffs in stations (OCPP 2.1, I07 to I11): kept by what stations answer and report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.work import Work
from models import StationTariff, StationTariffKind, StationTariffState

ACCEPTED, NO_TARIFF = "Accepted", "NoTariff"
_MAX_EVSE = 2**63 - 1


class OwnedStation(Protocol):
    """A station and whose it is, as csms.stations.ref.StationRef tells it."""

    @property
    def id(self) -> int: ...

    @property
    def tenant_id(self) -> int: ...


@dataclass(frozen=True, slots=True)
class TariffSent:
    """A tariff as it was sent, and the station's word on it."""

    document: dict[str, Any]
    """TariffType of 2.1."""
    status: str
    evse_number: int = 0
    """0: every EVSE."""
    transaction_ocpp_id: str | None = None
    """The transaction it was for (I11); None: it is a default."""
    valid_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class TariffAssigned:
    """One line of the station's report on its tariffs (GetTariffs)."""

    tariff_id: str
    kind: str
    evse_numbers: tuple[int, ...] = ()
    id_tokens: tuple[str, ...] = ()
    valid_from: datetime | None = None


async def note_sent(work: Work, station: OwnedStation, sent: TariffSent, at: datetime) -> None:
    """Keep a tariff that was sent; an accepted one takes the place of those it stands in for (I07, I11)."""
    is_default = sent.transaction_ocpp_id is None
    row = StationTariff(
        tenant_id=station.tenant_id,
        station_id=station.id,
        evse_number=_evse(sent.evse_number),
        tariff_id=str(sent.document.get("tariffId", ""))[:60],
        kind=StationTariffKind.DEFAULT if is_default else StationTariffKind.TRANSACTION,
        currency=str(sent.document.get("currency", ""))[:3],
        document=sent.document,
        transaction_ocpp_id=None if is_default else str(sent.transaction_ocpp_id)[:36],
        valid_from=sent.valid_from,
        since=at,
        state=StationTariffState.INSTALLED,
        answer_status=sent.status[:24],
    )
    if sent.status == ACCEPTED:
        held = await tariffs_in_use(work.session(), station.id)
        _remove((old for old in held if _replaces(row, old, at)), StationTariffState.REPLACED, at)
    else:
        row.state, row.removed_at = StationTariffState.REJECTED, at
    work.session().add(row)


def _replaces(new: StationTariff, old: StationTariff, at: datetime) -> bool:
    """One for every EVSE replaces those of single ones; one that begins later leaves what holds until then."""
    if old.kind != new.kind or old.transaction_ocpp_id != new.transaction_ocpp_id:
        return False
    if new.evse_number not in (0, old.evse_number):
        return False
    if new.valid_from is None or new.valid_from <= at:
        return True
    return old.valid_from is not None and old.valid_from >= new.valid_from


async def note_cleared(
    work: Work,
    station: OwnedStation,
    tariff_ids: Sequence[str] | None,
    at: datetime,
    evse_number: int | None = None,
) -> None:
    """The station holds these tariffs no more (I10); None: none at all. `evse_number` narrows it down to one EVSE."""
    names = None if tariff_ids is None else frozenset(tariff_ids)
    held = await tariffs_in_use(work.session(), station.id)
    gone = (
        row
        for row in held
        if row.kind != StationTariffKind.TRANSACTION
        and (names is None or row.tariff_id in names)
        and (evse_number is None or row.evse_number == evse_number)
    )
    _remove(gone, StationTariffState.CLEARED, at)


async def note_report(
    work: Work, station: OwnedStation, evse_number: int, assigned: Sequence[TariffAssigned], at: datetime
) -> None:
    """The station said which tariffs it holds at an EVSE, or (0) at all (I09). What it did not name is missing."""
    session = work.session()
    held = [row for row in await tariffs_in_use(session, station.id) if row.kind != StationTariffKind.TRANSACTION]
    seen: set[int | None] = set()
    for line in assigned:
        for number in line.evse_numbers or (_evse(evse_number),):
            row = next((row for row in held if _is_meant(row, line, number)), None)
            if row is None:
                row = _reported(station, line, number, at)
                session.add(row)
            else:
                seen.add(row.id)
            row.reported_at, row.id_tokens = at, list(line.id_tokens) or row.id_tokens
    asked = (row for row in held if evse_number == 0 or row.evse_number in (0, evse_number))
    _remove((row for row in asked if row.id not in seen), StationTariffState.MISSING, at)


def _is_meant(row: StationTariff, line: TariffAssigned, evse_number: int) -> bool:
    return row.tariff_id == line.tariff_id and row.kind == line.kind and row.evse_number in (0, evse_number)


def _reported(station: OwnedStation, line: TariffAssigned, evse_number: int, at: datetime) -> StationTariff:
    return StationTariff(
        tenant_id=station.tenant_id,
        station_id=station.id,
        evse_number=_evse(evse_number),
        tariff_id=line.tariff_id[:60],
        kind=line.kind[:20],
        valid_from=line.valid_from,
        since=at,
        state=StationTariffState.INSTALLED,
    )


def _remove(rows: Iterable[StationTariff], state: StationTariffState, at: datetime) -> None:
    for row in rows:
        row.state, row.removed_at = state, at


def _evse(number: int) -> int:
    return int(number) if 0 <= number <= _MAX_EVSE else 0


async def tariffs_in_use(session: AsyncSession, station_id: int) -> list[StationTariff]:
    """The tariffs that the station holds as far as we know, oldest first."""
    query = (
        select(StationTariff)
        .where(col(StationTariff.station_id) == station_id, col(StationTariff.removed_at).is_(None))
        .order_by(col(StationTariff.id))
    )
    return list((await session.execute(query)).scalars())

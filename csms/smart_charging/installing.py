"""Keeps which profiles a station has: set, rejected, cleared, begun and ended with a transaction (K01 to K05, K10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.smart_charging.profile import EXTERNAL, OURS, TX
from csms.smart_charging.stacking import is_cleared, replaces
from csms.smart_charging.store import fitting, new_row, profiles_in_use, running_at, wire_id
from csms.stations.ref import StationRef
from csms.work import Work
from models import ChargingProfile, ProfileState, Transaction

Json = dict[str, Any]
_SHORTLY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class ProfileSent:
    """A profile that went to a station, in 2.x words, and what became of it."""

    evse_number: int
    profile: Json
    status: str | None
    """The station's word; None: no answer came, so it may have it."""
    at: datetime
    reason: str = ""
    with_start: bool = False
    """It went with a remote start (F01, F02): it waits for its transaction."""
    remote_start_id: int | None = None
    asked_at: datetime | None = None
    """When it was sent, where the answer never came."""


async def profile_sent(work: Work, ref: StationRef, sent: ProfileSent) -> None:
    """Keep what became of a SetChargingProfile or of a remote start's profile (DS_50)."""
    session = work.session()
    in_use = await profiles_in_use(session, ref.id)
    if sent.status is None and await _is_known(session, ref, sent):
        return
    row = new_row(ref.id, sent.evse_number, sent.profile, _state_of(sent), sent.at)
    row.reason, row.remote_start_id = (
        sent.reason,
        None if sent.remote_start_id is None else fitting(sent.remote_start_id),
    )
    if row.purpose == TX and row.transaction_ocpp_id is None:
        await _find_transaction(session, ref, row, sent)
    if row.state == ProfileState.INSTALLED:
        row.confirmed_at = sent.at
    unanswered = [old for old in in_use if old.state == ProfileState.SENT and old.profile == sent.profile]
    if sent.status is not None:
        _remove(unanswered, row.state, sent.at)
    if row.state == ProfileState.REJECTED:
        row.removed_at = sent.at
    elif row.state != ProfileState.SENT:
        _remove([old for old in in_use if replaces(row, old)], ProfileState.REPLACED, sent.at)
    session.add(row)


async def profiles_cleared(work: Work, ref: StationRef, request: Json, status: str | None, at: datetime) -> None:
    """Follow a ClearChargingProfile (2.x words). Unknown is as good: what was meant is not there (TC_K_08)."""
    if status not in ("Accepted", "Unknown"):
        return
    meant = [row for row in await profiles_in_use(work.session(), ref.id) if is_cleared(row, request)]
    _remove([row for row in meant if row.source == OURS or _names(request, row)], ProfileState.CLEARED, at)


async def transaction_began(
    work: Work, ref: StationRef, transaction_id: int, remote_start_id: int | None, at: datetime
) -> None:
    """Give a profile that came with a remote start to the transaction that followed (TC_059, TC_K_37)."""
    session = work.session()
    transaction = await session.get(Transaction, transaction_id)
    if transaction is None or remote_start_id is None:
        return
    waiting = [row for row in await profiles_in_use(session, ref.id) if row.state == ProfileState.AWAITING]
    for row in reversed(waiting):
        if _came_with(row, transaction):
            _begin(row, transaction, at)
            return


async def end_finished(work: Work, ref: StationRef, at: datetime) -> None:
    """Drop the TxProfiles of transactions that are over (K02, DS_50); what belongs to none we know of stays."""
    session = work.session()
    rows = [row for row in await profiles_in_use(session, ref.id) if row.transaction_ocpp_id is not None]
    if not rows:
        return
    over = await session.execute(
        select(col(Transaction.ocpp_id)).where(
            col(Transaction.station_id) == ref.id,
            ~col(Transaction.is_open),
            col(Transaction.ocpp_id).in_({row.transaction_ocpp_id for row in rows}),
        )
    )
    ended = set(over.scalars())
    _remove([row for row in rows if row.transaction_ocpp_id in ended], ProfileState.ENDED, at)


def _state_of(sent: ProfileSent) -> ProfileState:
    if sent.status is None:
        return ProfileState.SENT
    if sent.status != "Accepted":
        return ProfileState.REJECTED
    return ProfileState.AWAITING if sent.with_start else ProfileState.INSTALLED


async def _is_known(session: AsyncSession, ref: StationRef, sent: ProfileSent) -> bool:
    """Whether the answer to this very profile was kept after all."""
    query = select(ChargingProfile).where(
        col(ChargingProfile.station_id) == ref.id,
        col(ChargingProfile.updated_at) >= (sent.asked_at or sent.at),
        col(ChargingProfile.profile_id) == fitting(int(sent.profile.get("id", 0))),
    )
    return any(row.profile == sent.profile for row in (await session.execute(query)).scalars())


async def _find_transaction(session: AsyncSession, ref: StationRef, row: ChargingProfile, sent: ProfileSent) -> None:
    """A TxProfile without a transaction is for the one that runs there (1.6), or for the one its start begot."""
    running = await running_at(session, ref.id)
    if not sent.with_start:
        transaction = running.get(row.evse_number)
        row.transaction_ocpp_id = None if transaction is None else wire_id(transaction)
        return
    for transaction in running.values():
        if transaction.start_received_at >= sent.at - _SHORTLY and _came_with(row, transaction):
            if row.state == ProfileState.AWAITING:
                _begin(row, transaction, sent.at)
            return


def _came_with(row: ChargingProfile, transaction: Transaction) -> bool:
    if row.remote_start_id is not None:
        return row.remote_start_id == transaction.remote_start_id
    return transaction.remote_start_id is not None and row.evse_number in (0, transaction.evse_number)


def _begin(row: ChargingProfile, transaction: Transaction, at: datetime) -> None:
    row.transaction_ocpp_id = wire_id(transaction)
    row.evse_number = transaction.evse_number
    row.state, row.updated_at, row.confirmed_at = ProfileState.INSTALLED, at, at


def _names(request: Json, row: ChargingProfile) -> bool:
    """Whether the request means a profile of others on purpose: everything alone means only ours."""
    criteria: Json = request.get("chargingProfileCriteria") or {}
    return request.get("chargingProfileId") == row.profile_id or criteria.get("chargingProfilePurpose") == EXTERNAL


def _remove(rows: Sequence[ChargingProfile], state: ProfileState | str, at: datetime) -> None:
    for row in rows:
        row.state, row.updated_at, row.removed_at = state, at, at

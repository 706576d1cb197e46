"""Who may charge and give back how (Q01, Q02): rules by token, what a transaction was told, the verdict on needs."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.authorization.keys import token_key
from csms.smart_charging.store import running_at, wire_id
from csms.stations.ref import StationRef
from csms.work import Work
from models import (
    AllowedEnergyTransfer,
    ChargingPolicy,
    EnergyTransferRule,
    IdToken,
    NeedsState,
    StationVariable,
    Transaction,
)

Json = dict[str, Any]
_MAX_ID = 36
_BIDIRECTIONAL = ("BPT",)


def is_bidirectional(transfer: str) -> bool:
    """Whether a way of transferring energy also gives it back: AC_BPT, DC_BPT, AC_BPT_DER, DC_ACDP_BPT."""
    return any(word in _BIDIRECTIONAL for word in transfer.split("_"))


async def set_energy_transfer(work: Work, id_token_id: int | None, allowed: Sequence[str]) -> None:
    """Say which ways a token may use, or, without a token, all of the tenant's that have no rule of their own."""
    session = work.session()
    row = (await session.execute(select(EnergyTransferRule).where(_of_token(id_token_id)))).scalar_one_or_none()
    if row is None:
        session.add(EnergyTransferRule(id_token_id=id_token_id, allowed=list(allowed)))
    else:
        row.allowed = list(allowed)


async def set_charging_policy(work: Work, station_id: int, *, plans_for_evs: bool) -> None:
    """Whether EVs at a station get charging profiles of ours (K18, K19)."""
    session = work.session()
    policy = await _policy(session, station_id)
    if policy is None:
        session.add(ChargingPolicy(station_id=station_id, plans_for_evs=plans_for_evs))
    else:
        policy.plans_for_evs = plans_for_evs


async def allowed_for_token(session: AsyncSession, value: str, kind: str = "") -> list[str] | None:
    """The ways a token may use by its rule or the tenant's; None where there is neither: charging only (Q01)."""
    rules = list((await session.execute(select(EnergyTransferRule))).scalars().all()) if value else []
    if not rules:
        return None
    tokens = select(col(IdToken.id), col(IdToken.type)).where(col(IdToken.value_key) == token_key(value)[:255])
    ids = {row.id for row in (await session.execute(tokens)).all() if _same_kind(row.type, kind)}
    own = [rule for rule in rules if rule.id_token_id is not None and rule.id_token_id in ids]
    general = [rule for rule in rules if rule.id_token_id is None]
    found = own or general
    return list(found[0].allowed) if found else None


async def transfer_told(
    work: Work, ref: StationRef, transaction_ocpp_id: str, allowed: Sequence[str], status: str, at: datetime
) -> None:
    """Keep a NotifyAllowedEnergyTransfer and its answer (Q02)."""
    work.session().add(
        AllowedEnergyTransfer(
            station_id=ref.id,
            transaction_ocpp_id=transaction_ocpp_id[:_MAX_ID],
            allowed=list(allowed),
            status=status[:16],
            at=at,
        )
    )


async def transfers_told(session: AsyncSession, station_id: int, limit: int = 50) -> Sequence[AllowedEnergyTransfer]:
    """What a station was told that its transactions may do, the newest first."""
    query = select(AllowedEnergyTransfer).where(col(AllowedEnergyTransfer.station_id) == station_id)
    return (await session.execute(query.order_by(col(AllowedEnergyTransfer.id).desc()).limit(limit))).scalars().all()


async def allowed_in(session: AsyncSession, transaction: Transaction) -> list[str] | None:
    """The ways a transaction may use: as its station was told last and accepted, else as its token's rule says."""
    query = select(col(AllowedEnergyTransfer.allowed)).where(
        col(AllowedEnergyTransfer.station_id) == transaction.station_id,
        col(AllowedEnergyTransfer.transaction_ocpp_id) == wire_id(transaction),
        col(AllowedEnergyTransfer.status) == "Accepted",
    )
    told = (await session.execute(query.order_by(col(AllowedEnergyTransfer.id).desc()).limit(1))).scalar_one_or_none()
    if told is not None:
        return list(told)
    return await allowed_for_token(session, transaction.id_token, transaction.id_token_type)


async def refusal_of(session: AsyncSession, station_id: int, message: Json) -> NeedsState | None:
    """Why an EV gets no profile for its needs: it may not do what it asks for, or none are given there; else None.

    Before its transaction is known, nobody can say what it may do.
    """
    needs = cast(Json, message.get("chargingNeeds") or {})
    transaction = (await running_at(session, station_id)).get(int(message["evseId"]))
    if transaction is not None:
        allowed = await allowed_in(session, transaction)
        if not _may(str(needs.get("requestedEnergyTransfer", "")), allowed):
            return NeedsState.REJECTED
    policy = await _policy(session, station_id)
    if (policy is not None and not policy.plans_for_evs) or await _takes_no_profiles(session, station_id):
        return NeedsState.NO_PROFILE
    return None


def _may(requested: str, allowed: list[str] | None) -> bool:
    return not is_bidirectional(requested) if allowed is None else requested in allowed


async def _takes_no_profiles(session: AsyncSession, station_id: int) -> bool:
    """Whether the station itself says that it does no smart charging, or not now."""
    query = select(col(StationVariable.value)).where(
        col(StationVariable.station_id) == station_id,
        col(StationVariable.component) == "SmartChargingCtrlr",
        col(StationVariable.variable).in_(("Available", "Enabled")),
        col(StationVariable.attribute) == "Actual",
    )
    return any((value or "").casefold() == "false" for value in (await session.execute(query)).scalars())


async def _policy(session: AsyncSession, station_id: int) -> ChargingPolicy | None:
    query = select(ChargingPolicy).where(col(ChargingPolicy.station_id) == station_id)
    return (await session.execute(query)).scalar_one_or_none()


def _of_token(id_token_id: int | None) -> Any:
    column = col(EnergyTransferRule.id_token_id)
    return column.is_(None) if id_token_id is None else column == id_token_id


def _same_kind(registered: str, presented: str) -> bool:
    return not registered or not presented or registered.casefold() == presented.casefold()

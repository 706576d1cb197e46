"""Gives a transaction that goes on after an interruption its charging profiles again (2.1: B13, E17, E_117)."""

from sqlmodel import col, select

from csms.automation.service import Hands, Reaction
from csms.bus.events import Event, TransactionResumed
from csms.commands.commands import SetChargingProfile
from csms.smart_charging.profile import OURS
from models import ChargingProfile, ProfileState

_MAY_BE_LOST = (ProfileState.INSTALLED, ProfileState.SENT, ProfileState.MISSING)
TX_PROFILE = "TxProfile"


async def restore_profiles(hands: Hands, event: TransactionResumed) -> None:
    """Send the TxProfiles that were ours: a station that still has them replaces each by the same."""
    query = (
        select(ChargingProfile)
        .where(
            col(ChargingProfile.station_id) == event.station_id,
            col(ChargingProfile.transaction_ocpp_id) == event.ocpp_id,
            col(ChargingProfile.removed_at).is_(None),
            col(ChargingProfile.purpose) == TX_PROFILE,
            col(ChargingProfile.source) == OURS,
            col(ChargingProfile.state).in_(_MAY_BE_LOST),
        )
        .order_by(col(ChargingProfile.stack_level), col(ChargingProfile.id))
    )
    async with hands.database.reading() as session:
        rows = list((await session.execute(query)).scalars())
    for row in rows:
        profile = row.profile | {"transactionId": event.ocpp_id}
        command = SetChargingProfile(row.evse_number, profile)
        await hands.commands.request(hands.actor(event.tenant_id), event.station_id, command)


REACTIONS: dict[type[Event], Reaction] = {TransactionResumed: restore_profiles}

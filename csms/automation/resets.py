"""Ends the reset of an EVSE that waited for its transaction: nothing else tells of it (B12, B_26)."""

from sqlmodel import col, select

from csms.automation.service import Hands, Reaction
from csms.bus.events import Event, TransactionEnded
from csms.maintenance.service import note_transaction_end
from csms.stations.ref import StationRef
from models import ChargingStation, JobKind, MaintenanceJob


async def end_reset(hands: Hands, event: TransactionEnded) -> None:
    """One look at what is under way; most transactions end without a reset waiting."""
    waiting = select(MaintenanceJob.id).where(
        col(MaintenanceJob.station_id) == event.station_id,
        col(MaintenanceJob.kind) == JobKind.RESET,
        col(MaintenanceJob.ended_at).is_(None),
        col(MaintenanceJob.evse_number) == event.evse_number,
    )
    async with hands.database.reading() as session:
        if (await session.execute(waiting)).first() is None:
            return
        station = await session.get_one(ChargingStation, event.station_id)
    ref = StationRef(event.station_id, event.tenant_id, station.location_id, station.identity)
    await hands.committer.run(lambda work: note_transaction_end(work, ref, event.evse_number, event.at))


REACTIONS: dict[type[Event], Reaction] = {TransactionEnded: end_reset}

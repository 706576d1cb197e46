"""What a station's answers say of its transactions: how one stands (E14), and that one was begun remotely (F01)."""

from datetime import datetime

from sqlalchemy import update
from sqlmodel import col

from csms.stations.ref import StationRef
from csms.work import Work
from models import Transaction


async def note_told(
    work: Work, ref: StationRef, ocpp_id: str, *, ongoing: bool | None, queued: bool, at: datetime
) -> None:
    """Keep the station's word on a transaction: whether it goes on, and whether messages about it wait (DS_20, DS_24).

    It neither ends nor reopens it: only an Ended does, or a person who is shown this.
    """
    await work.session().execute(
        update(Transaction)
        .where(col(Transaction.station_id) == ref.id, col(Transaction.start_key) == ocpp_id)
        .values(told_ongoing=ongoing, told_queued=queued, told_at=at)
        .execution_options(synchronize_session=False)
    )


async def link_remote_start(work: Work, ref: StationRef, ocpp_id: str, remote_start_id: int) -> None:
    """A transaction that ran already, without a token, has become the one of a remote start (F01)."""
    await work.session().execute(
        update(Transaction)
        .where(
            col(Transaction.station_id) == ref.id,
            col(Transaction.start_key) == ocpp_id,
            col(Transaction.remote_start_id).is_(None),
        )
        .values(remote_start_id=remote_start_id)
        .execution_options(synchronize_session=False)
    )

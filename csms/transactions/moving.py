"""Brings meter values to the EVSE where their transaction turns out to be (E03)."""

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from csms.transactions.rows import merge_meter_values_of
from csms.transactions.samples import samples_of
from models import MeterValue, Transaction


async def move_samples(session: AsyncSession, row: Transaction, evse_number: int) -> None:
    """Move the meter values of a transaction from the EVSE of its row to `evse_number`; the row is the caller's to set.

    What is stored there of the same moment and context is merged with them, as if they had come again.
    """
    here = samples_of(row)
    await session.execute(merge_meter_values_of(session.get_bind().dialect.name, here, evse_number))
    await session.execute(delete(MeterValue).where(here).execution_options(synchronize_session=False))

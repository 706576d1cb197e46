"""Asks stations how a transaction stands of which a message is missing, or that a newer one replaced (DS_20, DS_24)."""

from sqlmodel import col, select

from csms.automation.service import Hands, Reaction
from csms.bus.events import Event, StationConnected, TransactionDoubted
from csms.commands.commands import RawRequest
from models import Transaction

_DOUBTS = {"seq_gap", "superseded"}
AT_MOST = 20
"""Transactions asked about after one reconnect; whoever has more open has lost them long ago."""


async def ask_for_status(hands: Hands, event: TransactionDoubted) -> None:
    """The answer is kept with the transaction (csms.transactions.told)."""
    await _ask(hands, event.tenant_id, event.station_id, event.ocpp_id)


async def ask_after_reconnect(hands: Hands, event: StationConnected) -> None:
    """1.6 has no such question; a station that said that a transaction is over and told is not asked again."""
    if event.ocpp_version == "1.6":
        return
    query = (
        select(Transaction)
        .where(
            col(Transaction.station_id) == event.station_id,
            col(Transaction.is_open),
            col(Transaction.told_ongoing).is_not(False),
        )
        .order_by(col(Transaction.id))
        .limit(AT_MOST)
    )
    async with hands.database.reading() as session:
        found = (await session.execute(query)).scalars().all()
    for row in found:
        if row.ocpp_id and not _DOUBTS.isdisjoint(row.remarks):
            await _ask(hands, event.tenant_id, event.station_id, row.ocpp_id)


async def _ask(hands: Hands, tenant_id: int, station_id: int, ocpp_id: str) -> None:
    request = RawRequest("GetTransactionStatus", {"transactionId": ocpp_id})
    await hands.commands.request(hands.actor(tenant_id), station_id, request)


REACTIONS: dict[type[Event], Reaction] = {
    TransactionDoubted: ask_for_status,
    StationConnected: ask_after_reconnect,
}

"""Ad hoc payment at a terminal or on the web (2.1, C24, C25): accepted because the transaction was ordered here."""

from decimal import Decimal
from typing import Any, cast

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.authorization.keys import same_token
from csms.authorization.service import Decision
from csms.stations.ref import StationRef
from csms.transactions import bounds
from csms.transactions.reports import EventReport
from models import Command, Transaction

DIRECT_PAYMENT = "DirectPayment"
_DECLINED = ("Rejected", "Failed")


async def as_ordered(
    session: AsyncSession, ref: StationRef, decision: Decision, report: EventReport, transaction: Transaction | None
) -> Decision:
    """What is said of a token that nobody registered, but that a remote start of ours named (C_125, C_126)."""
    token = report.token
    if decision.status != "Invalid" or token is None or token.type != DIRECT_PAYMENT:
        return decision
    if transaction is not None and transaction.authorization_status == "Accepted":
        return Decision("Accepted") if same_token(transaction.id_token, token.value) else decision
    told = report.remote_start_id if transaction is None else transaction.remote_start_id or report.remote_start_id
    command = await _order(session, ref, bounds.count(told))
    was_asked = command is not None and same_token(_token_in(command.payload), token.value)
    return Decision("Accepted") if was_asked else decision


async def paid_in_advance(session: AsyncSession, ref: StationRef, row: Transaction) -> Decimal | None:
    """What its order says the transaction may cost; None where it was not ordered so."""
    command = await _order(session, ref, row.remote_start_id)
    return None if command is None else command.max_cost


async def _order(session: AsyncSession, ref: StationRef, remote_start_id: int | None) -> Command | None:
    if remote_start_id is None:
        return None
    query = (
        select(Command)
        .where(col(Command.station_id) == ref.id, col(Command.remote_start_id) == remote_start_id)
        .order_by(col(Command.id).desc())
        .limit(1)
    )
    found = (await session.execute(query)).scalar_one_or_none()
    return None if found is None or found.answer_status in _DECLINED else found


def _token_in(payload: dict[str, Any]) -> str:
    """The token of a remote start, written as sent, or as asked while its answer is on the way."""
    inner: Any = payload.get("payload")
    said = cast(dict[str, Any], inner) if isinstance(inner, dict) else payload
    token: Any = said.get("idToken", said.get("id_token", ""))
    value: Any = cast(dict[str, Any], token).get("idToken", "") if isinstance(token, dict) else token
    return value if isinstance(value, str) else ""

"""A prepaid token pays for its transactions as they end, each exactly once (2.1 C17)."""

from decimal import Decimal

from sqlalchemy.ext.asyncio import AsyncSession

from csms.authorization.prepaid import take_from_credit
from models import Transaction

ZERO = Decimal(0)


async def pay_from_credit(session: AsyncSession, row: Transaction) -> None:
    """Take from the token's credit what an ended transaction costs more, or less, than was taken already.

    In the unit of work that settles the price: an end that is repeated takes nothing, one that is corrected the rest.
    """
    if row.is_open or row.cost is None or not row.id_token or row.authorization_status in ("", "Invalid"):
        return
    due = row.cost - (row.credit_taken or ZERO)
    if due and await take_from_credit(session, row.id_token, row.id_token_type, due, row.currency):
        row.credit_taken = row.cost

"""Payments at a station's payment terminal, as it tells of them (2.1, C18 to C23)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.stations.ref import StationRef
from csms.transactions.limits import find_transaction
from csms.work import Work
from models import Settlement, SettlementStatus, Transaction


@dataclass(frozen=True, slots=True)
class SettlementReport:
    """NotifySettlement. `amount` with tax, in the currency of the transaction."""

    psp_ref: str
    status: str
    amount: Decimal
    settled_at: datetime
    received_at: datetime
    transaction_ocpp_id: str | None = None
    status_info: str = ""
    receipt_id: str = ""
    receipt_url: str = ""
    vat_number: str = ""
    vat_company: dict[str, Any] | None = None


async def note_settlement(work: Work, ref: StationRef, report: SettlementReport) -> Settlement:
    """Keep a payment, once for each reference of the provider; what is told later replaces it (C_113 to C_120).

    The row has the receipt's id: the station's own, or ours where it leaves the receipt of a settled payment to us.
    """
    session = work.session()
    row = await _find(session, ref, report.psp_ref)
    if row is not None and report.settled_at < row.settled_at:
        return row  # an older word that came late
    if row is None:
        row = Settlement(
            tenant_id=ref.tenant_id,
            station_id=ref.id,
            psp_ref=report.psp_ref[:255],
            status=report.status,
            amount=report.amount,
            settled_at=report.settled_at,
            received_at=report.received_at,
        )
        session.add(row)
    _take_over(row, report)
    if report.transaction_ocpp_id is not None:
        transaction = await find_transaction(session, ref, report.transaction_ocpp_id)
        row.transaction_id = row.transaction_id if transaction is None else transaction.id
    await session.flush()
    if not row.receipt_id and not row.receipt_url and row.status == SettlementStatus.SETTLED:
        row.receipt_id = f"VD-{row.id}"
    return row


def _take_over(row: Settlement, report: SettlementReport) -> None:
    row.status, row.status_info, row.amount = report.status[:16], report.status_info, report.amount
    row.settled_at, row.received_at = report.settled_at, report.received_at
    row.transaction_ocpp_id = (report.transaction_ocpp_id or row.transaction_ocpp_id or "")[:36] or None
    row.receipt_id = report.receipt_id[:50] or row.receipt_id
    row.receipt_url = report.receipt_url or row.receipt_url
    row.vat_number = report.vat_number[:20] or row.vat_number
    row.vat_company = report.vat_company or row.vat_company


async def _find(session: AsyncSession, ref: StationRef, psp_ref: str) -> Settlement | None:
    query = select(Settlement).where(col(Settlement.station_id) == ref.id, col(Settlement.psp_ref) == psp_ref[:255])
    return (await session.execute(query)).scalar_one_or_none()


async def link_settlements(session: AsyncSession, ref: StationRef, row: Transaction) -> None:
    """Payments that were told before the transaction was."""
    query = select(Settlement).where(
        col(Settlement.station_id) == ref.id,
        col(Settlement.transaction_ocpp_id) == row.ocpp_id,
        col(Settlement.transaction_id).is_(None),
    )
    for settlement in (await session.execute(query)).scalars():
        settlement.transaction_id = row.id


async def settlements_of(session: AsyncSession, station_id: int, limit: int = 50) -> list[Settlement]:
    """The payments at a station, newest first."""
    query = (
        select(Settlement)
        .where(col(Settlement.station_id) == station_id)
        .order_by(col(Settlement.settled_at).desc(), col(Settlement.id).desc())
        .limit(limit)
    )
    return list((await session.execute(query)).scalars())

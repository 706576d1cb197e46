"""OCPP 2.1: payments at the station's terminal (C18 to C23) and VAT numbers for their receipts (C08)."""

from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import moment_of, without_none
from csms.tariffs.documents import amount_of
from csms.tariffs.pricing import ZERO
from csms.tariffs.vat import checked_vat_number
from csms.transactions.settlements import SettlementReport, note_settlement
from csms.work import Work


def on_vat_number_validation(_ctx: Exchange, payload: Payload, _work: Work) -> Payload:
    """Whether a VAT number can be (C08, C_108): by the rules of its country, for nobody outside is asked."""
    vat_number: str = payload["vatNumber"]
    is_good = checked_vat_number(vat_number) is not None
    info = {"reasonCode": "InvalidVatNumber", "additionalInfo": "The number breaks the rules of its country"}
    return without_none(
        status="Accepted" if is_good else "Rejected",
        vatNumber=vat_number,
        evseId=payload.get("evseId"),
        statusInfo=None if is_good else info,
    )


async def on_notify_settlement(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Keep a payment (C18 to C23). A settled one that the station gave no receipt for gets one of ours."""
    report = SettlementReport(
        psp_ref=payload["pspRef"],
        status=payload["status"],
        amount=amount_of(payload["settlementAmount"]) or ZERO,
        settled_at=moment_of(payload["settlementTime"], ctx.received_at),
        received_at=ctx.received_at,
        transaction_ocpp_id=payload.get("transactionId"),
        status_info=payload.get("statusInfo", ""),
        receipt_id=payload.get("receiptId", ""),
        receipt_url=payload.get("receiptUrl", ""),
        vat_number=payload.get("vatNumber", ""),
        vat_company=payload.get("vatCompany"),
    )
    row = await note_settlement(work, ctx.ref, report)
    is_ours = "receiptId" not in payload and "receiptUrl" not in payload
    return without_none(receiptId=row.receipt_id or None) if is_ours else {}


ROUTES = {
    "NotifySettlement": Route(on_notify_settlement),
    "VatNumberValidation": Route(on_vat_number_validation),
}

"""OCPP 2.x: what a station knows of a customer, told and deleted (N09, N10): personal data (csms.stations.secrets)."""

from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.telling import report_lesson
from csms.maintenance.service import PartReport, receive_part
from csms.work import Work
from models import ReportKind


async def on_notify_customer_information(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Keep one part for whoever asked (N09); it is deleted in time."""
    part = PartReport(
        kind=ReportKind.CUSTOMER_INFORMATION,
        request_id=payload["requestId"],
        number=payload["seqNo"],
        to_be_continued=bool(payload.get("tbc")),
        entries=1 if payload["data"] else 0,
        text=payload["data"],
    )
    await receive_part(work, ctx.ref, part, ctx.received_at)
    return {}


ROUTES = {"NotifyCustomerInformation": Route(on_notify_customer_information)}

LESSONS = {
    "CustomerInformation": report_lesson(
        ReportKind.CUSTOMER_INFORMATION, personal=("idToken", "customerIdentifier", "customerCertificate")
    )
}

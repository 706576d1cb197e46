"""Messages of vendors' own (1.6 DataTransfer, 2.x P01, P02): always answered; the archive keeps them as they came."""

from collections.abc import Mapping
from inspect import isawaitable

from csms.gateway.dispatch import Exchange, Handler, Payload
from csms.stations.vendors import is_accepted_vendor
from csms.work import Work


def data_transfer(vendors: Mapping[str, Handler]) -> Handler:
    """Serves DataTransfer: vendors we know (ids case-folded), those to be accepted, else UnknownVendorId (TC_064)."""

    async def on_data_transfer(ctx: Exchange, payload: Payload, work: Work) -> Payload:
        vendor_id = str(payload["vendorId"])
        known = vendors.get(vendor_id.casefold())
        if known is not None:
            answer = known(ctx, payload, work)
            return await answer if isawaitable(answer) else answer
        if await is_accepted_vendor(work, ctx.ref, vendor_id, str(payload.get("messageId") or "")):
            return {"status": "Accepted"}
        return {"status": "UnknownVendorId"}

    return on_data_transfer

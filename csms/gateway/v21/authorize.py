"""OCPP 2.1: Authorize, judged as in 2.0.1; what 2.1 adds to a yes is asked of each block here."""

from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.v21.dynamic import driver_transfer
from csms.gateway.v21.tariffs import driver_tariff
from csms.gateway.v201 import core, iso15118
from csms.gateway.wire import without_none
from csms.work import Work


async def on_authorize(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Judge a token (C01, C17); who may charge is told what it costs, where the station calculates (I08),
    and how it may transfer energy (Q01)."""
    answer = await core.on_authorize(ctx, payload, work)
    if answer["idTokenInfo"]["status"] != "Accepted":
        return answer
    return without_none(
        **answer,
        tariff=await driver_tariff(ctx, work),
        allowedEnergyTransfer=await driver_transfer(payload, work),
    )


ROUTES = {
    "Authorize": Route(on_authorize, prepare=iso15118.prepare_authorize, otherwise=core.authorize_unseen),
}

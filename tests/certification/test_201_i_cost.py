"""OCPP 2.0.1, block I: running and final cost. Green charges 0.30 EUR per kWh."""

import pytest
from sqlalchemy import update
from sqlmodel import col

from models import Tariff
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions201, value


async def begin(tx: Sessions201, meter_wh: int) -> None:
    meter = [value(10, {"context": "Transaction.Begin", "value": meter_wh})]
    await tx.accepted("Started", "Authorized", minutes=10, meter=meter, chargingState="Charging")


@pytest.mark.case("TC_I_01_CSMS", "DS_26")
async def test_tc_i_01_running_cost(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        authorize = {"idToken": {"idToken": tx.token, "type": "ISO14443"}}
        assert (await station.call("Authorize", authorize))["idTokenInfo"]["status"] == "Accepted"
        await begin(tx, 1000)
        for minutes, meter_wh, cost in ((8, 3000, 0.6), (6, 4500, 1.05)):
            meter = [value(minutes, {"value": meter_wh})]
            answer = await tx.event("Updated", "MeterValuePeriodic", minutes=minutes, meter=meter)
            assert answer == {"totalCost": cost}


@pytest.mark.case("TC_I_02_CSMS", "DS_26")
async def test_tc_i_02_final_cost(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await begin(tx, 1000)
        meter = [value(0, {"context": "Transaction.End", "value": 6000})]
        assert await tx.event("Ended", "RemoteStop", meter=meter) == {"totalCost": 1.5}


@pytest.mark.case("TC_I_02_CSMS")
@pytest.mark.parametrize("has_tariff", [True, False])
async def test_tc_i_02_what_is_free_costs_0(lab: Lab, has_tariff: bool) -> None:
    await set_default_tariff(lab, has_tariff)
    try:
        async with lab.station("2.0.1") as station:
            tx = Sessions201(lab, station, token=await lab.token())
            await begin(tx, 1000)
            meter = [value(0, {"context": "Transaction.End", "value": 1000 if has_tariff else 6000})]
            assert await tx.event("Ended", "RemoteStop", meter=meter) == {"totalCost": 0.0}
    finally:
        await set_default_tariff(lab, True)


async def set_default_tariff(lab: Lab, is_default: bool) -> None:
    with tenant_scope(lab.green.id):
        statement = update(Tariff).where(col(Tariff.id) == lab.green.tariff_id).values(is_default=is_default)
        await lab.platform.committer.run(lambda work: work.session().execute(statement))

"""OCPP 2.0.1, block J: meter values, by the clock and by the session; signed ones byte for byte."""

from typing import Any

import pytest

from csms.transactions.signatures import signed_readings
from models import MeterValue
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions201, ago, moment, value
from tests.certification.station import BenchStation, Json

CLOCK, PERIODIC = "Sample.Clock", "Sample.Periodic"
BLOB = "T0NNRnx7IkZWIjoiMS4wIn18eyJTRCI6IjMwNDQifQ==+/ \\u00e4"


def sample(number: float, context: str = PERIODIC, **more: Any) -> Json:
    return {"value": number, "context": context, "measurand": "Energy.Active.Import.Register"} | more


def signed(number: float, context: str, public_key: str = "") -> Json:
    parts = {"signedMeterData": f"{BLOB}{number}", "signingMethod": "ECDSA-secp256r1-SHA256"}
    return sample(number, context, signedMeterValue=parts | {"encodingMethod": "OCMF", "publicKey": public_key})


async def stored(lab: Lab, station: BenchStation) -> list[tuple[int, str, int | None, bool]]:
    rows = await lab.rows(MeterValue, station_id=station.ref.id)
    return [(row.evse_number, row.context, row.energy_wh, row.transaction_id is not None) for row in rows]


@pytest.mark.case("TC_J_01_CSMS")
async def test_tc_j_01_clock_aligned_while_idle(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        for evse in (0, 1, 2):
            payload = {"evseId": evse, "meterValue": [value(0, sample(100 + evse, CLOCK))]}
            assert await station.call("MeterValues", payload) == {}
        event = {
            "eventId": 1,
            "timestamp": ago(),
            "trigger": "Periodic",
            "actualValue": "100",
            "eventNotificationType": "CustomMonitor",
            "component": {"name": "FiscalMetering"},
            "variable": {"name": "EnergyActiveImportRegister"},
        }
        payload = {"generatedAt": ago(), "seqNo": 0, "eventData": [event]}
        assert await station.call("NotifyEvent", payload) == {}
        assert await stored(lab, station) == [(evse, CLOCK, 100 + evse, False) for evse in (0, 1, 2)]


@pytest.mark.case("TC_J_02_CSMS", "DS_06")
async def test_tc_j_02_clock_aligned_in_a_transaction(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", minutes=9, meter=[value(9, sample(0, "Transaction.Begin"))])
        await tx.event("Updated", "MeterValueClock", minutes=5, meter=[value(5, sample(400, CLOCK))])
        await tx.event("Updated", "MeterValuePeriodic", minutes=5, meter=[value(5, sample(400))])
        assert await stored(lab, station) == [
            (1, "Transaction.Begin", 0, True),
            (1, CLOCK, 400, True),
            (1, PERIODIC, 400, True),
        ]


@pytest.mark.case("TC_J_03_CSMS")
async def test_tc_j_03_clock_aligned_at_the_end(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", minutes=9, meter=[value(9, sample(0, "Transaction.Begin"))])
        values = [value(5, sample(400, CLOCK)), value(2, sample(600, CLOCK)), value(0, sample(900, "Transaction.End"))]
        await tx.event("Ended", "StopAuthorized", meter=values)
        contexts = [row[1] for row in await stored(lab, station)]
        assert contexts == ["Transaction.Begin", CLOCK, CLOCK, "Transaction.End"]
        assert (await tx.row()).energy_wh == 900


@pytest.mark.parametrize(
    "context",
    [
        pytest.param(CLOCK, marks=pytest.mark.case("TC_J_04_CSMS")),
        pytest.param(PERIODIC, marks=pytest.mark.case("TC_J_11_CSMS")),
    ],
)
@pytest.mark.case("DS_08", "DS_11")
async def test_tc_j_04_tc_j_11_signed(lab: Lab, context: str) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        begin = signed(1000, "Transaction.Begin", "KEY==")
        middle, end = signed(2000, context), signed(5000, "Transaction.End")
        await tx.accepted("Started", "Authorized", minutes=9, meter=[value(9, begin)])
        await tx.event("Updated", "MeterValuePeriodic", minutes=5, meter=[value(5, middle)])
        await tx.event("Ended", "StopAuthorized", meter=[value(0, end)])
        rows = await lab.rows(MeterValue, station_id=station.ref.id)
        assert [row.other for row in rows] == [[begin], [middle], [end]]
        assert [row.energy_wh for row in rows] == [1000, 2000, 5000]
        row = await tx.row()
        assert (row.energy_wh, row.energy_source, row.energy_estimated) == (4000, "signed", False)
        with platform_scope():
            async with lab.platform.database.reading() as session:
                readings = await signed_readings(session, row.id or 0)
        assert [(each.context, each.data) for each in readings] == [
            ("Transaction.Begin", f"{BLOB}1000"),
            (context, f"{BLOB}2000"),
            ("Transaction.End", f"{BLOB}5000"),
        ]
        assert {(each.public_key, each.encoding) for each in readings} == {("KEY==", "OCMF")}


@pytest.mark.case("TC_J_07_CSMS")
async def test_tc_j_07_started_with_the_evse(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", meter=[value(0, sample(1234, "Transaction.Begin"))])
        assert (await tx.row()).start_energy_wh == 1234
        assert await stored(lab, station) == [(1, "Transaction.Begin", 1234, True)]


@pytest.mark.case("TC_J_08_CSMS")
async def test_tc_j_08_begin_where_the_evse_becomes_known(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", evse=None, minutes=2)
        begin = [value(1, sample(1234, "Transaction.Begin"))]
        await tx.event("Updated", "CablePluggedIn", evse=2, minutes=1, meter=begin, chargingState="EVConnected")
        await tx.event("Ended", "StopAuthorized", evse=2, meter=[value(0, sample(2234, "Transaction.End"))])
        row = await tx.row()
        assert (row.evse_number, row.start_energy_wh, row.energy_wh) == (2, 1234, 1000)


@pytest.mark.quirk(78)
@pytest.mark.case("TC_J_09_CSMS")
async def test_tc_j_09_updated(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", minutes=9, meter=[value(9, sample(0, "Transaction.Begin"))])
        for minutes in (6, 3):
            meter = [value(minutes, sample(100 * (9 - minutes)), {"value": 7400, "measurand": "Power.Active.Import"})]
            await tx.event("Updated", "MeterValuePeriodic", minutes=minutes, evse=None, meter=meter)
        rows = await lab.rows(MeterValue, station_id=station.ref.id)
        assert [(row.sampled_at, row.transaction_energy_wh, row.power_w) for row in rows[1:]] == [
            (moment(6), 300, 7400.0),
            (moment(3), 600, 7400.0),
        ]


@pytest.mark.case("TC_J_10_CSMS")
async def test_tc_j_10_ended(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", minutes=9, meter=[value(9, sample(500, "Transaction.Begin"))])
        values = [value(5, sample(700)), value(0, sample(1500, "Transaction.End"))]
        await tx.event("Ended", "StopAuthorized", meter=values)
        row = await tx.row()
        assert (row.start_energy_wh, row.end_energy_wh, row.energy_wh) == (500, 1500, 1000)
        assert row.energy_source == "registers"

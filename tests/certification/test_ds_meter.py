"""Data semantics of meter values, at the socket."""

from typing import Any

import pytest

from csms.transactions.signatures import signed_readings
from models import MeterValue, StationEvent
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions16, Sessions201, value
from tests.certification.station import BenchStation, Json

POWER = {"measurand": "Power.Active.Import"}


async def stored(lab: Lab, station: BenchStation) -> list[MeterValue]:
    return await lab.rows(MeterValue, station_id=station.ref.id)


async def told_16(lab: Lab, *samples: Json) -> MeterValue:
    """How samples of one moment are stored."""
    async with lab.station() as station:
        await Sessions16(lab, station).meter(value(1, *samples))
        [row] = await stored(lab, station)
    return row


async def told_201(lab: Lab, *samples: Json) -> MeterValue:
    async with lab.station("2.0.1") as station:
        assert await station.call("MeterValues", {"evseId": 1, "meterValue": [value(1, *samples)]}) == {}
        [row] = await stored(lab, station)
    return row


@pytest.mark.quirk(52, 53, 54, 79)
@pytest.mark.case("DS_01")
@pytest.mark.parametrize(
    ("text", "energy_wh"),
    [("123", 123), ("12,5", 13), ("1e3", 1000), (" 5", 5), ("4.099999904632568", 4), ("", None), ("n/a", None)],
)
async def test_ds_01_defaults_of_a_sample(lab: Lab, text: str, energy_wh: int | None) -> None:
    row = await told_16(lab, {"value": text})
    assert (row.context, row.energy_wh) == ("Sample.Periodic", energy_wh)
    assert row.other == (None if energy_wh is not None else [{"value": text}])


@pytest.mark.case("DS_02")
async def test_ds_02_defaults_of_2_x(lab: Lab) -> None:
    row = await told_201(
        lab,
        {"value": 12.3},
        {"value": 7.4} | POWER | {"unitOfMeasure": {"unit": "W", "multiplier": 3}},
    )
    assert (row.context, row.energy_wh, row.power_w) == ("Sample.Periodic", 12, 7400.0)


@pytest.mark.quirk(53)
@pytest.mark.case("DS_03")
async def test_ds_03_units(lab: Lab) -> None:
    row = await told_16(
        lab,
        {"value": "12.345", "unit": "kWh"},
        {"value": "7.4", "unit": "kW"} | POWER,
        {"value": "16", "measurand": "Current.Import"},
        {"value": "230", "measurand": "Voltage"},
        {"value": "77", "measurand": "Temperature", "unit": "Fahrenheit"},
        {"value": "50", "measurand": "Frequency"},
        {"value": "55", "measurand": "SoC", "unit": "Percent"},
        {"value": "3", "measurand": "Energy.Reactive.Import.Register", "unit": "kvarh"},
    )
    assert (row.energy_wh, row.power_w, row.current_a, row.voltage_v) == (12345, 7400.0, 16.0, 230.0)
    assert (row.temperature_c, row.frequency_hz, row.soc_percent) == (pytest.approx(25), 50.0, 55.0)
    assert row.other == [{"value": "3", "measurand": "Energy.Reactive.Import.Register", "unit": "kvarh"}]
    for spelling in ("Celsius", "Celcius"):
        assert (await told_16(lab, {"value": "25", "measurand": "Temperature", "unit": spelling})).temperature_c == 25


async def ended(said: Sessions16, token: str, start: int, samples: list[Json], stop: int) -> Any:
    """A session of an hour with a sample every ten minutes; returns its row."""
    transaction_id = await said.started(token, meter=start, minutes=60)
    for number, sample in enumerate(samples, 1):
        both = sample.get("sampledValue", [sample])
        await said.meter(value(60 - 10 * number, *both), transactionId=transaction_id)
    await said.stop(transaction_id, meter=stop)
    return await said.row(transaction_id)


@pytest.mark.case("DS_04")
@pytest.mark.parametrize(
    ("registers", "watts", "start", "doubtful"),
    [
        ([1850, 3700, 5550], "11000", 0, False),
        ([1, 3, 5], "11000", 0, True),  # kWh that are called Wh
        ([0, 1000, 5000], "11000", 0, False),  # a register that counts whole kWh
        ([90_000, 91_850, 180_000], "540", 0, True),  # Wh that are called kWh
        ([1850, 3700, 5550], "11", 0, True),  # kW that are called W
    ],
)
async def test_ds_04_a_unit_that_cannot_be(
    lab: Lab, registers: list[int], watts: str, start: int, doubtful: bool
) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        samples = [{"sampledValue": [{"value": str(wh)}, {"value": watts} | POWER]} for wh in registers]
        row = await ended(said, token, start, samples, registers[-1])
        assert ("unit_doubtful" in row.remarks) == doubtful
        assert row.energy_wh == registers[-1] - start  # never scaled
        values = [each.energy_wh for each in await stored(lab, station)]
        assert values == registers


@pytest.mark.case("DS_04")
async def test_ds_04_the_meter_changes_its_unit_between_sessions(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        first = await said.started(token, meter=12_000_000, minutes=90)
        await said.stop(first, meter=12_345_000, minutes=61)
        row = await said.row(await said.started(token, meter=12_345, minutes=60))
        assert "unit_doubtful" in row.remarks
        assert row.start_energy_wh == 12_345


@pytest.mark.quirk(55)
@pytest.mark.case("DS_05")
async def test_ds_05_phases(lab: Lab) -> None:
    def phase(name: str, measurand: str, number: str) -> Json:
        return {"value": number, "phase": name, "measurand": measurand}

    power = [phase(name, "Power.Active.Import", "1000") for name in ("L1", "L2", "L3")]
    row = await told_16(lab, *power, phase("L1-N", "Voltage", "230"), phase("L1-L2", "Voltage", "400"))
    assert (row.power_w, row.voltage_l1_v, row.voltage_v) == (3000.0, 230.0, None)
    row = await told_16(lab, *power, {"value": "3100"} | POWER, phase("N", "Current.Import", "1"))
    assert (row.power_w, row.current_a) == (3100.0, None)
    row = await told_16(lab, {"value": "9", "measurand": "Energy.Active.Export.Register"}, {"value": "4"})
    assert (row.energy_wh, row.energy_export_wh) == (4, 9)


@pytest.mark.case("DS_06")
async def test_ds_06_questions_never_bill(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=60)
        for minutes, context in enumerate(("Trigger", "Other", "Interruption.Begin", "Sample.Clock"), 1):
            sample = {"value": str(1000 * minutes), "context": context}
            await said.meter(value(50 - minutes, sample), transactionId=transaction_id)
        rows = {row.context: row for row in await stored(lab, station)}
        assert len(rows) == 4
        await said.stop(transaction_id, meter=4000)
        assert (await said.row(transaction_id)).energy_wh == 4000


@pytest.mark.quirk(52)
@pytest.mark.case("DS_07")
async def test_ds_07_signed_data_of_1_6(lab: Lab) -> None:
    begin = {"format": "SignedData", "context": "Transaction.Begin", "value": '4F434D467C7B"RV":999999} \u00e4=='}
    end = {"format": "SignedData", "context": "Transaction.End", "value": "OCMF|{}|{}"}
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        keys = {"configurationKey": [{"key": "MeterPublicKey1", "readonly": True, "value": "3059301306"}]}
        await lab.operate(station, "GetConfiguration", {"key": ["MeterPublicKey1"]}, keys)
        transaction_id = await said.started(token, meter=1000, minutes=60)
        await said.stop(transaction_id, meter=2000, transactionData=[value(60, begin), value(0, end)])
        assert [(row.energy_wh, row.other) for row in await stored(lab, station)] == [(None, [begin]), (None, [end])]
        assert (await said.row(transaction_id)).energy_wh == 1000
        with platform_scope():
            async with lab.platform.database.reading() as session:
                readings = await signed_readings(session, transaction_id)
        assert [(each.context, each.data) for each in readings] == [
            ("Transaction.Begin", begin["value"]),
            ("Transaction.End", end["value"]),
        ]
        assert {each.public_key for each in readings} == {"3059301306"}


@pytest.mark.quirk(57)
@pytest.mark.case("DS_09", "DS_11")
async def test_ds_09_intervals_are_added(lab: Lab) -> None:
    interval = {"measurand": "Energy.Active.Import.Interval"}
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", minutes=30)
        for minutes, wh in ((20, 500), (10, 300)):
            meter = [value(minutes, {"value": wh} | interval)]
            await tx.event("Updated", "MeterValuePeriodic", minutes=minutes, meter=meter)
        await tx.event("Ended", "StopAuthorized")
        row = await tx.row()
        assert (row.energy_wh, row.energy_source) == (800, "intervals")


@pytest.mark.quirk(49, 50, 56)
@pytest.mark.parametrize(
    ("start", "samples", "stop", "energy_wh", "remarks"),
    [
        (500_000, [500_100, 500_400], 500_900, 900, set()),
        (0, [100, 400], 900, 900, set()),  # counts each session (quirk 49)
        (500_000, [100, 400], 500_900, 900, {"samples_from_zero"}),  # quirk 50
        (1000, [4000, 200], 700, 3500, {"meter_went_back"}),  # replaced in the middle
        (900, [], 100, 0, {"meter_went_back"}),
    ],
)
@pytest.mark.case("DS_10", "DS_11")
async def test_ds_10_registers(
    lab: Lab, start: int, samples: list[int], stop: int, energy_wh: int, remarks: set[str]
) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        row = await ended(said, token, start, [{"value": str(wh)} for wh in samples], stop)
        assert (row.energy_wh, set(row.remarks) - {"offline"}) == (energy_wh, remarks)
        assert row.energy_estimated == ("meter_went_back" in remarks)


@pytest.mark.case("DS_11")
async def test_ds_11_registers_and_samples_disagree(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        row = await ended(said, token, 0, [{"value": "4000"}, {"value": "9000"}], 8000)
        assert (row.energy_wh, row.energy_source) == (8000, "registers")
        assert "energy_mismatch" in row.remarks


@pytest.mark.quirk(56)
@pytest.mark.case("DS_11")
async def test_ds_11_power_over_time_is_the_last_resort(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        tx = Sessions201(lab, station, token=await lab.token())
        await tx.accepted("Started", "Authorized", minutes=60)
        for minutes in (60, 30, 0):
            await tx.event("Updated", "MeterValuePeriodic", meter=[value(minutes, {"value": 10_000} | POWER)])
        await tx.event("Ended", "StopAuthorized")
        row = await tx.row()
        assert (row.energy_wh, row.energy_source, row.energy_estimated) == (10_000, "power", True)


@pytest.mark.quirk(51)
@pytest.mark.case("DS_12")
@pytest.mark.parametrize(("start", "missing"), [(5000, None), (5020, None), (4990, None), (0, None), (8200, "3.2 kWh")])
async def test_ds_12_continuity(lab: Lab, start: int, missing: str | None) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        first = await said.started(token, meter=1000, minutes=90)
        await said.stop(first, meter=5000, minutes=61)
        row = await said.row(await said.started(token, meter=start, minutes=60))
        other = await said.row(await said.started(token, meter=70_000, minutes=60, connector=2))
        assert ("meter_gap" in row.remarks) == (missing is not None)
        assert "meter_gap" not in other.remarks
        events = await lab.rows(StationEvent, station_id=station.ref.id, kind="meter.gap")
        assert [missing in event.text for event in events if missing] == ([True] if missing else [])


@pytest.mark.case("DS_13", "DS_14")
async def test_ds_13_duplicates_and_disorder(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, meter=0, minutes=60)
        samples = {minutes: {"value": str(100 * (60 - minutes))} for minutes in (50, 30, 40)}
        for minutes, sample in samples.items():
            await said.meter(value(minutes, sample), transactionId=transaction_id)
            await said.meter(value(minutes, sample, {"value": "7000"} | POWER), transactionId=transaction_id)
        rows = sorted(await stored(lab, station), key=lambda row: row.sampled_at)
        # Durable by the answer: what is read here comes from the database.
        assert [(row.energy_wh, row.power_w, row.transaction_energy_wh) for row in rows] == [
            (1000, 7000.0, 1000),
            (2000, 7000.0, 2000),
            (3000, 7000.0, 3000),
        ]
        await said.stop(transaction_id, meter=6000)
        assert (await said.row(transaction_id)).energy_wh == 6000

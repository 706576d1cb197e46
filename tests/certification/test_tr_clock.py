"""Clocks that are wrong (TR_94 to TR_96)."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.ocpp.timestamps import parse_timestamp
from csms.stations.remarks import Kind
from models import ChargingStation, StationRemark, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

VERSIONS = pytest.mark.parametrize("version", ["1.6", "2.0.1"])


async def status(station: BenchStation, timestamp: str) -> None:
    """A StatusNotification that says it is this late."""
    payload = {"connectorId": 1, "errorCode": "NoError", "status": "Available", "timestamp": timestamp}
    if station.version.value != "1.6":
        payload = {"connectorId": 1, "evseId": 1, "connectorStatus": "Available", "timestamp": timestamp}
    assert await station.call("StatusNotification", payload) == {}


async def remarked(lab: Lab, station: BenchStation, kind: Kind) -> StationRemark:
    found: list[StationRemark] = []

    async def is_there() -> bool:
        found[:] = await lab.rows(StationRemark, station_id=station.ref.id, kind=kind)
        return bool(found)

    await lab.until(is_there)
    return found[0]


@pytest.mark.case("TR_94")
@pytest.mark.quirk(23)
@VERSIONS
async def test_tr_94_the_time_we_tell(lab: Lab, version: str) -> None:
    async with lab.station(version, boot=False) as station:
        for answer in (await station.boot(), await station.call("Heartbeat")):
            text = answer["currentTime"]
            assert text.endswith("Z")
            assert len(text) == len("2026-01-01T00:00:00.000Z")
            told = parse_timestamp(text)
            assert told is not None
            assert abs(told - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.case("TR_95")
@pytest.mark.quirk(60, 61)
@VERSIONS
@pytest.mark.parametrize("off", [timedelta(hours=2), timedelta(days=-20_000)])
async def test_tr_95_a_clock_ahead_or_never_set_is_flagged_at_once(lab: Lab, version: str, off: timedelta) -> None:
    async with lab.station(version) as station:
        await status(station, (datetime.now(UTC) + off).isoformat())
        assert ("ahead" if off > timedelta(0) else "behind") in (await remarked(lab, station, Kind.CLOCK)).text
        skew = (await lab.row(ChargingStation, id=station.ref.id)).clock_skew_s
        assert skew is not None
        assert abs(skew - off.total_seconds()) < 60
        await status(station, datetime.now(UTC).isoformat())  # kept in order by when it came
        await status(station, (datetime.now(UTC) + timedelta(seconds=1)).isoformat())


@pytest.mark.case("TR_95")
@VERSIONS
async def test_tr_95_late_messages_are_no_slow_clock_but_five_in_a_row_are(lab: Lab, version: str) -> None:
    async with lab.station(version) as station:
        ago = timedelta(hours=-1)
        for _ in range(4):
            await status(station, (datetime.now(UTC) + ago).isoformat())
        assert (await lab.row(ChargingStation, id=station.ref.id)).clock_skew_s is None
        await status(station, (datetime.now(UTC) + ago).isoformat())
        assert "behind" in (await remarked(lab, station, Kind.CLOCK)).text


@pytest.mark.case("TR_95")
async def test_tr_95_a_few_minutes_are_tolerated(lab: Lab) -> None:
    async with lab.station() as station:
        for _ in range(6):
            await status(station, (datetime.now(UTC) - timedelta(minutes=4)).isoformat())
        assert (await lab.row(ChargingStation, id=station.ref.id)).clock_skew_s is None


@pytest.mark.case("TR_95")
async def test_tr_95_both_times_of_a_transaction_are_kept(lab: Lab) -> None:
    async with lab.station() as station:
        start = {"connectorId": 1, "idTag": "NOBODY", "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
        answer = await station.call("StartTransaction", start)
        row = await lab.row(Transaction, id=answer["transactionId"])
        assert row.started_at == datetime(2026, 1, 1, tzinfo=UTC)
        assert abs(row.start_received_at - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.case("TR_96")
@pytest.mark.quirk(59, 75)
@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-01T10:00:00", datetime(2026, 1, 1, 10, tzinfo=UTC)),
        ("2026-01-01T10:00:00+01:00", datetime(2026, 1, 1, 9, tzinfo=UTC)),
        ("2026-01-01T10:00:00+02", datetime(2026, 1, 1, 8, tzinfo=UTC)),
        ("2026-01-01T10:00:00.123456789Z", datetime(2026, 1, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-01-01T10:00:00z", datetime(2026, 1, 1, 10, tzinfo=UTC)),
    ],
)
async def test_tr_96_forms_of_a_time(lab: Lab, text: str, moment: datetime) -> None:
    async with lab.station() as station:
        start = {"connectorId": 1, "idTag": "NOBODY", "meterStart": 0, "timestamp": text}
        answer = await station.call("StartTransaction", start)
        assert (await lab.row(Transaction, id=answer["transactionId"])).started_at == moment


@pytest.mark.case("TR_96")
async def test_tr_96_garbage_is_the_time_it_came_and_flagged(lab: Lab) -> None:
    async with lab.station() as station:
        await status(station, "yesterday")
        remark = await remarked(lab, station, Kind.UNREADABLE_TIME)
        assert remark.example == "yesterday"
        start = {"connectorId": 1, "idTag": "NOBODY", "meterStart": 0, "timestamp": "noon"}
        answer = await station.call("StartTransaction", start)
        row = await lab.row(Transaction, id=answer["transactionId"])
        assert abs(row.started_at - datetime.now(UTC)) < timedelta(seconds=5)

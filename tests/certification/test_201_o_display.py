"""OCPP 2.0.1, O: messages on displays."""

import pytest

from models import DisplayMessage, StationReport
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.transacting import begin_201


def message(message_id: int = 1, **more: object) -> Json:
    content = {"format": "UTF8", "content": "Wear gloves", "language": "en"}
    return {"id": message_id, "priority": "NormalCycle", "message": content} | more


async def set_message(lab: Lab, station: BenchStation, shown: Json, status: str = "Accepted") -> None:
    asked, result = await lab.operate(station, "SetDisplayMessage", {"message": shown}, {"status": status})
    assert asked.payload == {"message": shown}  # optional fields only when asked
    assert (result.answer_status, result.succeeded) == (status, status == "Accepted")


SET: list[tuple[str, Json, str]] = [
    ("O_01", {}, "Accepted"),
    ("O_13", {"startDateTime": "2026-01-01T10:00:00Z"}, "Accepted"),
    ("O_14", {"endDateTime": "2026-01-01T10:00:00Z"}, "Accepted"),
    ("O_17", {"priority": "InFront"}, "NotSupportedPriority"),
    ("O_18", {"state": "Charging"}, "NotSupportedState"),
    ("O_19", {"message": {"format": "HTML", "content": "<b>!</b>"}}, "NotSupportedMessageFormat"),
    ("O_25", {"state": "Charging"}, "Accepted"),
    ("O_26", {}, "Rejected"),
]


@pytest.mark.parametrize(
    ("number", "changes", "status"), [pytest.param(*row, marks=pytest.mark.case(f"TC_{row[0]}_CSMS")) for row in SET]
)
async def test_o_set_display_message(lab: Lab, number: str, changes: Json, status: str) -> None:
    async with lab.station("2.0.1") as station:
        shown = message(**changes)
        await set_message(lab, station, shown, status)
        rows = await lab.rows(DisplayMessage, station_id=station.ref.id)
        if status != "Accepted":
            return None if rows == [] else pytest.fail(f"{number}: a refused message is not on the display")
        [row] = rows
        assert (row.message_id, row.priority, row.content, row.language) == (1, "NormalCycle", "Wear gloves", "en")
        assert row.details == shown
        assert (row.starts_at is not None, row.ends_at is not None) == (number == "O_13", number == "O_14")
        assert row.state == changes.get("state", "")


@pytest.mark.case("TC_O_12_CSMS")
async def test_o_12_replace(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await set_message(lab, station, message(state="Idle"))
        await set_message(lab, station, message(message={"format": "ASCII", "content": "New"}))
        row = await lab.row(DisplayMessage, station_id=station.ref.id)
        assert (row.content, row.format, row.state) == ("New", "ASCII", "")


TRANSACTION: list[tuple[str, Json, str]] = [
    ("O_06", {}, "Accepted"),
    ("O_10", {"transactionId": "somebody-elses"}, "UnknownTransaction"),
    ("O_27", {"startDateTime": "2026-01-01T10:00:00Z"}, "Accepted"),
    ("O_28", {"endDateTime": "2026-01-01T10:00:00Z"}, "Accepted"),
]


@pytest.mark.parametrize(
    ("number", "changes", "status"),
    [pytest.param(*row, marks=pytest.mark.case(f"TC_{row[0]}_CSMS")) for row in TRANSACTION],
)
async def test_o_message_for_a_transaction(lab: Lab, number: str, changes: Json, status: str) -> None:
    async with lab.station("2.0.1") as station:
        ocpp_id = await begin_201(lab, station)
        await set_message(lab, station, message(**{"transactionId": ocpp_id} | changes), status)
        rows = await lab.rows(DisplayMessage, station_id=station.ref.id)
        assert [row.transaction_id for row in rows] == (["tx-1"] if status == "Accepted" else [])


GET: list[tuple[str, Json, str]] = [
    ("O_02", {}, "Accepted"),
    ("O_03", {}, "Unknown"),
    ("O_07", {"id": [2]}, "Accepted"),
    ("O_08", {"priority": "NormalCycle"}, "Accepted"),
    ("O_09", {"state": "Idle"}, "Accepted"),
    ("O_11", {"id": [99]}, "Unknown"),
]


@pytest.mark.parametrize(
    ("number", "filters", "status"), [pytest.param(*row, marks=pytest.mark.case(f"TC_{row[0]}_CSMS")) for row in GET]
)
async def test_o_get_display_messages(lab: Lab, number: str, filters: Json, status: str) -> None:
    async with lab.station("2.0.1") as station:
        await set_message(lab, station, message(9))
        request = {"requestId": 3} | filters
        asked, result = await lab.operate(station, "GetDisplayMessages", request, {"status": status})
        assert asked.payload == request
        assert result.answer_status == status
        report = await lab.row(StationReport, station_id=station.ref.id)
        ids = [row.message_id for row in await lab.rows(DisplayMessage, station_id=station.ref.id)]
        if status == "Unknown":
            assert report.state == "empty"
            assert ids == ([] if number == "O_03" else [9])  # nothing at all, or just not this one
            return
        for tbc, message_id in ((True, 2), (False, 3)):
            part = {"requestId": 3, "tbc": tbc, "messageInfo": [message(message_id)]}
            assert await station.call("NotifyDisplayMessages", part) == {}
        report = await lab.row(StationReport, station_id=station.ref.id)
        assert (report.state, report.entries) == ("complete", 2)
        ids = [row.message_id for row in await lab.rows(DisplayMessage, station_id=station.ref.id)]
        assert sorted(ids) == ([2, 3] if number == "O_02" else [2, 3, 9])


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Accepted", marks=pytest.mark.case("TC_O_04_CSMS")),
        pytest.param("Unknown", marks=pytest.mark.case("TC_O_05_CSMS")),
    ],
)
async def test_o_04_o_05_clear_display_message(lab: Lab, status: str) -> None:
    async with lab.station("2.0.1") as station:
        await set_message(lab, station, message())
        asked, result = await lab.operate(station, "ClearDisplayMessage", {"id": 1}, {"status": status})
        assert asked.payload == {"id": 1}
        assert result.answer_status == status
        assert await lab.rows(DisplayMessage, station_id=station.ref.id) == []

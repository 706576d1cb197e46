"""OCPP 2.0.1, G: availability wanted and reported, and the connector's lock."""

from typing import Any

import pytest

from csms.commands.commands import ChangeAvailability
from csms.stations.availability import wanted_availability
from models import DesiredAvailability, StationEvent
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.transacting import NOW, begin_201, end_201, status_201

EVSE: tuple[int | None, int | None] = (1, None)
STATION: tuple[int | None, int | None] = (None, None)
CONNECTOR: tuple[int | None, int | None] = (1, 1)


async def fulfilment(lab: Lab, station: BenchStation) -> str:
    with tenant_scope(station.ref.tenant_id):
        async with lab.platform.database.reading() as session:
            [wanted] = await wanted_availability(session, station.ref.id)
            return wanted.fulfilment


def address(part: tuple[int | None, int | None]) -> Json:
    evse, connector = part
    if evse is None:
        return {}
    return {"evse": {"id": evse} if connector is None else {"id": evse, "connectorId": connector}}


async def report(station: BenchStation, part: tuple[int | None, int | None], word: str) -> None:
    """Every connector of the part reports, one by status and the other by event."""
    await status_201(station, word)
    if part[0] is None:
        event = {
            "eventId": 1,
            "timestamp": NOW,
            "trigger": "Delta",
            "actualValue": word,
            "eventNotificationType": "HardWiredNotification",
            "component": {"name": "Connector", "evse": {"id": 2, "connectorId": 1}},
            "variable": {"name": "AvailabilityState"},
        }
        assert await station.call("NotifyEvent", {"generatedAt": NOW, "seqNo": 0, "eventData": [event]}) == {}


async def ask(lab: Lab, station: BenchStation, part: Any, operative: bool, answer: str) -> None:
    asking = lab.ask(station, ChangeAvailability(part[0], part[1], operative))
    asked = await station.expect("ChangeAvailability")
    word = "Operative" if operative else "Inoperative"
    assert asked.payload == {"operationalStatus": word} | address(part)
    await station.answer(asked, {"status": answer})
    assert (await asking).succeeded


@pytest.mark.parametrize(
    ("part", "operative"),
    [
        pytest.param(EVSE, False, marks=pytest.mark.case("TC_G_03_CSMS")),
        pytest.param(EVSE, True, marks=pytest.mark.case("TC_G_04_CSMS")),
        pytest.param(STATION, False, marks=pytest.mark.case("TC_G_05_CSMS")),
        pytest.param(STATION, True, marks=pytest.mark.case("TC_G_06_CSMS")),
        pytest.param(CONNECTOR, False, marks=pytest.mark.case("TC_G_07_CSMS")),
        pytest.param(CONNECTOR, True, marks=pytest.mark.case("TC_G_08_CSMS")),
    ],
)
async def test_g_03_to_g_08_change_availability(lab: Lab, part: Any, operative: bool) -> None:
    async with lab.station("2.0.1") as station:
        await report(station, part, "Unavailable" if operative else "Available")
        await ask(lab, station, part, operative, "Accepted")
        wanted = await lab.row(DesiredAvailability, station_id=station.ref.id)
        assert (wanted.evse_number, wanted.connector_number) == (part[0] or 0, part[1] or 0)
        assert (wanted.operative, wanted.scheduled) == (operative, False)
        assert await fulfilment(lab, station) == "differs"
        await report(station, part, "Available" if operative else "Unavailable")
        assert await fulfilment(lab, station) == "done"


@pytest.mark.parametrize(
    "part",
    [
        pytest.param(EVSE, marks=pytest.mark.case("TC_G_11_CSMS")),
        pytest.param(STATION, marks=pytest.mark.case("TC_G_14_CSMS")),
        pytest.param(CONNECTOR, marks=pytest.mark.case("TC_G_17_CSMS")),
    ],
)
async def test_g_11_g_14_g_17_with_transaction(lab: Lab, part: Any) -> None:
    async with lab.station("2.0.1") as station:
        await report(station, part, "Available")
        await status_201(station, "Occupied")
        await begin_201(lab, station)
        await ask(lab, station, part, False, "Scheduled")
        assert await fulfilment(lab, station) == "pending"
        await end_201(station, "tx-1", "StopAuthorized", "Local")
        await status_201(station, "Unavailable")
        assert await fulfilment(lab, station) == ("pending" if part == STATION else "done")
        await report(station, part, "Unavailable")
        assert await fulfilment(lab, station) == "done"


async def test_a_refusal_changes_no_wish(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        payload = {"operationalStatus": "Inoperative"}
        _, result = await lab.operate(station, "ChangeAvailability", payload, {"status": "Rejected"})
        assert not result.succeeded
        assert await lab.rows(DesiredAvailability, station_id=station.ref.id) == []


def lock(problem: str) -> Json:
    event = {
        "eventId": 3,
        "timestamp": NOW,
        "trigger": "Delta",
        "actualValue": problem,
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "ConnectorPlugRetentionLock", "evse": {"id": 1, "connectorId": 1}},
        "variable": {"name": "Problem"},
    }
    return {"generatedAt": NOW, "seqNo": 0, "eventData": [event]}


@pytest.mark.case("TC_G_20_CSMS", "DS_44")
@pytest.mark.quirk(66)
async def test_g_20_lock_failure(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        for _ in range(3):
            assert await station.call("NotifyEvent", lock("true")) == {}
        alarm = await lab.row(StationEvent, station_id=station.ref.id)
        assert (alarm.kind, alarm.severity, alarm.resolved_at) == ("device.alert", "problem", None)
        assert (alarm.evse_number, alarm.connector_number) == (1, 1)
        assert await station.call("NotifyEvent", lock("false")) == {}
        alarm, told = await lab.rows(StationEvent, station_id=station.ref.id)
        assert alarm.resolved_at is not None
        assert (told.kind, told.severity) == ("device.event", "info")

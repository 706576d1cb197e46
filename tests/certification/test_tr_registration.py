"""What may flow before a station is accepted (TR_90 to TR_93)."""

import pytest

from models import Connector
from tests.certification.lab import Lab
from tests.certification.station import Json
from tests.certification.transacting import NOW

STATUS: dict[str, Json] = {
    "1.6": {"connectorId": 1, "errorCode": "NoError", "status": "Available"},
    "2.0.1": {"timestamp": NOW, "connectorStatus": "Available", "evseId": 1, "connectorId": 1},
}
STARTS = {
    "1.6": [("RemoteStartTransaction", {"idTag": "X"}), ("RemoteStopTransaction", {"transactionId": 1})],
    "2.0.1": [
        ("RequestStartTransaction", {"remoteStartId": 1, "idToken": {"idToken": "X", "type": "ISO14443"}}),
        ("RequestStopTransaction", {"transactionId": "x"}),
    ],
}
both = pytest.mark.parametrize(
    "version",
    [pytest.param("1.6", marks=pytest.mark.case("TR_90")), pytest.param("2.0.1", marks=pytest.mark.case("TR_91"))],
)


@both
async def test_tr_90_tr_91_pending(lab: Lab, version: str) -> None:
    async with lab.station(version, boot=False, registration="Pending") as station:
        assert (await station.boot())["status"] == "Pending"
        assert await station.refused("StatusNotification", STATUS[version]) == "SecurityError"
        assert await station.refused("Heartbeat") == "SecurityError"
        trigger = {"requestedMessage": "StatusNotification"}
        _, result = await lab.operate(station, "TriggerMessage", trigger, {"status": "Accepted"})
        assert result.succeeded
        assert await station.call("StatusNotification", STATUS[version]) == {}
        assert (await lab.rows(Connector, station_id=station.ref.id))[0].status == "Available"
        for action, payload in STARTS[version]:
            assert (await lab.ask(station, action, payload)).state == "undelivered"
            assert not station.was_asked(action)
        assert (await station.boot())["status"] == "Pending"  # the socket is kept


@pytest.mark.case("TR_91")
async def test_tr_91_reports_that_were_asked_for(lab: Lab) -> None:
    async with lab.station("2.0.1", boot=False, registration="Pending") as station:
        await station.boot()
        report = {"requestId": 1, "generatedAt": NOW, "seqNo": 0}
        assert await station.refused("NotifyReport", report) == "SecurityError"
        for action, payload in (
            ("GetBaseReport", {"requestId": 1, "reportBase": "FullInventory"}),
            ("GetReport", {"requestId": 1, "componentCriteria": ["Available"]}),
        ):
            _, result = await lab.operate(station, action, payload, {"status": "Accepted"})
            assert result.succeeded
            assert await station.call("NotifyReport", report) == {}


@pytest.mark.case("TR_92")
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_tr_92_rejected(lab: Lab, version: str) -> None:
    async with lab.station(version, boot=False, registration="Rejected") as station:
        for _ in range(3):
            answer = await station.boot()
            assert answer["status"] == "Rejected"
            assert answer["interval"] > 0
        assert await station.refused("StatusNotification", STATUS[version]) == "SecurityError"
        for action, payload in (("ClearCache", {}), *STARTS[version]):
            assert (await lab.ask(station, action, payload)).state == "undelivered"
            assert not station.was_asked(action)


@pytest.mark.case("TR_93", "X16_20")
@pytest.mark.quirk(18, 19)
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_tr_93_never_booted_on_this_connection(lab: Lab, version: str) -> None:
    async with lab.station(version, boot=False) as station:
        assert await station.call("StatusNotification", STATUS[version]) == {}
    async with lab.station(version, boot=False, registration="Pending") as station:
        assert await station.refused("StatusNotification", STATUS[version]) == "SecurityError"

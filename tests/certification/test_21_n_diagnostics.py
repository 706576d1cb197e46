"""OCPP 2.1, N: logs, new monitors and periodic event streams."""

import pytest

from models import EventStream, Frame, MaintenanceJob, StationMonitor, StreamValue
from tests.certification.lab import Lab
from tests.certification.station import Json

KINDS = ["TargetDelta", "TargetDeltaRelative"]
SIGN_IN = "u:open-sesame@logs.example.test"
STREAM: Json = {"id": 7, "variableMonitoringId": 12, "params": {"interval": 60, "values": 3}}


@pytest.mark.case("TC_N_105_CSMS", "TR_53")
async def test_n_105_a_stream_is_opened_adjusted_and_closed(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        assert await station.call("OpenPeriodicEventStream", {"constantStreamData": STREAM}) == {"status": "Accepted"}
        values = [{"t": 0.0, "v": "230.1"}, {"t": 1.5, "v": "229.8"}]
        told = {"id": 7, "pending": 2, "basetime": "2026-01-01T00:00:00Z", "data": values}
        received = len(station.raw)
        await station.send([6, "stream-1", "NotifyPeriodicEventStream", told])
        payload = {"id": 7, "params": {"interval": 30}}
        asked, _ = await lab.operate(station, "AdjustPeriodicEventStream", payload, {"status": "Accepted"})
        assert asked.payload == payload
        stream = await lab.row(EventStream, station_id=station.ref.id)
        assert (stream.stream_id, stream.monitor_id, stream.interval_s, stream.values_per_message) == (7, 12, 30, 3)
        assert (stream.pending, stream.closed_at) == (2, None)
        kept = await lab.rows(StreamValue, stream_row_id=stream.id)
        assert [(value.at.microsecond, value.value) for value in kept] == [(0, "230.1"), (500_000, "229.8")]
        assert await station.call("ClosePeriodicEventStream", {"id": 7}) == {}
        assert (await lab.row(EventStream, station_id=station.ref.id)).closed_at is not None
        assert not any("stream-1" in text for text in station.raw[received:])  # a SEND is never answered
        [frame] = await lab.rows(Frame, station_id=station.ref.id, action="NotifyPeriodicEventStream")
        assert frame.answer_text is None


@pytest.mark.case("TR_53")
async def test_tr_53_a_wrong_send_is_not_answered_either(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        received = len(station.raw)
        await station.send([6, "bad", "NotifyPeriodicEventStream", {"id": "seven"}])
        await station.send([6, "worse", "Heartbeat", {}])
        await station.call("Heartbeat")
        assert len(station.raw) == received + 1


@pytest.mark.case("TC_N_107_CSMS")
async def test_n_107_streams_are_listed(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        await station.call("OpenPeriodicEventStream", {"constantStreamData": STREAM | {"id": 1}})
        asked, _ = await lab.operate(station, "GetPeriodicEventStream", {}, {"constantStreamData": [STREAM]})
        assert asked.payload == {}
        streams = {row.stream_id: row for row in await lab.rows(EventStream, station_id=station.ref.id)}
        assert (streams[1].closed_at is None, streams[7].closed_at is None) == (False, True)


@pytest.mark.parametrize(
    ("log_type", "location"),
    [
        pytest.param("DataCollectorLog", "https://logs.example.test/up", marks=pytest.mark.case("TC_N_100_CSMS")),
        pytest.param(
            "DiagnosticsLog", "http://u:open-sesame@logs.example.test", marks=pytest.mark.case("TC_N_102_CSMS")
        ),
        pytest.param(
            "DiagnosticsLog", "https://u:open-sesame@logs.example.test", marks=pytest.mark.case("TC_N_102_2_CSMS")
        ),
    ],
)
async def test_n_100_n_102_logs(lab: Lab, log_type: str, location: str) -> None:
    async with lab.station("2.1") as station:
        payload = {"requestId": 5, "logType": log_type, "log": {"remoteLocation": location}}
        asked, result = await lab.operate(station, "GetLog", payload, {"status": "Accepted", "filename": "log.txt"})
        assert asked.payload == payload
        assert result.succeeded
        told = {"status": "Uploaded", "requestId": 5}
        assert await station.call("LogStatusNotification", told) == {}
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.state, job.file_name) == ("done", "log.txt")
        frames = await lab.rows(Frame, station_id=station.ref.id)
        assert not any("open-sesame" in frame.text for frame in frames)
        assert "open-sesame" not in str(job.request)


@pytest.mark.case("TC_N_104_CSMS")
async def test_n_104_target_delta_monitors(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        payload = {"requestId": 9, "monitoringCriteria": ["DeltaMonitoring"]}
        asked, _ = await lab.operate(station, "GetMonitoringReport", payload, {"status": "Accepted"})
        assert asked.payload == payload
        monitors = [
            {"id": number, "transaction": False, "value": 5, "type": kind, "severity": 6}
            | {"eventNotificationType": "CustomMonitor"}
            for number, kind in enumerate(KINDS)
        ]
        entry: Json = {"component": {"name": "SmartChargingCtrlr"}, "variable": {"name": "Limit"}}
        entry |= {"variableMonitoring": monitors}
        told = {"requestId": 9, "seqNo": 0, "generatedAt": "2026-01-01T00:00:00Z", "monitor": [entry]}
        assert await station.call("NotifyMonitoringReport", told) == {}
        kept = await lab.rows(StationMonitor, station_id=station.ref.id)
        assert [monitor.type for monitor in kept] == KINDS

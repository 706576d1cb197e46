"""OCPP 2.0.1, N: logs, monitors, events and customer information."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.maintenance.queries import text_of
from csms.maintenance.service import delete_old_texts
from models import (
    Command,
    Frame,
    MaintenanceJob,
    StationEvent,
    StationMonitor,
    StationReport,
    StationVariable,
)
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.transacting import NOW

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)

# ---- logs


def log(request_id: int, kind: str = "DiagnosticsLog") -> Json:
    where = {"remoteLocation": "https://files.example/up", "oldestTimestamp": NOW}
    return {"logType": kind, "requestId": request_id, "log": where}


async def log_status(station: BenchStation, request_id: int, *words: str) -> None:
    for word in words:
        payload = {"status": word, "requestId": request_id}
        assert await station.call("LogStatusNotification", payload) == {}


@pytest.mark.parametrize(
    "kind",
    [
        pytest.param("DiagnosticsLog", marks=pytest.mark.case("TC_N_25_CSMS")),
        pytest.param("SecurityLog", marks=pytest.mark.case("TC_N_35_CSMS")),
    ],
)
async def test_n_25_n_35_get_log(lab: Lab, kind: str) -> None:
    async with lab.station("2.0.1") as station:
        answer = {"status": "Accepted", "filename": "log.gz"}
        asked, result = await lab.operate(station, "GetLog", log(1, kind), answer)
        assert asked.payload == log(1, kind)
        assert result.succeeded
        await log_status(station, 1, "Uploading", "Uploaded")
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.request_id, job.state, job.file_name) == ("log", 1, "done", "log.gz")
        assert [entry["status"] for entry in job.progress] == ["Accepted", "Uploading", "Uploaded"]


@pytest.mark.case("TC_N_34_CSMS")
async def test_n_34_get_log_rejected(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        _, result = await lab.operate(station, "GetLog", log(1), {"status": "Rejected"})
        assert not result.succeeded
        assert (await lab.row(MaintenanceJob, station_id=station.ref.id)).state == "failed"


@pytest.mark.case("TC_N_36_CSMS")
async def test_n_36_second_request(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await lab.operate(station, "GetLog", log(1), {"status": "Accepted"})
        await log_status(station, 1, "Uploading")
        _, result = await lab.operate(station, "GetLog", log(2), {"status": "AcceptedCanceled"})
        assert result.succeeded
        await log_status(station, 1, "AcceptedCanceled")
        await log_status(station, 2, "Uploading", "Uploaded")
        first, second = await lab.rows(MaintenanceJob, station_id=station.ref.id)
        assert (first.state, second.state) == ("cancelled", "done")


@pytest.mark.quirk(81)
async def test_quirk_81_idle_with_a_number_nobody_gave(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await log_status(station, 1_804_289_383, "Idle")
        assert await lab.rows(MaintenanceJob, station_id=station.ref.id) == []


# ---- customer information

CUSTOMERS: list[tuple[str, Json, str, list[str], str]] = [
    ("N_27", {"report": True, "clear": False}, "Accepted", ["name=Ada", ";card=1"], "complete"),
    ("N_28", {"report": True, "clear": False}, "Accepted", [""], "complete"),
    ("N_29", {"report": True, "clear": False}, "Rejected", [], "refused"),
    ("N_30", {"report": True, "clear": True}, "Accepted", ["name=Ada"], "complete"),
    ("N_31", {"report": True, "clear": True}, "Accepted", [""], "complete"),
    ("N_32", {"report": False, "clear": True}, "Accepted", [], "complete"),
    (
        "N_62",
        {"report": True, "clear": True, "customerIdentifier": "OpenChargeAlliance"},
        "Accepted",
        ["x"],
        "complete",
    ),
    (
        "N_63",
        {
            "report": True,
            "clear": True,
            "customerCertificate": {
                "hashAlgorithm": "SHA256",
                "issuerNameHash": "a1",
                "issuerKeyHash": "b2",
                "serialNumber": "serial-of-ada",
            },
        },
        "Accepted",
        ["x"],
        "complete",
    ),
]


@pytest.mark.parametrize(
    ("number", "wish", "answer", "texts", "state"),
    [pytest.param(*row, marks=pytest.mark.case(f"TC_{row[0]}_CSMS")) for row in CUSTOMERS],
)
async def test_n_27_to_n_32_customer_information(
    lab: Lab, number: str, wish: Json, answer: str, texts: list[str], state: str
) -> None:
    request = {"requestId": 6} | wish
    if number not in ("N_62", "N_63"):
        request["idToken"] = {"idToken": await lab.token(), "type": "ISO14443"}
    async with lab.station("2.0.1") as station:
        asked, result = await lab.operate(station, "CustomerInformation", request, {"status": answer})
        assert asked.payload == request
        assert (result.answer_status, result.succeeded) == (answer, answer == "Accepted")
        for seq_no, text in enumerate(texts):
            part: Json = {"requestId": 6, "data": text, "seqNo": seq_no, "generatedAt": NOW}
            part |= {"tbc": True} if seq_no + 1 < len(texts) else {}
            assert await station.call("NotifyCustomerInformation", part) == {}
        report = await lab.row(StationReport, station_id=station.ref.id)
        assert (report.kind, report.state, text_of(report)) == ("customer_information", state, "".join(texts))
        assert "idToken" not in report.request
        await assert_discreet(lab, station)


async def assert_discreet(lab: Lab, station: BenchStation) -> None:
    """Personal data is in the report alone, and goes with time."""
    frames = await lab.rows(Frame, station_id=station.ref.id)
    everything = "".join(frame.text + (frame.answer_text or "") for frame in frames)
    command = await lab.row(Command, station_id=station.ref.id)
    for secret in ("Ada", "card=1", "OpenChargeAlliance", "serial-of-ada"):
        assert secret not in everything
        assert secret not in str(command.payload)
    with platform_scope():
        later = lab.platform.clock.now() + timedelta(days=1)
        await lab.platform.committer.run(lambda work: delete_old_texts(work, later))
    assert text_of(await lab.row(StationReport, station_id=station.ref.id)) == ""


@pytest.mark.case("TC_N_46_CSMS")
async def test_n_46_clear_then_local_list(lab: Lab) -> None:
    token = {"idToken": await lab.token(), "type": "ISO14443"}
    async with lab.station("2.0.1") as station:
        whole = {
            "versionNumber": 1,
            "updateType": "Full",
            "localAuthorizationList": [{"idToken": token, "idTokenInfo": {"status": "Accepted"}}],
        }
        await lab.operate(station, "SendLocalList", whole, {"status": "Accepted"})
        request = {"requestId": 7, "report": True, "clear": True, "idToken": token}
        await lab.operate(station, "CustomerInformation", request, {"status": "Accepted"})
        part = {"requestId": 7, "data": "x", "seqNo": 0, "generatedAt": NOW}
        assert await station.call("NotifyCustomerInformation", part) == {}
        removal = {
            "versionNumber": 2,
            "updateType": "Differential",
            "localAuthorizationList": [{"idToken": token}],
        }
        asked, result = await lab.operate(station, "SendLocalList", removal, {"status": "Accepted"})
        assert asked.payload == removal
        assert result.succeeded


# ---- monitors

STATE: Json = {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
WHOLE: Json = {"component": {"name": "ChargingStation"}, "variable": {"name": "AvailabilityState"}}
REPORTS: list[tuple[str, Json]] = [
    ("N_01", {"monitoringCriteria": ["ThresholdMonitoring", "DeltaMonitoring"]}),
    ("N_02", {"componentVariable": [STATE]}),
    ("N_03", {"monitoringCriteria": ["DeltaMonitoring"], "componentVariable": [WHOLE]}),
    ("N_47", {}),
    ("N_60", {"componentVariable": [STATE, WHOLE]}),
]


def monitored(monitor_id: int, **more: str) -> Json:
    monitor = {"id": monitor_id, "transaction": False, "value": 1.5, "type": "Delta", "severity": 8}
    return STATE | {"variableMonitoring": [monitor | more]}


@pytest.mark.parametrize(
    ("number", "criteria"), [pytest.param(*row, marks=pytest.mark.case(f"TC_{row[0]}_CSMS")) for row in REPORTS]
)
async def test_n_01_n_02_n_03_n_47_n_60_monitoring_report(lab: Lab, number: str, criteria: Json) -> None:
    async with lab.station("2.0.1") as station:
        for request_id, answer in ((1, "EmptyResultSet"), (2, "Accepted")):
            request = {"requestId": request_id} | criteria
            asked, result = await lab.operate(station, "GetMonitoringReport", request, {"status": answer})
            assert asked.payload == request
            assert result.succeeded
        for seq_no, tbc in ((0, True), (1, False)):
            part = {"requestId": 2, "seqNo": seq_no, "tbc": tbc, "generatedAt": NOW}
            part |= {"monitor": [monitored(10 + seq_no)]}
            assert await station.call("NotifyMonitoringReport", part) == {}
        empty, full = await lab.rows(StationReport, station_id=station.ref.id)
        assert (empty.state, full.state, full.parts, full.entries) == ("empty", "complete", [0, 1], 2)
        first, second = await lab.rows(StationMonitor, station_id=station.ref.id)
        assert (first.monitor_id, second.monitor_id) == (10, 11)
        assert (first.component, first.evse_number, first.variable) == ("EVSE", 1, "AvailabilityState")
        assert (first.type, first.value, first.severity) == ("Delta", 1.5, 8)


@pytest.mark.case("TC_N_05_CSMS")
async def test_n_05_set_monitoring_base(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        for base in ("All", "FactoryDefault", "HardWiredOnly"):
            request = {"monitoringBase": base}
            asked, result = await lab.operate(station, "SetMonitoringBase", request, {"status": "Accepted"})
            assert asked.payload == request
            assert result.succeeded


def wanted(about: Json) -> Json:
    return {"value": 1.0, "type": "Delta", "severity": 8} | about


@pytest.mark.parametrize(
    "abouts",
    [
        pytest.param([STATE], marks=pytest.mark.case("TC_N_08_CSMS")),
        pytest.param([STATE, WHOLE], marks=pytest.mark.case("TC_N_09_CSMS")),
    ],
)
async def test_n_08_n_09_set_variable_monitoring(lab: Lab, abouts: list[Json]) -> None:
    async with lab.station("2.0.1") as station:
        request = {"setMonitoringData": [wanted(about) for about in abouts]}
        results = [
            about | {"status": "Accepted", "type": "Delta", "severity": 8, "id": 40 + number}
            for number, about in enumerate(abouts)
        ]
        asked, result = await lab.operate(
            station, "SetVariableMonitoring", request, {"setMonitoringResult": results[::-1]}
        )
        assert asked.payload == request
        assert result.succeeded
        rows = await lab.rows(StationMonitor, station_id=station.ref.id)
        kept = {row.component: (row.monitor_id, row.value, row.type, row.severity) for row in rows}
        assert kept["EVSE"] == (40, 1.0, "Delta", 8)
        assert len(kept) == len(abouts)


@pytest.mark.case("TC_N_09_CSMS", "DS_64")
async def test_n_09_split_by_the_limit(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await lab.add(limit(station, "SetVariableMonitoring", "1"))
        asking = lab.ask(station, "SetVariableMonitoring", {"setMonitoringData": [wanted(STATE), wanted(WHOLE)]})
        for number, about in enumerate((STATE, WHOLE)):
            asked = await station.expect("SetVariableMonitoring")
            assert asked.payload == {"setMonitoringData": [wanted(about)]}
            answer = about | {"status": "Accepted", "type": "Delta", "severity": 8, "id": number}
            await station.answer(asked, {"setMonitoringResult": [answer]})
        assert (await asking).answer_status == "Accepted"


def limit(station: BenchStation, action: str, value: str) -> StationVariable:
    return StationVariable(
        station_id=station.ref.id,
        component="MonitoringCtrlr",
        variable="ItemsPerMessage",
        variable_instance=action,
        value=value,
        reported_at=LONG_AGO,
    )


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("Accepted", marks=pytest.mark.case("TC_N_16_CSMS")),
        pytest.param("Rejected", marks=pytest.mark.case("TC_N_17_CSMS")),
    ],
)
async def test_n_16_n_17_set_monitoring_level(lab: Lab, answer: str) -> None:
    async with lab.station("2.0.1") as station:
        asked, result = await lab.operate(station, "SetMonitoringLevel", {"severity": 4}, {"status": answer})
        assert asked.payload == {"severity": 4}
        assert (result.answer_status, result.succeeded) == (answer, answer == "Accepted")


@pytest.mark.case("TC_N_18_CSMS")
async def test_n_18_clear_more_than_fit(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        part = {"requestId": 2, "seqNo": 0, "generatedAt": NOW, "monitor": [monitored(n) for n in range(5)]}
        await station.call("NotifyMonitoringReport", part)
        await lab.add(limit(station, "ClearVariableMonitoring", "2"))
        asking = lab.ask(station, "ClearVariableMonitoring", {"id": [0, 1, 2, 3, 99]})
        for ids in ([0, 1], [2, 3], [99]):
            asked = await station.expect("ClearVariableMonitoring")
            assert asked.payload == {"id": ids}
            results = [{"id": id_, "status": "NotFound" if id_ == 99 else "Accepted"} for id_ in ids]
            await station.answer(asked, {"clearMonitoringResult": results})
        result = await asking
        assert result.answer is not None
        assert [entry["id"] for entry in result.answer["clearMonitoringResult"]] == [0, 1, 2, 3, 99]
        assert (await lab.row(StationMonitor, station_id=station.ref.id)).monitor_id == 4


@pytest.mark.case("TC_N_44_CSMS")
async def test_n_44_clear_rejected(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        part = {"requestId": 2, "seqNo": 0, "generatedAt": NOW, "monitor": [monitored(1)]}
        await station.call("NotifyMonitoringReport", part)
        answer = {"clearMonitoringResult": [{"id": 1, "status": "Rejected"}]}
        _, result = await lab.operate(station, "ClearVariableMonitoring", {"id": [1]}, answer)
        assert (result.answer_status, result.succeeded) == ("Rejected", False)
        assert (await lab.row(StationMonitor, station_id=station.ref.id)).monitor_id == 1


# ---- events


def event(**changes: object) -> Json:
    return {
        "eventId": 1,
        "timestamp": NOW,
        "trigger": "Alerting",
        "cause": 7,
        "actualValue": "91",
        "techCode": "T1",
        "eventNotificationType": "CustomMonitor",
        "variableMonitoringId": 10,
        "component": {"name": "Board", "evse": {"id": 1}},
        "variable": {"name": "Temperature"},
    } | changes


def notify(*events: Json, **more: object) -> Json:
    return {"generatedAt": NOW, "seqNo": 0, "eventData": list(events)} | more


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        pytest.param(
            {"eventNotificationType": "HardWiredMonitor"}, "device.alert", marks=pytest.mark.case("TC_N_21_CSMS")
        ),
        pytest.param({"trigger": "Periodic"}, "device.event", marks=pytest.mark.case("TC_N_24_CSMS")),
        pytest.param({"trigger": "Delta", "actualValue": ""}, "device.event", marks=pytest.mark.case("TC_N_48_CSMS")),
        pytest.param(
            {"trigger": "Periodic", "eventNotificationType": "PreconfiguredMonitor"},
            "device.event",
            marks=pytest.mark.case("TC_N_50_CSMS"),
        ),
    ],
)
async def test_n_21_n_24_n_48_n_50_notify_event(lab: Lab, changes: Json, kind: str) -> None:
    async with lab.station("2.0.1") as station:
        told = event(**changes)
        assert await station.call("NotifyEvent", notify(told)) == {}
        entry = await lab.row(StationEvent, station_id=station.ref.id)
        assert (entry.kind, entry.evse_number, entry.details) == (kind, 1, told)
        assert (entry.details["eventId"], entry.details["cause"]) == (1, 7)
        assert entry.text.startswith("Board Temperature")


@pytest.mark.case("TC_N_49_CSMS")
async def test_n_49_cleared(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await station.call("NotifyEvent", notify(event(), event(eventId=2, variableMonitoringId=11)))
        cleared = event(eventId=3, actualValue="40", cleared=True)
        assert await station.call("NotifyEvent", notify(cleared)) == {}
        entries = await lab.rows(StationEvent, station_id=station.ref.id)
        alerts = [entry for entry in entries if entry.kind == "device.alert"]
        lasting = [(entry.details["eventId"], entry.resolved_at is None) for entry in alerts]
        assert lasting == [(1, False), (2, True)]


@pytest.mark.case("TC_N_21_CSMS")
async def test_n_21_parts_are_joined_and_severity_follows_the_monitor(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        part = {"requestId": 2, "seqNo": 0, "generatedAt": NOW, "monitor": [monitored(10)]}
        part["monitor"][0]["variableMonitoring"][0]["severity"] = 2
        await station.call("NotifyMonitoringReport", part)
        assert await station.call("NotifyEvent", notify(event(), tbc=True)) == {}
        assert (await lab.row(StationReport, station_id=station.ref.id, kind="events")).state == "arriving"
        assert await station.call("NotifyEvent", notify(event(eventId=2, trigger="Delta"), seqNo=1)) == {}
        report = await lab.row(StationReport, station_id=station.ref.id, kind="events")
        assert (report.state, report.entries, report.parts) == ("complete", 2, [0, 1])
        entries = await lab.rows(StationEvent, station_id=station.ref.id)
        assert [(entry.kind, entry.severity) for entry in entries] == [
            ("device.alert", "problem"),
            ("device.event", "info"),
        ]

"""OCPP 2.0.1, B: booting, variables, reports and resets."""

from datetime import UTC, datetime

import pytest

from csms.commands.commands import GetVariables, Reset, SetVariable, SetVariables, VariableName
from csms.stations.service import set_registration
from models import (
    ChargingStation,
    Connector,
    MaintenanceJob,
    Registration,
    StationReport,
    StationVariable,
    Transaction,
)
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.transacting import NOW, begin_201, end_201, status_201


def available(evse: int) -> Json:
    """NotifyEvent: the connector of an EVSE is available."""
    data = {
        "eventId": evse,
        "timestamp": NOW,
        "trigger": "Delta",
        "actualValue": "Available",
        "eventNotificationType": "HardWiredNotification",
        "component": {"name": "Connector", "evse": {"id": evse, "connectorId": 1}},
        "variable": {"name": "AvailabilityState"},
    }
    return {"generatedAt": NOW, "seqNo": 0, "eventData": [data]}


async def decide(lab: Lab, station: BenchStation, registration: Registration) -> None:
    with tenant_scope(station.ref.tenant_id):
        await lab.platform.committer.run(
            lambda work: set_registration(work, station.ref, registration, lab.platform.clock.now())
        )


@pytest.mark.case("TC_B_01_CSMS")
@pytest.mark.quirk(23)
async def test_b_01_cold_boot(lab: Lab) -> None:
    async with lab.station("2.0.1", boot=False) as station:
        answer = await station.boot()
        assert answer["status"] == "Accepted"
        assert answer["interval"] > 0
        assert answer["currentTime"].endswith("Z")
        await status_201(station, "Available")
        assert await station.call("NotifyEvent", available(2)) == {}
        row = await lab.row(ChargingStation, id=station.ref.id)
        assert (row.vendor, row.model, row.firmware_version, row.boot_reason) == ("Bench", "Two", "2.0", "PowerUp")
        connectors = await lab.rows(Connector, station_id=station.ref.id)
        assert [connector.status for connector in connectors] == ["Available", "Available"]


@pytest.mark.case("TC_B_02_CSMS", "TR_91")
async def test_b_02_cold_boot_pending(lab: Lab) -> None:
    async with lab.station("2.0.1", boot=False, registration="Pending") as station:
        assert (await station.boot())["status"] == "Pending"
        variable = {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "OfflineThreshold"}}
        result: Json = variable | {"attributeStatus": "Accepted"}
        for action, payload, reply in (
            (
                "GetVariables",
                {"getVariableData": [variable]},
                {"getVariableResult": [result | {"attributeValue": "60"}]},
            ),
            (
                "SetVariables",
                {"setVariableData": [variable | {"attributeValue": "30"}]},
                {"setVariableResult": [result]},
            ),
            ("GetBaseReport", {"requestId": 9, "reportBase": "FullInventory"}, {"status": "Accepted"}),
        ):
            _, outcome = await lab.operate(station, action, payload, reply)
            assert outcome.succeeded
        assert await station.call("NotifyReport", {"requestId": 9, "generatedAt": NOW, "seqNo": 0}) == {}
        refused = await lab.ask(station, "RequestStopTransaction", {"transactionId": "x"})
        assert refused.state == "undelivered"
        station.answers["TriggerMessage"] = {"status": "Accepted"}
        await decide(lab, station, Registration.ACCEPTED)
        assert (await station.boot())["status"] == "Accepted"


@pytest.mark.case("TC_B_30_CSMS", "TR_91", "TR_92")
@pytest.mark.parametrize("registration", ["Pending", "Rejected"])
async def test_b_30_security_error(lab: Lab, registration: str) -> None:
    async with lab.station("2.0.1", boot=False, registration=registration) as station:
        assert (await station.boot())["status"] == registration
        status = {"timestamp": NOW, "connectorStatus": "Available", "evseId": 1, "connectorId": 1}
        assert await station.refused("StatusNotification", status) == "SecurityError"
        assert await station.refused("NotifyEvent", available(1)) == "SecurityError"
        assert (await lab.rows(Connector, station_id=station.ref.id))[0].status == "Unknown"


@pytest.mark.case("TC_B_31_CSMS")
async def test_b_31_trigger_message(lab: Lab) -> None:
    async with lab.station("2.0.1", boot=False, registration="Pending") as station:
        assert (await station.boot())["status"] == "Pending"
        trigger = {"requestedMessage": "BootNotification"}
        asked, result = await lab.operate(station, "TriggerMessage", trigger, {"status": "Accepted"})
        assert asked.payload == trigger
        assert result.succeeded
        station.answers["TriggerMessage"] = {"status": "Accepted"}
        await decide(lab, station, Registration.ACCEPTED)
        assert (await station.boot(reason="Triggered"))["status"] == "Accepted"
        assert (await lab.row(ChargingStation, id=station.ref.id)).boot_reason == "Triggered"
    async with lab.station("2.0.1", registration="Rejected") as station:
        result = await lab.ask(station, "TriggerMessage", trigger)
        assert result.state == "undelivered"
        assert not station.was_asked("TriggerMessage")


OFFLINE = VariableName("OfflineThreshold", "OCPPCommCtrlr")
REMOTE = VariableName("AuthorizeRemoteStart", "AuthCtrlr")


def read(name: Json, value: str | None, status: str = "Accepted") -> Json:
    result: Json = {"attributeStatus": status, "component": name["component"], "variable": name["variable"]}
    return result if value is None else result | {"attributeValue": value}


@pytest.mark.parametrize(
    "names",
    [
        pytest.param((OFFLINE,), marks=pytest.mark.case("TC_B_06_CSMS")),
        pytest.param((OFFLINE, REMOTE), marks=pytest.mark.case("TC_B_07_CSMS")),
    ],
)
async def test_b_06_b_07_get_variables(lab: Lab, names: tuple[VariableName, ...]) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, GetVariables(names))
        asked = await station.expect("GetVariables")
        data = asked.payload["getVariableData"]
        assert data == [{"component": {"name": name.component}, "variable": {"name": name.variable}} for name in names]
        await station.answer(asked, {"getVariableResult": [read(entry, "5") for entry in data]})
        assert (await asking).succeeded
        rows = await lab.rows(StationVariable, station_id=station.ref.id)
        assert [(row.component, row.variable, row.value) for row in rows] == [
            (name.component, name.variable, "5") for name in names
        ]


@pytest.mark.case("TC_B_08_CSMS", "DS_64")
async def test_b_08_get_variables_over_the_limit(lab: Lab) -> None:
    limits = [
        (name, action) for name in ("ItemsPerMessage", "BytesPerMessage") for action in ("GetReport", "GetVariables")
    ]
    named = [VariableName(name, "DeviceDataCtrlr", variable_instance=action) for name, action in limits]
    names = (*named, REMOTE)
    async with lab.station("2.0.1") as station:
        await lab.add(
            StationVariable(
                station_id=station.ref.id,
                component="DeviceDataCtrlr",
                variable="ItemsPerMessage",
                variable_instance="GetVariables",
                value="4",
                reported_at=datetime(2026, 1, 1, tzinfo=UTC),
            )
        )
        asking = lab.ask(station, GetVariables(names))
        counts: list[int] = []
        for statuses in (["Accepted", "Accepted", "UnknownComponent", "UnknownVariable"], ["Accepted"]):
            asked = await station.expect("GetVariables")
            data = asked.payload["getVariableData"]
            counts.append(len(data))
            pairs = zip(data, statuses, strict=True)
            results = [read(entry, "4" if word == "Accepted" else None, word) for entry, word in pairs]
            await station.answer(asked, {"getVariableResult": results})
        result = await asking
        assert counts == [4, 1]
        assert result.answer is not None
        words = [entry["attributeStatus"] for entry in result.answer["getVariableResult"]]
        assert words == ["Accepted", "Accepted", "UnknownComponent", "UnknownVariable", "Accepted"]
        assert len(await lab.rows(StationVariable, station_id=station.ref.id)) == 3


@pytest.mark.parametrize(
    "variables",
    [
        pytest.param((("OfflineThreshold", "OCPPCommCtrlr", "123"),), marks=pytest.mark.case("TC_B_09_CSMS")),
        pytest.param(
            (("OfflineThreshold", "OCPPCommCtrlr", "123"), ("AuthorizeRemoteStart", "AuthCtrlr", "false")),
            marks=pytest.mark.case("TC_B_10_CSMS"),
        ),
    ],
)
async def test_b_09_b_10_set_variables(lab: Lab, variables: tuple[tuple[str, str, str], ...]) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(
            station,
            SetVariables(tuple(SetVariable(name, value, component) for name, component, value in variables)),
        )
        asked = await station.expect("SetVariables")
        data = asked.payload["setVariableData"]
        assert data == [
            {"attributeValue": value, "component": {"name": component}, "variable": {"name": name}}
            for name, component, value in variables
        ]
        statuses = ["Accepted", "RebootRequired"][: len(data)]
        results = [read(entry, None, status) for entry, status in zip(data, statuses, strict=True)]
        await station.answer(asked, {"setVariableResult": results})
        assert (await asking).state == "answered"
        rows = await lab.rows(StationVariable, station_id=station.ref.id)
        assert (rows[0].value, rows[0].pending_value) == ("123", None)
        if len(rows) == 2:
            assert (rows[1].value, rows[1].pending_value) == (None, "false")
            await station.boot(reason="RemoteReset")
            assert (await lab.rows(StationVariable, station_id=station.ref.id))[1].value == "false"


def entry(variable: str, component: str = "EVSE", **more: Json) -> Json:
    return {
        "component": {"name": component, "evse": {"id": 1}},
        "variable": {"name": variable},
        "variableAttribute": [{"value": "1"}],
    } | more


@pytest.mark.parametrize(
    "base",
    [
        pytest.param("ConfigurationInventory", marks=pytest.mark.case("TC_B_12_CSMS")),
        pytest.param("FullInventory", marks=pytest.mark.case("TC_B_13_CSMS")),
        pytest.param("SummaryInventory", marks=pytest.mark.case("TC_B_14_CSMS")),
    ],
)
async def test_b_12_b_13_b_14_base_report(lab: Lab, base: str) -> None:
    request = {"requestId": 77, "reportBase": base}
    async with lab.station("2.0.1") as station:
        asked, result = await lab.operate(station, "GetBaseReport", request, {"status": "Accepted"})
        assert asked.payload == request
        assert result.succeeded
        report = await lab.row(StationReport, station_id=station.ref.id)
        assert (report.state, report.request_id, report.request) == ("asked", 77, request)
        for seq_no, tbc in ((0, True), (2, False), (1, True)):
            part = {"requestId": 77, "generatedAt": NOW, "seqNo": seq_no, "reportData": [entry(f"V{seq_no}")]}
            assert await station.call("NotifyReport", part | ({"tbc": True} if tbc else {})) == {}
            report = await lab.row(StationReport, station_id=station.ref.id)
            if seq_no == 2:
                assert (report.state, report.missing, report.last_part) == ("arriving", [1], 2)
        assert (report.state, report.parts, report.missing, report.entries) == ("complete", [0, 1, 2], [], 3)
        assert report.ended_at is not None
        rows = await lab.rows(StationVariable, station_id=station.ref.id)
        assert sorted(row.variable for row in rows) == ["V0", "V1", "V2"]


@pytest.mark.case("TC_B_18_CSMS")
async def test_b_18_custom_report(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        for request_id, criterion, answer in ((1, "Problem", "EmptyResultSet"), (2, "Available", "Accepted")):
            request = {
                "requestId": request_id,
                "componentCriteria": [criterion],
                "componentVariable": [
                    {"component": {"name": "EVSE", "evse": {"id": 1}}, "variable": {"name": "AvailabilityState"}}
                ],
            }
            asked, result = await lab.operate(station, "GetReport", request, {"status": answer})
            assert asked.payload == request
            assert (result.answer_status, result.succeeded) == (answer, True)
        part = {"requestId": 2, "generatedAt": NOW, "seqNo": 0, "reportData": [entry("AvailabilityState")]}
        assert await station.call("NotifyReport", part) == {}
        empty, full = await lab.rows(StationReport, station_id=station.ref.id)
        assert (empty.state, empty.ended_at is not None) == ("empty", True)
        assert (full.state, full.entries) == ("complete", 1)


async def reset(lab: Lab, station: BenchStation, immediate: bool, evse: int | None, answer: str) -> Json:
    asking = lab.ask(station, Reset(immediate, evse))
    asked = await station.expect("Reset")
    await station.answer(asked, {"status": answer})
    assert (await asking).succeeded
    return asked.payload


@pytest.mark.parametrize(
    ("immediate", "answer", "charging"),
    [
        pytest.param(False, "Accepted", False, marks=pytest.mark.case("TC_B_20_CSMS")),
        pytest.param(False, "Scheduled", True, marks=pytest.mark.case("TC_B_21_CSMS")),
        pytest.param(True, "Accepted", True, marks=pytest.mark.case("TC_B_22_CSMS")),
    ],
)
async def test_b_20_b_21_b_22_reset_station(lab: Lab, immediate: bool, answer: str, charging: bool) -> None:
    async with lab.station("2.0.1") as station:
        if charging:
            await begin_201(lab, station)
        asked = await reset(lab, station, immediate, None, answer)
        assert asked == {"type": "Immediate" if immediate else "OnIdle"}
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.state, job.status) == ("reset", "running", answer)
        if charging:
            await end_201(station, "tx-1", "ResetCommand", "ImmediateReset" if immediate else "Local")
            assert not (await lab.row(Transaction, station_id=station.ref.id)).is_open
        reason = "ScheduledReset" if answer == "Scheduled" else "RemoteReset"
        assert (await station.boot(reason=reason))["status"] == "Accepted"
        await status_201(station, "Available")
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.state, job.ended_at is not None) == ("done", True)


@pytest.mark.parametrize(
    ("immediate", "answer", "charging"),
    [
        pytest.param(False, "Accepted", False, marks=pytest.mark.case("TC_B_25_CSMS")),
        pytest.param(False, "Scheduled", True, marks=pytest.mark.case("TC_B_26_CSMS")),
        pytest.param(True, "Accepted", True, marks=pytest.mark.case("TC_B_27_CSMS")),
    ],
)
async def test_b_25_b_26_b_27_reset_evse(lab: Lab, immediate: bool, answer: str, charging: bool) -> None:
    async with lab.station("2.0.1") as station:
        if charging:
            await begin_201(lab, station)
        asked = await reset(lab, station, immediate, 1, answer)
        assert asked == {"type": "Immediate" if immediate else "OnIdle", "evseId": 1}
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.evse_number, job.state) == (1, "running" if answer == "Scheduled" else "done")
        if charging:
            await end_201(station, "tx-1", "ResetCommand", "ImmediateReset")

            async def is_over() -> bool:
                return (await lab.row(MaintenanceJob, station_id=station.ref.id)).state == "done"

            await lab.until(is_over)


@pytest.mark.quirk(65)
async def test_quirk_65_a_station_level_status_and_an_empty_inventory(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await status_201(station, "Faulted", 0, 0)
        row = await lab.row(ChargingStation, id=station.ref.id)
        assert row.status == "Faulted"
        assert len(await lab.rows(Connector, station_id=station.ref.id)) == 2
        assert await station.call("NotifyReport", {"requestId": 5, "generatedAt": NOW, "seqNo": 0}) == {}
        report = await lab.row(StationReport, station_id=station.ref.id)
        assert (report.state, report.entries, report.asked_at) == ("complete", 0, None)


@pytest.mark.quirk(77)
async def test_quirk_77_an_action_nobody_knows(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        assert await station.refused("CustomOperation", {"any": 1}) == "NotImplemented"
        assert (await station.call("Heartbeat"))["currentTime"]

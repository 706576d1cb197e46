"""OCPP 2.1, block R: controls of distributed energy, and alarms of the grid."""

from datetime import timedelta
from typing import Any

import pytest

from csms.smart_charging.der import der_controls
from models import DerControl, ReportKind, StationEvent, StationReport
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

Json = dict[str, Any]
CURVE: Json = {
    "curveData": [{"x": 90, "y": 100}, {"x": 110, "y": 0}],
    "priority": 1,
    "yUnit": "PctMaxW",
    "hysteresis": {"hysteresisHigh": 1.5, "hysteresisDelay": 2},
    "responseTime": 5,
}
FIXED_VAR: Json = {"priority": 0, "setpoint": 30.5, "unit": "PctMaxVar", "duration": 600}


async def set_control(lab: Lab, station: BenchStation, control: Json, **answer: Any) -> Json:
    """Send a SetDERControl and return what went over the wire."""
    asked, _ = await lab.operate(station, "SetDERControl", control, {"status": "Accepted"} | answer)
    return asked.payload


async def controls(lab: Lab, station: BenchStation) -> dict[str, str]:
    return {row.control_id: row.state for row in await lab.rows(DerControl, station_id=station.ref.id)}


@pytest.mark.case("TC_R_107_CSMS")
async def test_r_107_settings_are_cleared_set_and_reported(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        clearing = {"isDefault": True, "controlType": "VoltWatt"}
        asked, result = await lab.operate(station, "ClearDERControl", clearing, {"status": "NotFound"})
        assert asked.payload == clearing
        assert result.answer_status == "NotFound"
        default = {"controlId": "vw-1", "controlType": "VoltWatt", "isDefault": True, "curve": CURVE}
        assert await set_control(lab, station, default) == default
        newer = {"controlId": "vw-2", "controlType": "VoltWatt", "isDefault": True, "curve": CURVE}
        assert await set_control(lab, station, newer, supersededIds=["vw-1"]) == newer
        assert await controls(lab, station) == {"vw-1": "superseded", "vw-2": "installed"}
        first, second = await lab.rows(DerControl, station_id=station.ref.id)
        assert (first.settings, first.superseded_by) == ({"curve": CURVE}, "vw-2")
        assert (second.settings, second.supersedes, second.is_default) == ({"curve": CURVE}, ["vw-1"], True)

        asked, result = await lab.operate(station, "GetDERControl", {"requestId": 7}, {"status": "Accepted"})
        assert asked.payload == {"requestId": 7}
        assert result.succeeded
        kept = [
            {"id": "vw-1", "curveType": "VoltWatt", "isDefault": True, "isSuperseded": True, "curve": CURVE},
            {"id": "vw-2", "curveType": "VoltWatt", "isDefault": True, "isSuperseded": False, "curve": CURVE},
        ]
        assert await station.call("ReportDERControl", {"requestId": 7, "tbc": True, "curve": kept}) == {}
        report = await lab.row(StationReport, station_id=station.ref.id, kind=ReportKind.DER_CONTROLS)
        assert (report.state, report.entries) == ("arriving", 2)
        fixed = [{"id": "fv-9", "isDefault": False, "isSuperseded": False, "fixedVar": FIXED_VAR}]
        assert await station.call("ReportDERControl", {"requestId": 7, "fixedVar": fixed}) == {}
        report = await lab.row(StationReport, station_id=station.ref.id, kind=ReportKind.DER_CONTROLS)
        assert (report.state, report.entries, report.parts) == ("complete", 3, [0, 1])
        assert await controls(lab, station) == {"vw-1": "superseded", "vw-2": "installed", "fv-9": "installed"}
        told = await lab.row(DerControl, station_id=station.ref.id, control_id="fv-9")
        assert (told.control_type, told.is_default, told.settings) == ("FixedVar", False, {"fixedVar": FIXED_VAR})


@pytest.mark.case("TC_R_107_CSMS")
async def test_r_107_start_and_stop(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        for control_id, default in (("fv-0", True), ("fv-1", False)):
            control = {"controlId": control_id, "controlType": "FixedVar", "isDefault": default, "fixedVar": FIXED_VAR}
            assert await set_control(lab, station, control) == control
        begun = {
            "controlId": "fv-1",
            "started": True,
            "timestamp": "2026-01-01T10:00:00Z",
            "supersededIds": ["fv-0"],
        }
        assert await station.call("NotifyDERStartStop", begun) == {}
        assert await controls(lab, station) == {"fv-0": "superseded", "fv-1": "active"}
        stopped = {"controlId": "fv-1", "started": False, "timestamp": "2026-01-01T10:10:00Z"}
        assert await station.call("NotifyDERStartStop", stopped) == {}
        row = await lab.row(DerControl, station_id=station.ref.id, control_id="fv-1")
        assert row.state == "ended"
        assert row.started_at is not None
        assert row.ended_at is not None
        assert row.ended_at - row.started_at == timedelta(minutes=10)
        again = {"controlId": "fv-0", "started": True, "timestamp": "2026-01-01T10:10:00Z"}
        assert await station.call("NotifyDERStartStop", again) == {}
        unknown = {"controlId": "theirs", "started": True, "timestamp": "2026-01-01T10:20:00Z"}
        assert await station.call("NotifyDERStartStop", unknown) == {}
        assert await controls(lab, station) == {"fv-0": "active", "fv-1": "ended", "theirs": "active"}


@pytest.mark.case("TC_R_107_CSMS")
@pytest.mark.parametrize("status", ["Rejected", "NotSupported", "NotFound"])
async def test_r_107_a_refusal_changes_nothing(lab: Lab, status: str) -> None:
    async with lab.station("2.1") as station:
        control = {"controlId": "pf", "controlType": "FixedVar", "isDefault": False, "fixedVar": FIXED_VAR}
        await set_control(lab, station, control, status=status, statusInfo={"reasonCode": "OutOfRange"})
        row = await lab.row(DerControl, station_id=station.ref.id)
        assert (row.state, row.reason) == ("rejected", f"{status}: OutOfRange")
        await set_control(lab, station, control)
        other = control | {"fixedVar": FIXED_VAR | {"setpoint": 99}}
        await set_control(lab, station, other, status=status)
        row = await lab.row(DerControl, station_id=station.ref.id)
        assert (row.state, row.settings) == ("installed", {"fixedVar": FIXED_VAR})


@pytest.mark.case("TC_R_107_CSMS")
async def test_r_107_clearing(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        for control_id, default in (("a", True), ("b", False), ("c", False)):
            control = {"controlId": control_id, "controlType": "FixedVar", "isDefault": default, "fixedVar": FIXED_VAR}
            await set_control(lab, station, control)
        one = {"isDefault": False, "controlId": "b"}
        await lab.operate(station, "ClearDERControl", one, {"status": "Accepted"})
        assert await controls(lab, station) == {"a": "installed", "b": "cleared", "c": "installed"}
        await lab.operate(station, "ClearDERControl", {"isDefault": True}, {"status": "Rejected"})
        assert (await controls(lab, station))["a"] == "installed"
        await lab.operate(station, "ClearDERControl", {"isDefault": True}, {"status": "Accepted"})
        assert await controls(lab, station) == {"a": "cleared", "b": "cleared", "c": "installed"}
        with tenant_scope(lab.green.id):
            async with lab.platform.database.reading() as session:
                assert [row.control_id for row in await der_controls(session, station.ref.id)] == ["c"]
        with tenant_scope(lab.blue.id):
            async with lab.platform.database.reading() as session:
                assert not await der_controls(session, station.ref.id)


@pytest.mark.case("TC_R_107_CSMS")
async def test_r_107_nothing_of_the_kind(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        long_ago = lab.platform.clock.now() - timedelta(days=1)
        was: Json = {"station_id": station.ref.id, "control_type": "VoltVar", "updated_at": long_ago}
        await lab.add(DerControl(control_id="gone", confirmed_at=long_ago, **was))
        asking = {"requestId": 3, "controlType": "VoltVar"}
        await lab.operate(station, "GetDERControl", asking, {"status": "NotFound"})
        report = await lab.row(StationReport, station_id=station.ref.id, kind=ReportKind.DER_CONTROLS)
        assert report.state == "empty"
        assert await controls(lab, station) == {"gone": "cleared"}


@pytest.mark.case("TC_R_108_CSMS")
async def test_r_108_an_alarm_opens_and_closes(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        alarm = {"controlType": "LFMustTrip", "timestamp": "2026-01-01T10:00:00Z"}
        begun = alarm | {"gridEventFault": "UnderFrequency", "extraInfo": "47.4 Hz"}
        assert await station.call("NotifyDERAlarm", begun) == {}
        assert await station.call("NotifyDERAlarm", begun) == {}
        event = await lab.row(StationEvent, station_id=station.ref.id, kind="device.alert")
        assert event.text == "The grid triggered LFMustTrip: UnderFrequency, 47.4 Hz"
        assert (event.severity, event.resolved_at) == ("problem", None)
        ended = alarm | {"timestamp": "2026-01-01T10:05:00Z", "alarmEnded": True}
        assert await station.call("NotifyDERAlarm", ended) == {}
        event = await lab.row(StationEvent, station_id=station.ref.id, kind="device.alert")
        assert event.resolved_at is not None
        assert event.resolved_at - event.at == timedelta(minutes=5)

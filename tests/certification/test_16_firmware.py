"""OCPP 1.6: firmware management, diagnostics and the security extension's logs and updates."""

import pytest

from models import ChargingStation, MaintenanceJob
from tests.certification.lab import Lab
from tests.certification.station import BOOT, BenchStation, Json

UPDATE = {"location": "https://files.example/fw.bin", "retrieveDate": "2026-01-01T10:00:00Z", "retries": 2}
NEW_BOOT = BOOT["1.6"] | {"firmwareVersion": "1.1"}


def status(word: str) -> Json:
    return {"connectorId": 1, "errorCode": "NoError", "status": word}


async def play(station: BenchStation, action: str, story: list[str], **fields: int) -> None:
    """Tell a story: notifications of this action, statuses of connector 1, boots, and security events."""
    for word in story:
        if word in ("Available", "Unavailable"):
            assert await station.call("StatusNotification", status(word)) == {}
        elif word == "Boot":
            assert (await station.boot())["status"] == "Accepted"
        elif word == "NewBoot":
            assert (await station.call("BootNotification", NEW_BOOT))["status"] == "Accepted"
        elif word == "Event":
            event = {"type": "FirmwareUpdated", "timestamp": "2026-01-01T10:00:00Z"}
            assert await station.call("SecurityEventNotification", event) == {}
        else:
            assert await station.call(action, {"status": word} | fields) == {}


def words(job: MaintenanceJob) -> list[str]:
    return [entry["status"] for entry in job.progress]


@pytest.mark.parametrize(
    ("story", "state"),
    [
        pytest.param(
            ["Downloading", "Downloaded", "Unavailable", "Installing", "Boot", "Available", "Installed"],
            "done",
            marks=pytest.mark.case("TC_044_1_CSMS"),
        ),
        pytest.param(["Downloading", "DownloadFailed"], "failed", marks=pytest.mark.case("TC_044_2_CSMS")),
        pytest.param(
            ["Downloading", "Downloaded", "Unavailable", "Installing", "Boot", "Available", "InstallationFailed"],
            "failed",
            marks=pytest.mark.case("TC_044_3_CSMS"),
        ),
        pytest.param(["Downloading", "NewBoot"], "done", marks=pytest.mark.quirk(70)),
        pytest.param(["Downloading", "NewBoot", "InstallationFailed"], "failed", marks=pytest.mark.quirk(70)),
    ],
)
async def test_tc_044_firmware_update(lab: Lab, story: list[str], state: str) -> None:
    async with lab.station() as station:
        asked, result = await lab.operate(station, "UpdateFirmware", UPDATE, {})
        assert asked.payload == UPDATE
        assert result.succeeded
        await play(station, "FirmwareStatusNotification", story)
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.action, job.state, job.request) == ("firmware", "UpdateFirmware", state, UPDATE)
        told = [word for word in story if word not in ("Available", "Unavailable", "Boot", "NewBoot")]
        assert [word for word in words(job) if word not in ("Accepted", "Booted")] == told
        assert job.ended_at is not None
        assert job.version_before == "1.0"
        station_row = await lab.row(ChargingStation, id=station.ref.id)
        assert station_row.firmware_version == ("1.1" if "NewBoot" in story else "1.0")


async def test_news_of_a_job_nobody_recorded_creates_it(lab: Lab) -> None:
    async with lab.station() as station:
        await play(station, "FirmwareStatusNotification", ["Idle"])
        assert await lab.rows(MaintenanceJob, station_id=station.ref.id) == []
        await play(station, "FirmwareStatusNotification", ["Downloading", "Downloaded"])
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.action, job.asked_at, job.state) == ("", None, "running")


@pytest.mark.parametrize(
    ("story", "state"),
    [
        pytest.param(["Uploading", "Uploaded"], "done", marks=pytest.mark.case("TC_045_1_CSMS")),
        pytest.param(["Uploading", "UploadFailed"], "failed", marks=pytest.mark.case("TC_045_2_CSMS")),
    ],
)
async def test_tc_045_get_diagnostics(lab: Lab, story: list[str], state: str) -> None:
    request = {"location": "ftp://files.example/logs", "startTime": "2026-01-01T00:00:00Z", "retries": 1}
    async with lab.station() as station:
        asked, result = await lab.operate(station, "GetDiagnostics", request, {"fileName": "diag-1.zip"})
        assert asked.payload == request
        assert result.succeeded
        await play(station, "DiagnosticsStatusNotification", story)
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.state, job.file_name, job.status) == ("log", state, "diag-1.zip", story[-1])


@pytest.mark.case("TC_045_2_CSMS")
async def test_tc_045_nothing_to_upload(lab: Lab) -> None:
    async with lab.station() as station:
        await lab.operate(station, "GetDiagnostics", {"location": "ftp://files.example/logs"}, {})
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.state, job.file_name) == ("done", "")


@pytest.mark.case("TC_079_CSMS")
async def test_tc_079_security_log(lab: Lab) -> None:
    request = {"logType": "SecurityLog", "requestId": 12, "log": {"remoteLocation": "https://files.example/up"}}
    async with lab.station() as station:
        asked, _ = await lab.operate(station, "GetLog", request, {"status": "Accepted", "filename": "sec.log"})
        assert asked.payload == request
        await play(station, "LogStatusNotification", ["Uploading", "Uploaded"], requestId=12)
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.request_id, job.state, job.file_name) == ("log", 12, "done", "sec.log")


SIGNED = {
    "requestId": 44,
    "firmware": {
        "location": "https://files.example/fw.bin",
        "retrieveDateTime": "2026-01-01T10:00:00Z",
        "signingCertificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "signature": "c2lnbmF0dXJl",
    },
}


@pytest.mark.parametrize(
    ("story", "state"),
    [
        pytest.param(
            [
                *("Downloading", "Downloaded", "SignatureVerified", "Unavailable", "Installing"),
                *("InstallRebooting", "NewBoot", "Event", "Available", "Installed"),
            ],
            "done",
            marks=pytest.mark.case("TC_080_CSMS"),
        ),
        pytest.param(
            [
                *("Downloading", "Downloaded", "SignatureVerified", "Installing"),
                *("Installed", "Event", "NewBoot", "InstallRebooting"),
            ],
            "done",
            marks=pytest.mark.case("TC_080_CSMS"),
        ),
        pytest.param(
            ["Downloading", "Downloaded", "InvalidSignature"], "failed", marks=pytest.mark.case("TC_081_CSMS")
        ),
    ],
)
async def test_tc_080_tc_081_signed_firmware(lab: Lab, story: list[str], state: str) -> None:
    async with lab.station() as station:
        asked, result = await lab.operate(station, "SignedUpdateFirmware", SIGNED, {"status": "Accepted"})
        assert asked.payload == SIGNED  # signature and certificate as configured, good or bad
        assert result.succeeded
        await play(station, "SignedFirmwareStatusNotification", story, requestId=44)
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.request_id, job.state) == (44, state)
        assert job.request["firmware"]["signature"] == "c2lnbmF0dXJl"
        if "NewBoot" in story:
            was_open = story.index("NewBoot") < story.index("Installed")
            assert (job.version_before, job.version_after) == ("1.0", "1.1" if was_open else "")

"""OCPP 2.0.1, L: firmware updates and publishing."""

import pytest

from models import MaintenanceJob
from tests.certification.lab import Lab
from tests.certification.station import BOOT, BenchStation, Json
from tests.certification.transacting import NOW, begin_201, end_201, status_201

NEW = {**BOOT["2.0.1"]["chargingStation"], "firmwareVersion": "2.1"}
DOWNLOAD = ("Downloading", "Downloaded", "SignatureVerified")
INSTALL = ("Installing", "InstallRebooting", "NewBoot", "Available", "Installed")


def update(request_id: int = 1, **more: str) -> Json:
    firmware = {
        "location": "https://files.example/fw.bin",
        "retrieveDateTime": "2026-01-01T10:00:00Z",
        "signingCertificate": "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        "signature": "c2ln",
    }
    return {"requestId": request_id, "firmware": firmware | more}


async def tell(lab: Lab, station: BenchStation, story: list[str], request_id: int = 1) -> None:
    """Firmware statuses, and between them boots, statuses, transactions and security events."""
    for word in story:
        if word in ("Boot", "NewBoot"):
            changes = {"chargingStation": NEW} if word == "NewBoot" else {}
            assert (await station.boot(reason="FirmwareUpdate", **changes))["status"] == "Accepted"
        elif word in ("Available", "Unavailable"):
            await status_201(station, word)
        elif word == "TransactionEnds":
            await end_201(station, "tx-1", "StopAuthorized", "Local")
        elif word.startswith("Event:"):
            event = {"type": word.removeprefix("Event:"), "timestamp": NOW}
            assert await station.call("SecurityEventNotification", event) == {}
        else:
            payload = {"status": word, "requestId": request_id}
            assert await station.call("FirmwareStatusNotification", payload) == {}


CASES: list[tuple[str, Json, list[str], str]] = [
    ("L_01", update(), [*DOWNLOAD, *INSTALL], "done"),
    (
        "L_02",
        update(installDateTime="2099-01-01T00:00:00Z"),
        [*DOWNLOAD, "InstallScheduled", *INSTALL],
        "done",
    ),
    ("L_03", update(retrieveDateTime="2099-01-01T00:00:00Z"), ["DownloadScheduled", *DOWNLOAD, *INSTALL], "done"),
    ("L_13", update(), [*DOWNLOAD, "InstallScheduled", "TransactionEnds", "Unavailable", *INSTALL], "done"),
    (
        "L_06",
        update(signature="d3Jvbmc="),
        ["Downloading", "Downloaded", "InvalidSignature", "Event:InvalidFirmwareSignature"],
        "failed",
    ),
    ("L_07", update(), ["Downloading", "DownloadFailed"], "failed"),
    ("L_08", update(), [*DOWNLOAD, "Installing", "InstallVerificationFailed"], "failed"),
    ("L_09", update(), [*DOWNLOAD, "Installing", "InstallRebooting", "Boot", "InstallationFailed"], "failed"),
]


@pytest.mark.parametrize(
    ("number", "request_", "story", "state"),
    [pytest.param(*row, marks=pytest.mark.case(f"TC_{row[0]}_CSMS")) for row in CASES],
)
async def test_l_secure_update(lab: Lab, number: str, request_: Json, story: list[str], state: str) -> None:
    async with lab.station("2.0.1") as station:
        if number == "L_13":
            await begin_201(lab, station)
        asked, result = await lab.operate(station, "UpdateFirmware", request_, {"status": "Accepted"})
        assert asked.payload == request_
        assert result.succeeded
        await tell(lab, station, story)
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.request_id, job.state) == ("firmware", 1, state)
        statuses = [entry["status"] for entry in job.progress]
        assert statuses[0] == "Accepted"
        assert [word for word in statuses[1:] if word != "Booted"] == [
            word
            for word in story
            if not word.endswith(("Boot", "vailable", "TransactionEnds")) and not word.startswith("Event:")
        ]
        if "NewBoot" in story:
            assert (job.version_before, job.version_after) == ("2.0", "2.1")


@pytest.mark.parametrize(
    ("answer", "event"),
    [
        pytest.param("RevokedCertificate", None, marks=pytest.mark.case("TC_L_04_CSMS")),
        pytest.param(
            "InvalidCertificate",
            "Event:InvalidFirmwareSigningCertificate",
            marks=pytest.mark.case("TC_L_05_CSMS"),
        ),
    ],
)
async def test_l_04_l_05_certificate_refused(lab: Lab, answer: str, event: str | None) -> None:
    async with lab.station("2.0.1") as station:
        _, result = await lab.operate(station, "UpdateFirmware", update(), {"status": answer})
        assert (result.answer_status, result.succeeded) == (answer, False)
        if event:
            await tell(lab, station, [event])
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.state, job.status) == ("failed", answer)
        assert job.ended_at is not None


@pytest.mark.case("TC_L_10_CSMS")
async def test_l_10_accepted_canceled(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await lab.operate(station, "UpdateFirmware", update(1), {"status": "Accepted"})
        await tell(lab, station, ["Downloading"], 1)
        _, result = await lab.operate(station, "UpdateFirmware", update(2), {"status": "AcceptedCanceled"})
        assert result.succeeded
        await tell(lab, station, [*DOWNLOAD, *INSTALL], 2)
        first, second = await lab.rows(MaintenanceJob, station_id=station.ref.id)
        assert (first.request_id, first.state) == (1, "cancelled")
        assert (second.request_id, second.state) == (2, "done")


@pytest.mark.case("TC_L_11_CSMS")
async def test_l_11_rejected(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        await lab.operate(station, "UpdateFirmware", update(1), {"status": "Accepted"})
        await tell(lab, station, ["Downloading"], 1)
        _, result = await lab.operate(station, "UpdateFirmware", update(2), {"status": "Rejected"})
        assert not result.succeeded
        first, second = await lab.rows(MaintenanceJob, station_id=station.ref.id)
        assert (first.state, second.state) == ("running", "failed")
        await tell(lab, station, ["Downloaded", "SignatureVerified", *INSTALL], 1)
        first, second = await lab.rows(MaintenanceJob, station_id=station.ref.id)
        assert (first.state, second.state) == ("done", "failed")


PUBLISH = {"location": "https://files.example/fw.bin", "checksum": "0" * 32, "requestId": 5}


@pytest.mark.parametrize(
    ("story", "state"),
    [
        pytest.param(
            ["DownloadScheduled", "Downloading", "Downloaded", "ChecksumVerified", "Published"],
            "done",
            marks=pytest.mark.case("TC_L_17_CSMS"),
        ),
        pytest.param(
            ["Downloading", "Downloaded", "InvalidChecksum"], "failed", marks=pytest.mark.case("TC_L_19_CSMS")
        ),
        pytest.param(
            ["Downloading", "Downloaded", "ChecksumVerified", "PublishFailed"],
            "failed",
            marks=pytest.mark.case("TC_L_20_CSMS"),
        ),
        pytest.param(["Downloading", "DownloadFailed"], "failed", marks=pytest.mark.case("TC_L_24_CSMS")),
    ],
)
async def test_l_17_to_l_24_publish(lab: Lab, story: list[str], state: str) -> None:
    places = ["http://10.0.0.1/fw", "https://10.0.0.1/fw", "ftp://10.0.0.1/fw"]
    async with lab.station("2.0.1") as station:
        asked, result = await lab.operate(station, "PublishFirmware", PUBLISH, {"status": "Accepted"})
        assert asked.payload == PUBLISH
        assert result.succeeded
        for word in story:
            payload: Json = {"status": word, "requestId": 5}
            payload |= {"location": places} if word == "Published" else {}
            assert await station.call("PublishFirmwareStatusNotification", payload) == {}
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.kind, job.state, job.status) == ("publish", state, story[-1])
        assert job.locations == (places if state == "done" else [])


@pytest.mark.parametrize(
    ("answer", "left"),
    [
        pytest.param("Unpublished", 0, marks=pytest.mark.case("TC_L_21_CSMS")),
        pytest.param("NoFirmware", 0, marks=pytest.mark.case("TC_L_22_CSMS")),
        pytest.param("DownloadOngoing", 1, marks=pytest.mark.case("TC_L_23_CSMS")),
    ],
)
async def test_l_21_l_22_l_23_unpublish(lab: Lab, answer: str, left: int) -> None:
    async with lab.station("2.0.1") as station:
        await lab.operate(station, "PublishFirmware", PUBLISH, {"status": "Accepted"})
        published = {"status": "Published", "requestId": 5, "location": ["http://10.0.0.1/fw"]}
        await station.call("PublishFirmwareStatusNotification", published)
        request = {"checksum": "0" * 32}
        asked, result = await lab.operate(station, "UnpublishFirmware", request, {"status": answer})
        assert asked.payload == request
        assert (result.answer_status, result.succeeded) == (answer, answer == "Unpublished")
        job = await lab.row(MaintenanceJob, station_id=station.ref.id)
        assert (job.status, len(job.locations)) == (answer, left)

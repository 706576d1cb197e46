"""Clients that others wrote: npm's `ocpp-rpc` in strict mode checks each of our frames, `test-ocpp` signs in.

Its schemas of 2.1 cannot be found by its own names, so it is of use for 1.6 and 2.0.1.
"""

import asyncio
import sys
from typing import Any

import pytest

from csms.commands.commands import (
    ChangeAvailability,
    ClearCache,
    GetVariables,
    RawRequest,
    RequestStart,
    RequestStop,
    Reset,
    SetVariable,
    StationCommand,
    TriggerMessage,
    UnlockConnector,
    VariableName,
)
from csms.ocpp.actions import UNANSWERED
from csms.ocpp.codec import from_csms
from csms.ocpp.version import OcppVersion
from models import CommandState, Transaction
from tests.certification.lab import Lab
from tests.certification.minimal import minimal
from tests.certification.station import BOOT
from tests.certification.stranger import stranger
from tests.csms.gateway.stations import PASSWORD

AT = "2026-01-01T00:00:00Z"
LATER = "2026-01-01T00:30:00Z"
_STARTS_A_BOOT = {"TriggerMessage", "ExtendedTriggerMessage"}


def meter(wh: Any, at: str, context: str = "Sample.Periodic") -> dict[str, Any]:
    return {"timestamp": at, "sampledValue": [{"value": wh, "context": context}]}


async def test_a_strict_station_of_1_6_finds_nothing_wrong(lab: Lab) -> None:
    ref, card = await lab.register(), await lab.token()
    async with stranger(lab, ref.identity, "ocpp1.6") as station:
        assert (await station.call("BootNotification", BOOT["1.6"]))["status"] == "Accepted"
        await station.call("Heartbeat", {})
        await station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"})
        assert (await station.call("Authorize", {"idTag": card}))["idTagInfo"]["status"] == "Accepted"
        assert (await station.call("Authorize", {"idTag": "unknown"}))["idTagInfo"]["status"] == "Invalid"
        start = {"connectorId": 1, "idTag": card, "meterStart": 0, "timestamp": AT}
        transaction_id = (await station.call("StartTransaction", start))["transactionId"]
        values = {"connectorId": 1, "transactionId": transaction_id, "meterValue": [meter("500", AT)]}
        assert await station.call("MeterValues", values) == {}
        stop = {"transactionId": transaction_id, "idTag": card, "meterStop": 1000, "timestamp": LATER}
        await station.call("StopTransaction", stop)
        assert (await station.call("DataTransfer", {"vendorId": "x"}))["status"] == "UnknownVendorId"
        row = await lab.row(Transaction, station_id=ref.id)
        assert (row.is_open, row.energy_wh) == (False, 1000)


@pytest.mark.parametrize("version", ["2.0.1"])
async def test_a_strict_station_of_2_x_finds_nothing_wrong(lab: Lab, version: str) -> None:
    ref, card = await lab.register(), await lab.token()
    token = {"idToken": card, "type": "ISO14443"}
    async with stranger(lab, ref.identity, f"ocpp{version}") as station:
        assert (await station.call("BootNotification", BOOT[version]))["status"] == "Accepted"
        await station.call("Heartbeat", {})
        status = {"timestamp": AT, "connectorStatus": "Occupied", "evseId": 1, "connectorId": 1}
        assert await station.call("StatusNotification", status) == {}
        assert (await station.call("Authorize", {"idToken": token}))["idTokenInfo"]["status"] == "Accepted"
        for number, (kind, trigger, wh, at) in enumerate(
            [
                ("Started", "Authorized", 0, AT),
                ("Updated", "MeterValuePeriodic", 500, "2026-01-01T00:10:00Z"),
                ("Ended", "StopAuthorized", 1000, LATER),
            ]
        ):
            event: dict[str, Any] = {"eventType": kind, "timestamp": at, "triggerReason": trigger, "seqNo": number}
            event |= {"transactionInfo": {"transactionId": f"s-{ref.id}"}, "evse": {"id": 1, "connectorId": 1}}
            event |= {"meterValue": [meter(wh, at)]} | ({} if kind == "Updated" else {"idToken": token})
            await station.call("TransactionEvent", event)
        assert (await station.call("DataTransfer", {"vendorId": "x"}))["status"] == "UnknownVendorId"
        row = await lab.row(Transaction, station_id=ref.id)
        assert (row.is_open, row.energy_wh) == (False, 1000)


def typed_commands(version: OcppVersion) -> list[StationCommand]:
    is_1_6 = version is OcppVersion.V16
    component = "" if is_1_6 else "OCPPCommCtrlr"
    return [
        RequestStart(1, "CARD", "ISO14443", 7),
        RequestStop("7"),
        ChangeAvailability(1, None, operative=False),
        Reset(immediate=True),
        UnlockConnector(1, 1),
        TriggerMessage("Heartbeat"),
        GetVariables((VariableName("HeartbeatInterval", component),)),
        SetVariable("HeartbeatInterval", "60", component),
        ClearCache(),
    ]


@pytest.mark.parametrize("version", [OcppVersion.V16, OcppVersion.V201])
async def test_every_request_we_send_is_valid_to_a_strict_station(lab: Lab, version: OcppVersion) -> None:
    actions = sorted(from_csms(version) - UNANSWERED)
    suffix = "" if version is OcppVersion.V16 else "Request"
    raw = [RawRequest(action, minimal(version, f"{action}{suffix}")) for action in actions]
    ref = await lab.register()
    async with stranger(lab, ref.identity, f"ocpp{version.value}") as station:
        await station.call("BootNotification", BOOT[version.value])
        answers = {action: minimal(version, f"{action}Response") for action in actions}
        await station.obey({"answers": answers})
        for command in [*typed_commands(version), *raw]:
            if isinstance(command, RawRequest) and command.action in _STARTS_A_BOOT:
                continue  # its smallest payload asks for a boot, which an accepted station must not be asked for
            result = await lab.ask(ref, command)
            assert result.state == CommandState.ANSWERED, (command, result)
        assert {action for action, _ in station.asked} >= set(actions) - _STARTS_A_BOOT


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_the_connection_tester_is_content(lab: Lab, version: str) -> None:
    ref = await lab.register()
    arguments = ["-m", "test_ocpp", f"ws://127.0.0.1:{lab.platform.gateway.port}/ocpp", ref.identity]
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, *arguments, "--ocpp", version, "--password", PASSWORD],
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()

"""Pending, rejected, accepted: what a station may say and be asked (TR_86 to TR_96, X16_11 to X16_13)."""

import asyncio
import re
from typing import Any

import pytest

from csms.commands.commands import ClearCache, GetVariables, RequestStart, RequestStop, StationCommand, TriggerMessage
from csms.errors import ConflictError
from csms.gateway.server import Gateway
from models.db import Database
from tests.csms.gateway.stations import RawStation, row_of, set_station, station_at
from tests.tenancy import TwoTenants

BOOT_16 = {"chargePointVendor": "Vendor", "chargePointModel": "Model", "firmwareVersion": "1.2"}
BOOT_201 = {"reason": "PowerUp", "chargingStation": {"vendorName": "Vendor", "model": "Model"}}
STATUS_16 = {"connectorId": 1, "errorCode": "NoError", "status": "Available"}
BOTH = pytest.mark.parametrize(("version", "boot"), [("ocpp1.6", BOOT_16), ("ocpp2.0.1", BOOT_201)])


async def delivered(gateway: Gateway, tenants: TwoTenants, station: RawStation, command: StationCommand) -> Any:
    """Deliver a command that the station accepts."""
    delivery = asyncio.create_task(gateway.deliver(tenants.green.station, command))
    asked = await station.receive()
    await station.send([3, asked[1], {"status": "Accepted"}])
    return await delivery


@BOTH
async def test_a_station_that_boots_is_accepted(
    gateway: Gateway, database: Database, tenants: TwoTenants, version: str, boot: dict[str, Any]
) -> None:
    async with station_at(gateway, "GREEN-1", version) as station:
        answer = await station.call("BootNotification", boot)
        assert answer["status"] == "Accepted"
        assert 270 <= answer["interval"] <= 330  # TR_86
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", answer["currentTime"])  # TR_94
        row = await row_of(database, tenants.green.station)
        assert (row.vendor, row.model) == ("Vendor", "Model")


async def test_tr_86_intervals_differ_from_station_to_station(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        intervals = {(await station.call("BootNotification", BOOT_16))["interval"] for _ in range(20)}
    assert len(intervals) > 3


@BOTH
async def test_tr_90_a_pending_station_may_only_register(
    gateway: Gateway, database: Database, tenants: TwoTenants, version: str, boot: dict[str, Any]
) -> None:
    await set_station(database, tenants.green.station, registration="Pending")
    async with station_at(gateway, "GREEN-1", version) as station:
        answer = await station.call("BootNotification", boot)
        assert answer["status"] == "Pending"
        assert answer["interval"] > 0
        assert (await station.exchange("Heartbeat", {}))[2] == "SecurityError"
        await delivered(gateway, tenants, station, ClearCache())
        await delivered(gateway, tenants, station, TriggerMessage("Heartbeat"))
        assert "currentTime" in await station.call("Heartbeat", {})
        for command in (RequestStart(1, "GREEN-CARD", "ISO14443", 1), RequestStop("1")):
            with pytest.raises(ConflictError, match="pending"):
                await gateway.deliver(tenants.green.station, command)


async def test_tr_91_a_pending_station_may_send_the_report_it_was_asked_for(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    await set_station(database, tenants.green.station, registration="Pending")
    report = {"requestId": 1, "generatedAt": "2026-01-01T00:00:00Z", "seqNo": 0}
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1") as station:
        assert (await station.exchange("NotifyReport", report))[2] == "SecurityError"
        await delivered(gateway, tenants, station, GetVariables())
        assert await station.call("NotifyReport", report) == {}


@BOTH
async def test_tr_92_a_rejected_station_is_told_so_and_asked_nothing(
    gateway: Gateway, database: Database, tenants: TwoTenants, version: str, boot: dict[str, Any]
) -> None:
    await set_station(database, tenants.green.station, registration="Rejected")
    async with station_at(gateway, "GREEN-1", version) as station:
        assert (await station.call("BootNotification", boot))["status"] == "Rejected"
        assert (await station.exchange("Heartbeat", {}))[2] == "SecurityError"
        with pytest.raises(ConflictError, match="rejected"):
            await gateway.deliver(tenants.green.station, ClearCache())


async def test_a_station_accepted_meanwhile_is_welcome_after_its_next_boot(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    await set_station(database, tenants.green.station, registration="Pending")
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("BootNotification", BOOT_16, "1")
        await set_station(database, tenants.green.station, registration="Accepted")
        assert (await station.call("BootNotification", BOOT_16, "2"))["status"] == "Accepted"
        assert await station.call("StatusNotification", STATUS_16) == {}


async def test_tr_93_never_booted_here_but_accepted_before(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        assert await station.call("StatusNotification", STATUS_16) == {}


async def test_x16_13_a_booted_station_is_not_asked_to_boot_again(gateway: Gateway, tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        await delivered(gateway, tenants, station, TriggerMessage("BootNotification"))  # quirk 18: none seen yet
        await station.call("BootNotification", BOOT_16)
        with pytest.raises(ConflictError, match="boot"):
            await gateway.deliver(tenants.green.station, TriggerMessage("BootNotification"))

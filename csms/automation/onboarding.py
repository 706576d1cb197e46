"""Reads what a station can do once per firmware version (B07, DS_60 to DS_65), gently: it is nothing to get stuck on.

A 1.6 station is asked for all its keys; one that answers badly, or falls silent, is asked key by key and never for all
again (quirk 24). A 2.x station is asked for its inventory, the largest first; where there is none, or an empty one
(quirk 65), for the few variables that set limits.
"""

import asyncio
import secrets

from csms.automation.service import Hands, Reaction
from csms.bus.events import Event, RegistrationChanged, ReportReceived, StationBooted, StationConnected
from csms.commands.commands import GetVariables, RawRequest, StationCommand, VariableName
from csms.commands.service import CommandResult
from csms.stations.abilities import is_read, keep_capabilities, note_attempt, was_attempted
from csms.stations.keys16 import CORE_KEYS, FIRST_KEYS, OTHER_KEYS
from csms.stations.ref import StationRef
from models import ChargingStation, CommandState, Registration, ReportKind, StationReport

SETTLE_S = 3.0
"""A station that has just booted sends statuses first; many do not listen meanwhile."""
QUIET_S = 15.0
"""A station that only reconnected may still boot, and is read then."""

_ALL_KEYS = "all keys"
_INVENTORIES = ("FullInventory", "ConfigurationInventory", "SummaryInventory")
_SENDERS = ("GetReport", "GetVariables", "SetVariables")
_MONITOR_SENDERS = ("SetVariableMonitoring", "ClearVariableMonitoring")
_LIMITS = (
    *(
        VariableName(name, "DeviceDataCtrlr", variable_instance=action)
        for action in _SENDERS
        for name in ("ItemsPerMessage", "BytesPerMessage")
    ),
    *(VariableName("ItemsPerMessage", "MonitoringCtrlr", variable_instance=action) for action in _MONITOR_SENDERS),
    VariableName("ItemsPerMessage", "LocalAuthListCtrlr"),
    VariableName("Entries", "SmartChargingCtrlr", variable_instance="ChargingProfiles"),
    VariableName("PeriodsPerSchedule", "SmartChargingCtrlr"),
    VariableName("ProfileStackLevel", "SmartChargingCtrlr"),
    VariableName("RateUnit", "SmartChargingCtrlr"),
    VariableName("TxStartPoint", "TxCtrlr"),
    VariableName("TxStopPoint", "TxCtrlr"),
)
_reading: set[int] = set()
"""Stations being read in this process: each once at a time."""


async def read_after_boot(hands: Hands, event: StationBooted) -> None:
    """Read a station that has booted, unless its firmware is known. A pending one may be read too (B02)."""
    if hands.settings.read_capabilities and event.registration != Registration.REJECTED:
        await _read_once(hands, event, SETTLE_S)


async def read_after_reconnect(hands: Hands, event: StationConnected) -> None:
    """Read a station that came back without a boot and was never read (quirk 18)."""
    if hands.settings.read_capabilities:
        await _read_once(hands, event, QUIET_S)


async def summarise_report(hands: Hands, event: ReportReceived) -> None:
    """A whole inventory has come: work out what the station can do."""
    if event.kind != ReportKind.DEVICE_MODEL or not hands.settings.read_capabilities:
        return
    async with hands.database.reading() as session:
        report = await session.get_one(StationReport, event.report_id)
    if report.action != "GetBaseReport":
        return
    if report.entries == 0:  # quirk 65
        await _read_limits(hands, event)
    else:
        await _keep(hands, event, str(report.request.get("reportBase")))


async def ask_to_boot(hands: Hands, event: RegistrationChanged) -> None:
    """Whoever was told to wait is asked to register again, rather than left waiting (B02, B_31)."""
    station = await _station(hands, event)
    if event.registration == Registration.ACCEPTED and station.is_online:
        await hands.commands.trigger_message(hands.actor(event.tenant_id), event.station_id, "BootNotification")


async def _read_once(hands: Hands, event: Event, wait_s: float) -> None:
    if event.station_id in _reading:
        return
    _reading.add(event.station_id)
    try:
        await asyncio.sleep(wait_s)
        station = await _station(hands, event)
        is_rejected = station.registration == Registration.REJECTED
        if station.is_online and not is_rejected and not is_read(station):
            await _read(hands, event, station)
    finally:
        _reading.discard(event.station_id)


async def _read(hands: Hands, event: Event, station: ChargingStation) -> None:
    if station.ocpp_version == "1.6":
        return await _read_keys(hands, event, station)
    for base in _INVENTORIES:
        payload = {"requestId": secrets.randbelow(2**31 - 1) + 1, "reportBase": base}
        result = await _ask(hands, event, RawRequest("GetBaseReport", payload))
        if result.state == CommandState.ANSWERED and result.answer_status == "Accepted":
            return  # the report comes in its own time
        if not _goes_on(result):
            return
    await _read_limits(hands, event)


async def _read_keys(hands: Hands, event: Event, station: ChargingStation) -> None:
    if not was_attempted(station, _ALL_KEYS):
        ref = _ref(station)
        await hands.committer.run(lambda work: note_attempt(work, ref, _ALL_KEYS))
        result = await _ask(hands, event, GetVariables())
        if result.state == CommandState.ANSWERED and result.answer and result.answer.get("configurationKey"):
            return await _keep(hands, event, _ALL_KEYS)
        if not _goes_on(result):
            return
    await _ask(hands, event, GetVariables((VariableName(FIRST_KEYS[0]),)))
    rest = tuple(VariableName(key) for key in (*CORE_KEYS, *OTHER_KEYS) if key != FIRST_KEYS[0])
    if (await _ask(hands, event, GetVariables(rest))).state == CommandState.ANSWERED:
        await _keep(hands, event, "key by key")


async def _read_limits(hands: Hands, event: Event) -> None:
    if (await _ask(hands, event, GetVariables(_LIMITS))).state == CommandState.ANSWERED:
        await _keep(hands, event, "variable by variable")


async def _ask(hands: Hands, event: Event, command: StationCommand) -> CommandResult:
    return await hands.commands.request(hands.actor(event.tenant_id), event.station_id, command)


def _goes_on(result: CommandResult) -> bool:
    """Whether it makes sense to ask in another way: not while the station is away or silent."""
    return result.state in (CommandState.ANSWERED, CommandState.REFUSED)


async def _keep(hands: Hands, event: Event, read_by: str) -> None:
    ref = _ref(await _station(hands, event))
    await hands.committer.run(lambda work: keep_capabilities(work, ref, read_by, hands.clock.now()))


async def _station(hands: Hands, event: Event) -> ChargingStation:
    async with hands.database.reading() as session:
        return await session.get_one(ChargingStation, event.station_id)


def _ref(station: ChargingStation) -> StationRef:
    return StationRef(station.id or 0, station.tenant_id, station.location_id, station.identity)


REACTIONS: dict[type[Event], Reaction] = {
    StationBooted: read_after_boot,
    StationConnected: read_after_reconnect,
    ReportReceived: summarise_report,
    RegistrationChanged: ask_to_boot,
}

"""The acceptance check against stations at a real socket: a good one passes, a bad one is told what is wrong."""

import asyncio
import itertools
import re
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from csms.acceptance.queries import CheckReport, check_report, latest_checks
from csms.acceptance.service import Acceptance, give_up_unfinished
from csms.acceptance.steps import Limits, Wishes
from csms.access.policy import Actor
from csms.clock import SystemClock
from csms.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError
from csms.simulator.plan import EvsePlan, StationPlan
from csms.simulator.station import SimulatedStation
from main import Platform, build
from models import Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.csms.gateway.stations import PASSWORD, basic, give_passwords, settings
from tests.tenancy import SmallTenant, TwoTenants

pytestmark = pytest.mark.slow  # whole platforms

LIMITS = Limits(message_s=5, session_s=5, reset_s=5, boot_s=5)
_ids = itertools.count(1)


@pytest.fixture
async def platform(
    database: Database, database_url: str, two_tenants: TwoTenants, tmp_path: Path
) -> AsyncGenerator[Platform]:
    await give_passwords(database, [*two_tenants.green.stations, *two_tenants.blue.stations])
    opened = build(
        settings(database_url=database_url, data_dir=tmp_path, read_capabilities=False, ocpp_call_timeout_s=2.0)
    )
    opened.committer.start()
    await opened.gateway.start()
    opened.acceptance._limits = LIMITS
    yield opened
    await opened.acceptance.stop()
    await opened.gateway.stop()
    await opened.close()


def clerk(tenant: SmallTenant, role: Role = Role.OPERATOR) -> Actor:
    return Actor(None, "Ada", "ada@example.com", tenant.id, role)


class Charger:
    """A 1.6 station with two connectors that answers by itself; what it gets wrong is said by the test."""

    def __init__(self, platform: Platform, identity: str, **faults: Any) -> None:
        self._platform, self._identity = platform, identity
        self.faults = faults
        self.skew = timedelta(seconds=faults.get("clock_s", 0))
        self.keys = {"HeartbeatInterval": "300", "MeterValueSampleInterval": "60", "NumberOfConnectors": "2"}
        self.keys |= faults.get("keys", {})
        self._transaction: int | None = None

    async def live(self) -> None:
        """Connect, boot and serve; again after each reset."""
        while True:
            async with connect(
                f"ws://127.0.0.1:{self._platform.gateway.port}/ocpp/{self._identity}",
                subprotocols=[Subprotocol("ocpp1.6")],
                additional_headers=basic(self._identity),
            ) as socket:
                with suppress(ConnectionClosed):
                    await self._serve(socket)
            if self.faults.get("stays_away"):
                return

    async def _serve(self, socket: ClientConnection) -> None:
        self._socket = socket
        if not self.faults.get("no_boot"):
            await self._boot()
        for connector in (1, 2):
            await self._status(connector)
        async for text in socket:
            frame = orjson.loads(text)
            if frame[0] == 2:
                await self._answer(frame[1], frame[2], frame[3])
            elif frame[0] == 3 and "transactionId" in frame[2]:
                self._transaction = frame[2]["transactionId"]

    async def _say(self, action: str, payload: dict[str, Any]) -> None:
        await self._socket.send(orjson.dumps([2, f"c{next(_ids)}", action, payload]).decode())

    async def _boot(self) -> None:
        await self._say("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})

    async def _status(self, connector: int) -> None:
        if connector in self.faults.get("silent", ()):
            return
        error = self.faults.get("errors", {}).get(connector, "NoError")
        status = "Available" if error == "NoError" else "Faulted"
        report = {"connectorId": connector, "errorCode": error, "status": status, "timestamp": self._now()}
        await self._say("StatusNotification", report)

    def _now(self) -> str:
        return (datetime.now(UTC) + self.skew).isoformat()

    async def _answer(self, message_id: str, action: str, payload: dict[str, Any]) -> None:
        async def reply(answer: dict[str, Any]) -> None:
            await self._socket.send(orjson.dumps([3, message_id, answer]).decode())

        if action in self.faults.get("refuses", ()):
            return await reply({"status": "Rejected"})
        match action:
            case "TriggerMessage":
                await reply({"status": "Accepted"})
                match payload["requestedMessage"]:
                    case "BootNotification":
                        await self._boot()
                    case "StatusNotification":
                        for connector in (1, 2):
                            await self._status(connector)
                    case _:
                        value = {"measurand": "Voltage", "value": "230"}
                        values = {"timestamp": self._now(), "sampledValue": [value]}
                        await self._say("MeterValues", {"connectorId": 1, "meterValue": [values]})
            case "GetConfiguration":
                asked = payload.get("key") or list(self.keys)
                known = [{"key": key, "readonly": False, "value": self.keys[key]} for key in asked if key in self.keys]
                await reply({"configurationKey": known, "unknownKey": [key for key in asked if key not in self.keys]})
            case "RemoteStartTransaction":
                await reply({"status": "Accepted"})
                if not self.faults.get("no_car"):
                    begin = {"connectorId": payload["connectorId"], "idTag": payload["idTag"], "meterStart": 0}
                    await self._say("StartTransaction", begin | {"timestamp": self._now()})
            case "RemoteStopTransaction":
                await reply({"status": "Accepted"})
                end = {"transactionId": payload["transactionId"], "meterStop": 10, "timestamp": self._now()}
                await self._say("StopTransaction", end)
            case "Reset":
                await reply({"status": "Accepted"})
                if not self.faults.get("ignores_reset"):
                    await self._socket.close()
            case _:
                await reply({"status": "Accepted"})


@asynccontextmanager
async def living(platform: Platform, tenant: SmallTenant, **faults: Any) -> AsyncGenerator[None]:
    charger = Charger(platform, tenant.station.identity, **faults)
    task = asyncio.create_task(charger.live())
    await settled(platform, tenant)
    yield
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def settled(platform: Platform, tenant: SmallTenant) -> None:
    """Wait until it is online, and what it says by itself has been said."""
    await until(lambda: platform.gateway._registry.locate(tenant.station.id) is not None)
    for _ in range(20):
        await platform.committer.run(lambda work: None)
        await asyncio.sleep(0.005)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - there is nothing to wait on but the condition
        await asyncio.sleep(0.005)


async def checked(platform: Platform, tenant: SmallTenant, wishes: Wishes = Wishes()) -> CheckReport:  # noqa: B008
    """Run a check to its end."""
    check_id = await platform.acceptance.begin(clerk(tenant), tenant.station.identity, wishes)
    await asyncio.gather(*platform.acceptance._running.values())
    return await read(platform.database, tenant, check_id)


async def read(database: Database, tenant: SmallTenant, check_id: int) -> CheckReport:
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            return await check_report(session, check_id)


def by_key(report: CheckReport) -> dict[str, tuple[str, str]]:
    return {step.key: (step.state, step.text) for step in report.steps}


async def test_a_good_station_passes_every_step(platform: Platform, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    async with living(platform, green):
        report = await checked(platform, green, Wishes(1, green.token, reset=True))
    found = by_key(report)
    assert {state for state, _ in found.values()} == {"passed"}, found
    assert report.check.state == "passed"
    assert report.identity == "GREEN-1"
    assert report.check.vendor == "Acme"
    assert found["status"][1] == "EVSE 1: Available; EVSE 2: Available."
    assert found["heartbeat"][1] == "Every 300 s."
    assert "began after" in found["session"][1]
    assert all(step.started_at and step.ended_at for step in report.steps)
    with tenant_scope(green.id):
        async with platform.database.reading() as session:
            assert [check.id for check in await latest_checks(session, green.station.id)] == [report.check.id]
    with pytest.raises(NotFoundError):
        await read(platform.database, two_tenants.blue, report.check.id or 0)


BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"no_boot": True, "refuses": ("TriggerMessage",)}, "boot", "no BootNotification on this connection"),
    ({"silent": (2,)}, "status", "No status of EVSE 2"),
    ({"errors": {1: "GroundFailure"}}, "status", r"EVSE 1 reports Faulted \(GroundFailure\)"),
    ({"keys": {"HeartbeatInterval": "0"}}, "heartbeat", r"heartbeat is off"),
    ({"keys": {"MeterValueSampleInterval": "0"}}, "meter", "power and price would stand still"),
    ({"clock_s": -7200}, "clock", "7200 s behind|7199 s behind|7201 s behind"),
    ({"refuses": ("RemoteStartTransaction",)}, "session", "could not be started. GREEN-1 answered Rejected"),
    ({"no_car": True}, "session", "no session began within 1 s"),
    ({"refuses": ("Reset",)}, "reset", "did not restart"),
    ({"ignores_reset": True}, "reset", "stayed connected for 1 s"),
    ({"stays_away": True}, "reset", "was not back within 1 s"),
]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("faults", "key", "why"), BAD, ids=[f"{key}-{number}" for number, (_, key, _) in enumerate(BAD)]
)
async def test_a_bad_station_is_told_what_is_wrong(
    platform: Platform, two_tenants: TwoTenants, faults: dict[str, Any], key: str, why: str
) -> None:
    green = two_tenants.green
    platform.acceptance._limits = Limits(message_s=1, session_s=1, reset_s=1, boot_s=1)
    async with living(platform, green, **faults):
        report = await checked(platform, green, Wishes(1, green.token, reset=key == "reset"))
    state, text = by_key(report)[key]
    assert state == "failed"
    assert re.search(why, text), text
    assert report.check.state == "failed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_the_simulator_passes(platform: Platform, two_tenants: TwoTenants, version: str) -> None:
    green = two_tenants.green
    plan = StationPlan(
        "GREEN-1", PASSWORD, version, evses=(EvsePlan(), EvsePlan()), tokens=(green.token,), sample_interval_s=15
    )
    station = SimulatedStation(plan, f"ws://127.0.0.1:{platform.gateway.port}/ocpp", SystemClock())
    station.start()
    await settled(platform, green)
    await station.plug_in(1)
    report = await checked(platform, green, Wishes(1, green.token))
    await station.stop()
    found = by_key(report)
    assert report.check.state == "passed", found
    assert found["reset"] == ("skipped", "Not asked for.")
    assert found["session"][0] == "passed"
    assert found["meter"][1] == "Every 15 s."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_who_may_and_when(platform: Platform, two_tenants: TwoTenants) -> None:
    green, blue, acceptance = two_tenants.green, two_tenants.blue, platform.acceptance
    with pytest.raises(PermissionDeniedError):
        await acceptance.begin(clerk(green, Role.VIEWER), "GREEN-1", Wishes())
    with pytest.raises(NotFoundError):
        await acceptance.begin(clerk(blue), "GREEN-1", Wishes())
    with pytest.raises(ConflictError, match="not connected"):
        await acceptance.begin(clerk(green), "GREEN-1", Wishes())
    with pytest.raises(InvalidInputError, match="Choose the EVSE"):
        await acceptance.begin(clerk(green), "GREEN-1", Wishes(None, green.token))
    async with living(platform, green, silent=(2,)):
        check_id = await acceptance.begin(clerk(green), "GREEN-1", Wishes())
        with pytest.raises(ConflictError, match="already"):
            await acceptance.begin(clerk(green), "GREEN-1", Wishes())
        with pytest.raises(NotFoundError):
            await acceptance.give_up(clerk(blue), check_id)
        await acceptance.give_up(clerk(green), check_id)
    report = await read(platform.database, green, check_id)
    assert report.check.state == "stopped"
    assert {step.state for step in report.steps} <= {"passed", "skipped", "failed"}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_nobodys_session_is_ended_by_a_check(platform: Platform, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    async with living(platform, green):
        await platform.commands.request_start(clerk(green), "GREEN-1", 2, green.token)
        await settled(platform, green)
        report = await checked(platform, green, Wishes(1, green.token, reset=True))
    found = by_key(report)
    assert found["session"] == found["reset"] == ("skipped", "Somebody is charging at this station.")
    assert report.check.state == "passed"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_what_a_stopped_process_left_is_ended(platform: Platform, two_tenants: TwoTenants) -> None:
    green = two_tenants.green
    async with living(platform, green, silent=(1, 2)):
        check_id = await platform.acceptance.begin(clerk(green), "GREEN-1", Wishes())
        await platform.acceptance.stop()
        assert isinstance(platform.acceptance, Acceptance)
        with platform_scope():
            await platform.committer.run(lambda work: give_up_unfinished(work, platform.clock.now()))
    report = await read(platform.database, green, check_id)
    assert report.check.state == "stopped"
    assert "running" not in {step.state for step in report.steps}

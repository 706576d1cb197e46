"""Cards beyond the certification cases: unknown ones adopted, limits kept, local lists in step; in every version."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from csms.authorization.adopting import adopt_sighting
from csms.authorization.drivers import DriverForm, change_driver
from csms.authorization.groups import GroupForm, add_group
from csms.authorization.keeping import ListState, keep_list, list_states
from csms.authorization.limits import Limits
from csms.authorization.tokens import TokenForm, add_token, block_token, delete_token
from models import Command, IdToken, LocalList, StationEvent, StationVariable, TokenSighting, Transaction
from models.scope import tenant_scope
from tests.certification.conftest import running_lab
from tests.certification.lab import Lab
from tests.certification.station import BenchStation
from tests.certification.test_16_authorization import authorize as authorize_16
from tests.certification.test_16_authorization import start, stop
from tests.certification.test_201_c_authorization import Session
from tests.certification.test_201_c_authorization import authorize as authorize_201
from tests.tenancy import LONG_AGO


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Lab]:
    """A bench on which lists are sent soon after a change."""
    folder = tmp_path_factory.mktemp("lab")
    async with running_lab(sqlite_template, folder, local_list_quiet_s=0.05, local_list_retry_s=3600) as opened:
        yield opened


async def do(lab: Lab, verb: Any, *about: Any) -> Any:
    """Something that Green's operator does."""
    at = lab.platform.clock.now()
    with tenant_scope(lab.green.id):
        return await lab.platform.committer.run(lambda work: verb(work, lab.operator, *about, at))


async def a_while_ago(station: BenchStation, token: str, connector: int = 1) -> int:
    """A 1.6 session that began half a minute ago: long enough for 100 Wh."""
    at = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    return (await start(station, token, connector, timestamp=at))["transactionId"]


async def meter(station: BenchStation, transaction_id: int, energy_wh: int) -> None:
    """What a 1.6 session has delivered; its register began at 100."""
    value = {"timestamp": datetime.now(UTC).isoformat(), "sampledValue": [{"value": str(100 + energy_wh)}]}
    payload = {"connectorId": 1, "transactionId": transaction_id, "meterValue": [value]}
    await station.call("MeterValues", payload)


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_an_unknown_card_is_seen_adopted_and_accepted(lab: Lab, version: str) -> None:
    value = f"STRANGER{version}"
    authorize: Any = authorize_16 if version == "1.6" else authorize_201
    async with lab.station(version) as station, lab.station(version, tenant=lab.blue) as elsewhere:
        assert (await authorize(station, value))["status"] == "Invalid"
        assert (await authorize(elsewhere, value))["status"] == "Invalid"
        seen = await lab.row(TokenSighting, value=value, tenant_id=lab.green.id)
        assert (seen.count, seen.station_id) == (1, station.ref.id)
        await do(lab, adopt_sighting, seen.id, TokenForm(driver_id=lab.green.driver_id))
        assert (await authorize(station, value))["status"] == "Accepted"
        assert (await authorize(elsewhere, value))["status"] == "Invalid"  # another tenant learns nothing
        assert await lab.rows(TokenSighting, value=value, tenant_id=lab.green.id) == []


async def test_what_is_used_up_is_refused_but_may_be_stopped(lab: Lab) -> None:
    token = await do(lab, add_token, TokenForm("USED-UP", limits=Limits(max_energy_month_wh=50)))
    async with lab.station() as old, lab.station("2.0.1") as new:
        transaction_id = await a_while_ago(old, token.value)
        await stop(old, transaction_id, meterStop=200)
        info = await authorize_201(new, token.value)
        assert info["status"] == "NoCredit"
        assert info["personalMessage"]["content"] == "This card has used its 0.05 kWh for this month."
        assert (await authorize_16(old, token.value))["status"] == "Invalid"
        begun = await start(old, token.value)
        assert begun["idTagInfo"]["status"] == "Invalid"
        row = await lab.row(Transaction, id=begun["transactionId"])
        assert (row.authorization_status, row.authorization_reason) == ("NoCredit", info["personalMessage"]["content"])
        assert (await authorize_16(old, token.value))["status"] == "Accepted"  # it may be meant to stop
        assert (await stop(old, row.id or 0, idTag=token.value))["idTagInfo"]["status"] == "Accepted"
        assert (await lab.row(IdToken, id=token.id)).refusal == info["personalMessage"]["content"]


@pytest.mark.case("X16_09")
async def test_a_driver_with_two_cards_has_one_session_at_a_time(lab: Lab) -> None:
    driver_id = lab.green.driver_id
    one = await do(lab, add_token, TokenForm("TWO-A", driver_id=driver_id))
    two = await do(lab, add_token, TokenForm("TWO-B", driver_id=driver_id))
    await do(lab, change_driver, driver_id, DriverForm("Ada Example", limits=Limits(max_transactions=1)))
    try:
        async with lab.station() as old, lab.station("2.0.1") as new:
            begun = await start(old, one.value)
            assert begun["idTagInfo"]["status"] == "Accepted"
            assert (await authorize_16(old, two.value))["status"] == "Accepted"  # X16_09: only said at a start
            refused = await start(old, two.value, 2, timestamp="2026-11-20T10:00:00Z")
            assert refused["idTagInfo"]["status"] == "ConcurrentTx"
            again = await start(old, two.value, 2, timestamp="2026-11-20T10:00:00Z")
            assert again == refused  # a repeated start hears the same
            info = (await Session(new).start(two.value))["idTokenInfo"]
            assert info["status"] == "ConcurrentTx"
            assert info["personalMessage"]["content"].startswith("This driver may have one session at a time")
            await stop(old, begun["transactionId"])
            await stop(old, refused["transactionId"])
            assert (await Session(new, 2).start(one.value))["idTokenInfo"]["status"] == "Accepted"
    finally:
        await do(lab, change_driver, driver_id, DriverForm("Ada Example"))


async def test_a_group_shares_its_limit(lab: Lab) -> None:
    await do(lab, add_group, GroupForm("SHARED", limits=Limits(max_energy_month_wh=50)))
    one = await do(lab, add_token, TokenForm("SHARE-A", group="SHARED"))
    two = await do(lab, add_token, TokenForm("SHARE-B", group="SHARED"))
    async with lab.station() as old, lab.station("2.0.1") as new:
        await stop(old, await a_while_ago(old, one.value), meterStop=200)
        assert (await authorize_201(new, two.value))["status"] == "NoCredit"


@pytest.mark.case("TC_C_47_CSMS")
async def test_a_master_pass_ends_and_never_begins(lab: Lab) -> None:
    await do(lab, add_group, GroupForm("MASTER-KEYS"))
    await lab.policy(lab.green, master_pass_group="MASTER-KEYS")
    master = await do(lab, add_token, TokenForm("MASTER", group="MASTER-KEYS"))
    async with lab.station() as old, lab.station("2.0.1") as new:
        assert (await authorize_16(old, master.value))["status"] == "Accepted"
        begun = await start(old, master.value)
        assert begun["idTagInfo"]["status"] == "Invalid"
        assert (await lab.row(Transaction, id=begun["transactionId"])).remarks == ["unauthorized"]
        session = Session(new)
        assert (await session.start(await lab.token()))["idTokenInfo"]["status"] == "Accepted"
        ended = await session.end("StopAuthorized", "MasterPass", master.value)
        assert ended["idTokenInfo"]["status"] == "Accepted"
    await lab.policy(lab.green)


async def test_a_limit_reached_while_charging_ends_the_session(lab: Lab) -> None:
    token = await do(lab, add_token, TokenForm("ENOUGH", limits=Limits(max_energy_month_wh=50)))
    async with lab.station() as station:
        transaction_id = await a_while_ago(station, token.value)
        await meter(station, transaction_id, 10)
        await meter(station, transaction_id, 20)
        assert not station.was_asked("RemoteStopTransaction")
        await meter(station, transaction_id, 60)
        asked = await station.expect("RemoteStopTransaction")
        assert asked.payload == {"transactionId": transaction_id}
        await station.answer(asked, {"status": "Accepted"})
        await meter(station, transaction_id, 61)  # it does not ask again at once
        told = await lab.row(StationEvent, station_id=station.ref.id, kind="transaction.limit_reached")
        assert told.text.endswith("This card has used its 0.05 kWh for this month.")
        assert len(await lab.rows(Command, station_id=station.ref.id, action="RemoteStopTransaction")) == 1


async def test_a_station_of_2_1_is_told_what_is_left(lab: Lab) -> None:
    token = await do(lab, add_token, TokenForm("LEFT", limits=Limits(max_energy_month_wh=250), max_time_s=3600))
    async with lab.station() as old, lab.station("2.1") as new:
        await stop(old, await a_while_ago(old, token.value), meterStop=200)
        answer = await Session(new).start(token.value)
        assert answer["transactionLimit"] == {"maxEnergy": 150, "maxTime": 3600}


# ---- local lists


async def enable(lab: Lab, station: BenchStation) -> None:
    """The station said that it uses a list."""
    component, name = ("", "LocalAuthListEnabled")
    limits = ("SendLocalListMaxLength", "1000")
    if station.version != "1.6":
        component, name, limits = "LocalAuthListCtrlr", "Enabled", ("ItemsPerMessage", "1000")
    for variable, value in ((name, "true"), limits):
        row = StationVariable(station_id=station.ref.id, component=component, variable=variable, value=value)
        row.reported_at = LONG_AGO
        await lab.add(row)


class ListBook:
    """A station that keeps a list as it should, in the words of its version."""

    def __init__(self, station: BenchStation, version: int = 0) -> None:
        self._is_16, self.version, self.held = station.version == "1.6", version, dict[str, str]()
        self.refuses = ""
        self.sent: list[tuple[str, int]] = []
        station.answers["GetLocalListVersion"] = lambda _: (
            {"listVersion": self.version} if self._is_16 else {"versionNumber": self.version}
        )
        station.answers["SendLocalList"] = self._take

    def _take(self, payload: dict[str, Any]) -> dict[str, Any]:
        version, kind = payload["listVersion" if self._is_16 else "versionNumber"], payload["updateType"]
        entries = payload.get("localAuthorizationList", [])
        self.sent.append((kind, len(entries)))
        if self.refuses and kind == "Differential":
            return {"status": self.refuses}
        self.held = {} if kind == "Full" else self.held
        for entry in entries:
            value = entry["idTag"] if self._is_16 else entry["idToken"]["idToken"]
            info = entry.get("idTagInfo" if self._is_16 else "idTokenInfo")
            self.held.pop(value, None)
            if info is not None:
                self.held[value] = info["status"]
        self.version = version
        return {"status": "Accepted"}


async def state_of(lab: Lab, station: BenchStation) -> ListState:
    with tenant_scope(lab.green.id):
        async with lab.platform.database.reading() as session:
            return (await list_states(session, station.ref.id))[0]


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_a_list_follows_the_cards(lab: Lab, version: str) -> None:
    token = await do(lab, add_token, TokenForm(f"LISTED-{version}"))
    async with lab.station(version) as station:
        book = ListBook(station)
        await enable(lab, station)
        await do(lab, keep_list, station.ref.id, None)  # the page's way to look again
        await lab.until(lambda: book.held.get(token.value) == "Accepted")
        assert book.sent[0][0] == "Full"
        await do(lab, block_token, token.id)
        await lab.until(lambda: book.held.get(token.value) == "Blocked")
        assert book.sent[-1] == ("Differential", 1)
        book.refuses = "VersionMismatch"
        await do(lab, delete_token, token.id)
        await lab.until(lambda: token.value not in book.held)
        assert [kind for kind, _ in book.sent[-2:]] == ["Differential", "Full"]

        async def is_current() -> bool:
            return (await state_of(lab, station)).word == "current"

        await lab.until(is_current)
        state = await state_of(lab, station)
        assert (state.version, state.entries, state.error) == (book.version, len(book.held), "")


async def test_a_station_that_was_away_catches_up_when_it_boots(lab: Lab) -> None:
    ref = await lab.register()
    async with lab.station(ref=ref) as station:
        await enable(lab, station)
        held = ListBook(station)
        await do(lab, keep_list, ref.id, None)
        await lab.until(lambda: bool(held.sent))
    token = await do(lab, add_token, TokenForm("WHILE-AWAY"))
    async with lab.station(ref=ref, boot=False) as station:
        book = ListBook(station, held.version)
        await station.boot()
        await lab.until(lambda: token.value in book.held)
        assert book.sent[-1][0] == "Differential"


async def test_a_list_that_fails_says_why_and_one_left_alone_stays(lab: Lab) -> None:
    async with lab.station() as failing, lab.station() as alone:
        # Said first: having booted, a station that keeps a list is looked after at once.
        await do(lab, keep_list, alone.ref.id, False)
        failing.answers["GetLocalListVersion"] = {"listVersion": 0}
        failing.answers["SendLocalList"] = {"status": "Failed"}
        for station in (failing, alone):
            await enable(lab, station)
        await do(lab, add_token, TokenForm("UNWANTED"))

        async def has_failed() -> bool:
            rows = await lab.rows(LocalList, station_id=failing.ref.id)
            return bool(rows) and bool(rows[0].sync_error)

        await lab.until(has_failed)
        assert (await state_of(lab, failing)).word == "failed"
        assert (await state_of(lab, alone)).word == "off"
        assert not alone.was_asked("GetLocalListVersion")

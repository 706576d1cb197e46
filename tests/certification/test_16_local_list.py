"""OCPP 1.6, local authorization lists."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from csms.commands.commands import GetLocalListVersion
from csms.commands.local_lists import ListResult
from csms.work import Work
from models import IdToken, LocalList, LocalListEntry, StationVariable
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.station import Asked, BenchStation
from tests.tenancy import LONG_AGO

UNTIL = datetime(2098, 7, 1, 12, 0, 0, 250_000, tzinfo=UTC)


async def ids_of(lab: Lab, *values: str) -> list[int]:
    """Ids of Green's tokens."""
    return [(await lab.row(IdToken, value=value)).id or 0 for value in values]


def update(lab: Lab, station: BenchStation, ids: list[int]) -> "asyncio.Task[ListResult]":
    """An operator brings the station's list up to date."""
    return asyncio.create_task(lab.platform.commands.update_local_list(lab.operator, station.ref.id, ids))


async def limits(lab: Lab, station: BenchStation, **values: int) -> None:
    """Configuration keys that the station reported."""
    rows = [
        StationVariable(station_id=station.ref.id, variable=name, value=str(value), reported_at=LONG_AGO)
        for name, value in values.items()
    ]
    await lab.add(*rows)


async def sent_lists(station: BenchStation, number: int, status: str = "Accepted") -> list[Asked]:
    """The next `number` SendLocalLists, each answered."""
    asked: list[Asked] = []
    for _ in range(number):
        asked.append(await station.expect("SendLocalList"))
        await station.answer(asked[-1], {"status": status})
    return asked


@pytest.mark.case("TC_042_1_CSMS")
async def test_tc_042_1_lists_are_not_supported(lab: Lab) -> None:
    async with lab.station() as station:
        asking = lab.ask(station, GetLocalListVersion())
        asked = await station.expect("GetLocalListVersion")
        assert asked.payload == {}
        await station.answer(asked, {"listVersion": -1})
        result = await asking
        assert (result.succeeded, result.answer) == (True, {"listVersion": -1})
        assert (await lab.row(LocalList, station_id=station.ref.id)).version == -1
        station.answers["GetLocalListVersion"] = {"listVersion": -1}
        refused = await update(lab, station, await ids_of(lab, lab.green.token))
        assert (refused.version, refused.messages) == (-1, 0)
        assert refused.error is not None
        assert not station.was_asked("SendLocalList")


@pytest.mark.case("TC_042_2_CSMS")
async def test_tc_042_2_an_empty_list(lab: Lab) -> None:
    async with lab.station() as station:
        _, result = await lab.operate(station, "GetLocalListVersion", {}, {"listVersion": 0})
        assert result.answer == {"listVersion": 0}
        row = await lab.row(LocalList, station_id=station.ref.id)
        assert (row.version, row.is_certain) == (0, True)


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("NotSupported", marks=pytest.mark.case("TC_043_1_CSMS")),
        pytest.param("Failed", marks=pytest.mark.case("TC_043_3_CSMS")),
    ],
)
async def test_tc_043_1_and_3_a_list_is_not_taken(lab: Lab, status: str) -> None:
    async with lab.station() as station:
        station.answers["GetLocalListVersion"] = {"listVersion": 0}
        await limits(lab, station, SendLocalListMaxLength=10)
        updating = update(lab, station, await ids_of(lab, lab.green.token))
        [asked] = await sent_lists(station, 1, status)
        assert asked.payload["updateType"] == "Full"
        result = await updating
        assert status in (result.error or "")
        row = await lab.row(LocalList, station_id=station.ref.id)
        assert (row.version, row.last_status) == (0, status)
        assert await lab.rows(LocalListEntry, station_id=station.ref.id) == []
        again = update(lab, station, await ids_of(lab, lab.green.token))  # the operator may try again
        await sent_lists(station, 1)
        assert (await again).succeeded


@pytest.mark.case("TC_043_4_CSMS")
async def test_tc_043_4_a_full_list(lab: Lab) -> None:
    plain = await lab.token(expires_at=UNTIL, group="FLEET")
    expired, blocked = await lab.token(expires_at=LONG_AGO), await lab.token(status="Blocked")
    long = await lab.token(value="A-TOKEN-OF-AN-APP-WITH-TOO-MUCH-TEXT")
    async with lab.station() as station:
        station.answers["GetLocalListVersion"] = {"listVersion": 0}
        station.answers["GetConfiguration"] = {"unknownKey": ["SendLocalListMaxLength", "LocalAuthListMaxLength"]}
        updating = update(lab, station, await ids_of(lab, plain, expired, blocked, long))
        [asked] = await sent_lists(station, 1)
        payload = asked.payload
        assert (payload["listVersion"], payload["updateType"]) == (1, "Full")
        infos = {entry["idTag"]: entry["idTagInfo"] for entry in payload["localAuthorizationList"]}
        expiry = "2098-07-01T12:00:00.000Z"
        assert infos[plain] == {"expiryDate": expiry, "parentIdTag": "FLEET", "status": "Accepted"}
        assert infos[expired]["status"] == "Expired"
        assert infos[blocked] == {"status": "Blocked"}
        result = await updating
        assert (result.version, result.messages, result.left_out, result.error) == (1, 1, (long,), None)
        row = await lab.row(LocalList, station_id=station.ref.id)
        assert (row.version, row.is_certain, row.last_status) == (1, True, "Accepted")
        rows = await lab.rows(LocalListEntry, station_id=station.ref.id)
        assert [entry.id_token for entry in rows] == [plain, expired, blocked]
        assert (rows[0].status, rows[0].group, rows[0].expires_at) == (
            "Accepted",
            "FLEET",
            UNTIL.replace(microsecond=0),
        )


@pytest.mark.case("TC_043_5_CSMS")
async def test_tc_043_5_a_differential_list(lab: Lab) -> None:
    first, second, third = await lab.token(), await lab.token(), await lab.token(group="FLEET")
    async with lab.station() as station:
        await limits(lab, station, SendLocalListMaxLength=10)
        await holding(lab, station, [first, second])
        station.answers["GetLocalListVersion"] = {"listVersion": 1}

        updating = update(lab, station, await ids_of(lab, first, second, third))
        [asked] = await sent_lists(station, 1)
        entry = {"idTag": third, "idTagInfo": {"parentIdTag": "FLEET", "status": "Accepted"}}
        assert asked.payload == {"listVersion": 2, "localAuthorizationList": [entry], "updateType": "Differential"}
        assert (await updating).version == 2

        station.answers["GetLocalListVersion"] = {"listVersion": 2}
        updating = update(lab, station, await ids_of(lab, first, third))
        [asked] = await sent_lists(station, 1)
        assert asked.payload["localAuthorizationList"] == [{"idTag": second}]
        assert (await updating).version == 3
        rows = await lab.rows(LocalListEntry, station_id=station.ref.id)
        assert [row.id_token for row in rows] == [first, third]

        station.answers["GetLocalListVersion"] = {"listVersion": 3}
        nothing = await update(lab, station, await ids_of(lab, first, third))
        assert (nothing.version, nothing.messages, nothing.error) == (3, 0, None)


@pytest.mark.case("TC_043_5_CSMS")
@pytest.mark.parametrize("status", ["VersionMismatch", "Failed"])
async def test_tc_043_5_a_refused_difference_is_followed_by_the_whole_list(lab: Lab, status: str) -> None:
    first, second = await lab.token(), await lab.token()
    async with lab.station() as station:
        await limits(lab, station, SendLocalListMaxLength=10)
        await holding(lab, station, [first])
        station.answers["GetLocalListVersion"] = {"listVersion": 1}
        updating = update(lab, station, await ids_of(lab, first, second))
        [refused] = await sent_lists(station, 1, status)
        assert refused.payload["updateType"] == "Differential"
        [whole] = await sent_lists(station, 1)
        assert (whole.payload["updateType"], whole.payload["listVersion"]) == ("Full", 2)
        assert [entry["idTag"] for entry in whole.payload["localAuthorizationList"]] == [first, second]
        assert (await updating).succeeded


@pytest.mark.case("TC_043_5_CSMS")
async def test_tc_043_5_a_list_of_somebody_else_is_replaced(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station() as station:
        await limits(lab, station, SendLocalListMaxLength=10)
        await holding(lab, station, [token])
        station.answers["GetLocalListVersion"] = {"listVersion": 17}
        updating = update(lab, station, await ids_of(lab, token))
        [asked] = await sent_lists(station, 1)
        assert (asked.payload["updateType"], asked.payload["listVersion"]) == ("Full", 18)
        assert (await updating).succeeded


@pytest.mark.case("X16_17")
async def test_x16_17_a_long_list_in_short_messages(lab: Lab) -> None:
    await many_tokens(lab, 5000)
    operator = type(lab.operator)(None, "Blue", "blue@example.test", lab.blue.id, lab.operator.role)
    async with lab.station(tenant=lab.blue) as station:
        station.answers["GetLocalListVersion"] = {"listVersion": 0}
        lists: list[Any] = []
        station.answers["SendLocalList"] = lambda payload: lists.append(payload) or {"status": "Accepted"}
        keys = {"SendLocalListMaxLength": "100", "LocalAuthListMaxLength": "450"}
        station.answers["GetConfiguration"] = {
            "configurationKey": [{"key": key, "readonly": True, "value": value} for key, value in keys.items()]
        }
        result = await lab.platform.commands.update_local_list(operator, station.ref.id)
        assert [sent["updateType"] for sent in lists] == ["Full"] + ["Differential"] * 4
        assert [sent["listVersion"] for sent in lists] == [1, 2, 3, 4, 5]
        assert [len(sent["localAuthorizationList"]) for sent in lists] == [100, 100, 100, 100, 50]
        assert (result.version, result.messages, result.error) == (5, 5, None)
        assert len(result.left_out) == 5002 - 450
        rows = await lab.rows(LocalListEntry, station_id=station.ref.id)
        assert len(rows) == 450
        assert {row.tenant_id for row in rows} == {lab.blue.id}


async def test_a_station_that_refuses_by_an_error_is_left_alone(lab: Lab) -> None:
    async with lab.station() as station:
        updating = update(lab, station, await ids_of(lab, lab.green.token))
        await station.refuse(await station.expect("GetLocalListVersion"), "NotSupported")
        result = await updating
        assert "NotSupported" in (result.error or "")
        assert not station.was_asked("SendLocalList")


async def many_tokens(lab: Lab, number: int) -> None:
    """Tokens of Blue's, in one statement."""
    columns = {"type": "ISO14443", "status": "Accepted", "tenant_id": lab.blue.id}
    columns |= dict.fromkeys(("label", "credit_currency", "refusal"), "")
    columns |= dict.fromkeys(("expires_at", "group", "driver_id", "allow_concurrent", "location_ids"))

    def unit(work: Work) -> None:
        for n in range(number):
            value = f"LONG-{n:04}"
            work.append(IdToken, columns | {"value": value, "value_key": value.lower(), "created_at": LONG_AGO})

    with tenant_scope(lab.blue.id):
        await lab.platform.committer.run(unit)


async def holding(lab: Lab, station: BenchStation, values: list[str]) -> None:
    """Have the station take a list of these tokens, typed by hand, as version 1."""
    entries = [{"idTag": value, "idTagInfo": {"status": "Accepted"}} for value in values]
    payload = {"listVersion": 1, "updateType": "Full", "localAuthorizationList": entries}
    _, result = await lab.operate(station, "SendLocalList", payload, {"status": "Accepted"})
    assert result.succeeded

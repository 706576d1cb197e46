"""OCPP 2.0.1, block D: local authorization lists."""

import asyncio
from datetime import UTC, datetime

import pytest

from csms.commands.commands import GetLocalListVersion
from csms.commands.local_lists import ListResult
from models import IdToken, LocalList, LocalListEntry, StationVariable
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.test_201_c_authorization import token_of
from tests.tenancy import LONG_AGO

UNTIL = datetime(2098, 7, 1, 12, tzinfo=UTC)
ACCEPTED: Json = {"status": "Accepted"}


async def limits(lab: Lab, station: BenchStation, **values: int) -> None:
    """Variables of LocalAuthListCtrlr that the station reported."""
    rows = [
        StationVariable(
            station_id=station.ref.id,
            component="LocalAuthListCtrlr",
            variable=name,
            value=str(value) if name != "Entries" else "0",
            characteristics={"maxLimit": value} if name == "Entries" else {},
            reported_at=LONG_AGO,
        )
        for name, value in values.items()
    ]
    await lab.add(*rows)


async def update(
    lab: Lab, station: BenchStation, version: int, *tokens: str, said: Json = ACCEPTED
) -> tuple[ListResult, list[Json]]:
    """An operator brings the list of a station that says it holds `version` up to date. Returns what was sent."""
    lists: list[Json] = []
    station.answers["GetLocalListVersion"] = {"versionNumber": version}
    station.answers["SendLocalList"] = lambda payload: lists.append(payload) or said
    ids = [(await lab.row(IdToken, value=value)).id or 0 for value in tokens]
    return await lab.platform.commands.update_local_list(lab.operator, station.ref.id, ids), lists


@pytest.mark.case("TC_D_01_CSMS")
async def test_tc_d_01_a_full_list(lab: Lab) -> None:
    card, code = await lab.token(expires_at=UNTIL), await lab.token(value="2211", type="KeyCode", status="NoCredit")
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=10)
        result, [sent] = await update(lab, station, 0, card, code)
        until = {"status": "Accepted", "cacheExpiryDateTime": "2098-07-01T12:00:00.000Z"}
        assert sent == {
            "versionNumber": 1,
            "updateType": "Full",
            "localAuthorizationList": [
                {"idToken": token_of(card), "idTokenInfo": until},
                {"idToken": token_of(code, "KeyCode"), "idTokenInfo": {"status": "NoCredit"}},
            ],
        }
        assert (result.version, result.error) == (1, None)
        row = await lab.row(LocalList, station_id=station.ref.id)
        assert (row.version, row.is_certain) == (1, True)
        entries = await lab.rows(LocalListEntry, station_id=station.ref.id)
        assert [(entry.id_token, entry.id_token_type) for entry in entries] == [(card, "ISO14443"), (code, "KeyCode")]


@pytest.mark.case("TC_D_04_CSMS")
@pytest.mark.parametrize("is_certain", [True, False])
async def test_tc_d_04_a_full_list_without_entries(lab: Lab, is_certain: bool) -> None:
    token = await lab.token()
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=10)
        await update(lab, station, 0, token)
        version = 1 if is_certain else 4
        result, [sent] = await update(lab, station, version)
        assert sent == {"versionNumber": version + 1, "updateType": "Full"}
        assert result.version == version + 1
        assert await lab.rows(LocalListEntry, station_id=station.ref.id) == []


@pytest.mark.case("TC_D_02_CSMS")
async def test_tc_d_02_an_update(lab: Lab) -> None:
    tokens = [await lab.token() for _ in range(5)]
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=2, Entries=4)
        result, lists = await update(lab, station, 0, tokens[0])
        result, lists = await update(lab, station, 1, *tokens)
        assert [sent["updateType"] for sent in lists] == ["Differential", "Differential"]
        assert [sent["versionNumber"] for sent in lists] == [2, 3]
        named = [entry["idToken"]["idToken"] for sent in lists for entry in sent["localAuthorizationList"]]
        assert named == tokens[1:4]
        assert all("idTokenInfo" in entry for sent in lists for entry in sent["localAuthorizationList"])
        assert (result.version, result.left_out) == (3, (tokens[4],))
        assert (await lab.row(LocalList, station_id=station.ref.id)).version == 3


@pytest.mark.case("TC_D_02_CSMS")
async def test_tc_d_02_messages_are_no_larger_than_the_station_takes(lab: Lab) -> None:
    tokens = [await lab.token(group="G" * 36) for _ in range(9)]
    async with lab.station("2.0.1") as station:
        await limits(lab, station, BytesPerMessage=1200)
        _, lists = await update(lab, station, 0, *tokens)
        frames = [text for text in station.raw if "SendLocalList" in text]
        assert len(frames) == len(lists) > 1
        assert max(map(len, frames)) <= 1200


@pytest.mark.case("TC_D_02_CSMS")
async def test_tc_d_02_a_refused_difference_is_followed_by_the_whole_list(lab: Lab) -> None:
    first, second = await lab.token(), await lab.token()
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=10)
        await update(lab, station, 0, first)
        lists: list[Json] = []

        def take(sent: Json) -> Json:
            lists.append(sent)
            return {"status": "VersionMismatch" if sent["updateType"] == "Differential" else "Accepted"}

        ids = [(await lab.row(IdToken, value=value)).id or 0 for value in (first, second)]
        station.answers |= {"GetLocalListVersion": {"versionNumber": 1}, "SendLocalList": take}
        result = await lab.platform.commands.update_local_list(lab.operator, station.ref.id, ids)
        assert [(sent["updateType"], sent["versionNumber"]) for sent in lists] == [("Differential", 2), ("Full", 2)]
        assert (result.version, result.error) == (2, None)


@pytest.mark.case("TC_D_03_CSMS")
async def test_tc_d_03_a_removal(lab: Lab) -> None:
    kept, dropped = await lab.token(), await lab.token()
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=10)
        await update(lab, station, 0, kept, dropped)
        result, [sent] = await update(lab, station, 1, kept)
        removal = [{"idToken": token_of(dropped)}]
        assert sent == {"versionNumber": 2, "updateType": "Differential", "localAuthorizationList": removal}
        assert result.succeeded
        assert [row.id_token for row in await lab.rows(LocalListEntry, station_id=station.ref.id)] == [kept]


@pytest.mark.parametrize(
    "version",
    [
        pytest.param(6, marks=pytest.mark.case("TC_D_08_CSMS")),
        pytest.param(0, marks=pytest.mark.case("TC_D_09_CSMS")),
    ],
)
async def test_tc_d_08_tc_d_09_the_version(lab: Lab, version: int) -> None:
    async with lab.station("2.0.1") as station:
        asking = lab.ask(station, GetLocalListVersion())
        asked = await station.expect("GetLocalListVersion")
        assert asked.payload == {}
        await station.answer(asked, {"versionNumber": version})
        assert (await asking).answer == {"versionNumber": version}
        row = await lab.row(LocalList, station_id=station.ref.id)
        assert (row.version, row.is_certain) == (version, version == 0)


@pytest.mark.quirk(77)
async def test_a_version_named_as_in_1_6(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=10)
        station.answers["SendLocalList"] = ACCEPTED
        ids = [(await lab.row(IdToken, value=token)).id or 0]
        updating = asyncio.create_task(lab.platform.commands.update_local_list(lab.operator, station.ref.id, ids))
        await station.answer_badly(await station.expect("GetLocalListVersion"), {"listVersion": 3})
        result = await updating
        assert (result.version, result.error) == (4, None)
        assert (await lab.row(LocalList, station_id=station.ref.id)).version == 4
        asking = lab.ask(station, GetLocalListVersion())
        await station.answer_badly(await station.expect("GetLocalListVersion"), {"listVersion": 7})
        await asking
        row = await lab.row(LocalList, station_id=station.ref.id)
        assert (row.version, row.is_certain) == (7, False)


async def test_tokens_without_a_kind_fit_and_foreign_kinds_do_not(lab: Lab) -> None:
    plain, odd = await lab.token(type=""), await lab.token(type="VIN")
    elsewhere = await lab.token(location_ids=[lab.blue.location_id])
    async with lab.station("2.0.1") as station:
        await limits(lab, station, ItemsPerMessage=10)
        result, [sent] = await update(lab, station, 0, plain, odd, elsewhere)
        assert sent["localAuthorizationList"] == [{"idToken": token_of(plain), "idTokenInfo": {"status": "Accepted"}}]
        assert result.left_out == (odd,)

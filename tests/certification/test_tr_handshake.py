"""Opening handshakes: what is refused is explained, and strangers cannot crowd out stations (TR_01 to TR_09, TR_13)."""

import asyncio
import base64

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from csms.stations.doctor import ADVICE, Cause, all_failed_handshakes, failed_handshakes
from csms.stations.remarks import Kind, remarks_on
from models import FailedHandshake, StationRemark
from models.scope import TenantScopeError, platform_scope, tenant_scope
from tests.certification.lab import Lab
from tests.csms.gateway.stations import PASSWORD, basic


@pytest.fixture(autouse=True)
def forgetful(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tests knock from one address: what one was refused must not slow the next."""
    monkeypatch.setattr("csms.gateway.admission._SLOW_ANSWER_S", 0.0)
    lab.platform.gateway._admission._refused.clear()
    lab.platform.gateway._diagnosis._since = float("-inf")


async def refused(lab: Lab, path: str, headers: dict[str, str], *protocols: str) -> int:
    """Status of a handshake that must fail."""
    with pytest.raises(InvalidStatus) as caught:
        await connect(
            f"ws://127.0.0.1:{lab.platform.gateway.port}{path}",
            subprotocols=[Subprotocol(name) for name in protocols or ("ocpp1.6",)],
            additional_headers=headers,
            user_agent_header="Bench/1.0",
        )
    return caught.value.response.status_code


async def failures(lab: Lab, **where: str) -> list[FailedHandshake]:
    """What the doctor noted, once it has been written."""
    found: list[FailedHandshake] = []

    async def are_there() -> bool:
        found[:] = await lab.rows(FailedHandshake, **where)
        return bool(found)

    await lab.until(are_there)
    return found


@pytest.mark.case("TR_02", "TR_06", "TR_13")
@pytest.mark.quirk(14)
async def test_every_refusal_is_noted_with_its_cause_and_without_secrets(lab: Lab) -> None:
    ref = await lab.register()
    for _ in range(3):
        assert await refused(lab, f"/ocpp/{ref.identity}?key=hush", basic(ref.identity, "wrong-hush")) == 401
    assert await refused(lab, f"/ocpp/{ref.identity}", {}) == 401
    assert await refused(lab, f"/ocpp/{ref.identity}", basic("SOMEBODY")) == 401
    assert await refused(lab, f"/ocpp/{ref.identity}", basic(ref.identity), "ocpp0.1") == 400
    [wrong] = await failures(lab, identity=ref.identity, cause=Cause.WRONG_CREDENTIALS)

    async def counted() -> bool:
        return (await failures(lab, identity=ref.identity, cause=Cause.WRONG_CREDENTIALS))[0].count == 3

    await lab.until(counted)
    assert (wrong.tenant_id, wrong.station_id, wrong.address) == (ref.tenant_id, ref.id, "127.0.0.1")
    assert (wrong.user_agent, wrong.offered, wrong.path) == ("Bench/1.0", "ocpp1.6", f"/ocpp/{ref.identity}")
    await failures(lab, identity=ref.identity, cause=Cause.MISSING_CREDENTIALS)
    await failures(lab, identity=ref.identity, cause=Cause.WRONG_USER_NAME)
    [version] = await failures(lab, identity=ref.identity, cause=Cause.NO_COMMON_VERSION)
    assert version.offered == "ocpp0.1"
    assert all("hush" not in repr(row) and PASSWORD not in repr(row) for row in await lab.rows(FailedHandshake))
    assert set(ADVICE) == set(Cause)


@pytest.mark.case("TR_06")
async def test_strangers_are_seen_by_the_platform_only(lab: Lab) -> None:
    ref = await lab.register(tenant=lab.blue)
    assert await refused(lab, "/ocpp/STRANGER-1", basic("STRANGER-1")) == 404
    assert await refused(lab, f"/ocpp/{ref.identity}", {}) == 401
    [stranger] = await failures(lab, identity="STRANGER-1")
    assert (stranger.tenant_id, stranger.cause) == (None, Cause.UNKNOWN_IDENTITY)
    await failures(lab, identity=ref.identity)
    async with lab.platform.database.reading() as session:
        with tenant_scope(lab.green.id):
            assert all(row.tenant_id == lab.green.id for row in await failed_handshakes(session))
            with pytest.raises(TenantScopeError):
                await all_failed_handshakes(session)
        with tenant_scope(lab.blue.id):
            assert [row.identity for row in await failed_handshakes(session, station_id=ref.id)] == [ref.identity]
        with platform_scope():
            assert "STRANGER-1" in [row.identity for row in await all_failed_handshakes(session)]


@pytest.mark.case("TR_06")
async def test_a_crowd_of_strangers_fills_no_table(lab: Lab) -> None:
    for number in range(40):
        assert await refused(lab, f"/ocpp/CROWD-{number}", basic(f"CROWD-{number}")) in (404, 429)
    await failures(lab, cause=Cause.UNKNOWN_IDENTITY, identity="")
    rows = await lab.rows(FailedHandshake, cause=Cause.UNKNOWN_IDENTITY)
    assert len([row for row in rows if row.identity.startswith("CROWD")]) <= 20


@pytest.mark.case("TR_13")
async def test_tr_13_wrong_passwords_are_slowed_and_the_right_one_is_let_in(lab: Lab) -> None:
    ref, neighbour = await lab.register(), await lab.register()
    limit = lab.platform.settings.ocpp_refusals_before_slow
    statuses = [await refused(lab, f"/ocpp/{ref.identity}", basic(ref.identity, "guess")) for _ in range(limit + 2)]
    assert statuses[-1] == 429
    for each in (ref, neighbour):
        async with lab.station(ref=each) as station:
            assert "currentTime" in await station.call("Heartbeat")


@pytest.mark.case("TR_07")
async def test_tr_07_who_says_nothing_makes_room_for_others(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("csms.gateway.admission.SILENT_FOR_S", 0.0)
    monkeypatch.setattr(lab.platform.settings, "ocpp_opening_per_address", 3)
    silent = [await asyncio.open_connection("127.0.0.1", lab.platform.gateway.port) for _ in range(3)]
    async with lab.station() as station:
        assert "currentTime" in await station.call("Heartbeat")
        assert await silent[0][0].read() == b""  # the oldest was let go
    [noted] = await failures(lab, cause=Cause.TOO_MANY_CONNECTIONS)
    assert noted.address == "127.0.0.1"
    for _, writer in silent:
        writer.close()


@pytest.mark.case("TR_07")
async def test_tr_07_what_is_no_http_is_noted_and_a_health_check_is_not(lab: Lab) -> None:
    port = lab.platform.gateway.port
    _, checking = await asyncio.open_connection("127.0.0.1", port)
    checking.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"\x16\x03\x01\x00\xee\x01\x00\x00\xea\x03\x03\r\n\r\n")
    await reader.read()
    writer.close()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /" + b"x" * 20_000 + b" HTTP/1.1\r\n\r\n")
    assert (await reader.read()).startswith(b"HTTP/1.1 414")
    writer.close()
    [noted] = await failures(lab, cause=Cause.NOT_HTTP)
    assert noted.address == "127.0.0.1"


@pytest.mark.case("TR_69")
async def test_tr_69_sign_ins_are_spread_by_the_accept_rate(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    refs = [await lab.register() for _ in range(4)]
    monkeypatch.setattr(lab.platform.settings, "ocpp_accepts_per_s", 20.0)
    monkeypatch.setattr(lab.platform.gateway._admission, "_turns", None)
    began = asyncio.get_running_loop().time()
    for _ in range(6):
        for ref in refs:
            async with lab.station(ref=ref, boot=False) as station:
                await station.call("Heartbeat")
    assert asyncio.get_running_loop().time() - began >= 4 / 20  # 24 of them, 20 at once
    monkeypatch.setattr(lab.platform.gateway._admission, "_turns", None)


@pytest.mark.case("TR_04")
@pytest.mark.quirk(6, 7)
async def test_an_identity_followed_by_something_else_is_found_and_remarked(lab: Lab) -> None:
    ref = await lab.register()
    url = f"ws://127.0.0.1:{lab.platform.gateway.port}/ocpp/ws://192.168.1.9:9000/{ref.identity}/SERIAL"
    async with connect(
        url, subprotocols=[Subprotocol("ocpp1.6")], additional_headers=basic("SERIAL"), proxy=None
    ) as socket:
        await socket.send('[2,"1","Heartbeat",{}]')
        assert "currentTime" in str(await socket.recv())

    async def remarked() -> bool:
        return bool(await lab.rows(StationRemark, station_id=ref.id))

    await lab.until(remarked)
    async with lab.platform.database.reading() as session:
        with tenant_scope(lab.green.id):
            [remark] = await remarks_on(session, ref.id)
            assert (remark.kind, remark.subject, remark.count) == (Kind.IDENTITY_IN_URL, "URL", 1)
        with tenant_scope(lab.blue.id):
            assert await remarks_on(session, ref.id) == []


@pytest.mark.quirk(2)
async def test_an_invented_subprotocol_is_echoed_and_remarked(lab: Lab) -> None:
    ref = await lab.register()
    url = f"ws://127.0.0.1:{lab.platform.gateway.port}/ocpp/{ref.identity}"
    async with connect(
        url, subprotocols=[Subprotocol("ocpp2.0.1.1")], additional_headers=basic(ref.identity), proxy=None
    ) as socket:
        assert socket.subprotocol == "ocpp2.0.1.1"

    async def remarked() -> bool:
        return [row.kind for row in await lab.rows(StationRemark, station_id=ref.id)] == [Kind.SUBPROTOCOL]

    await lab.until(remarked)


@pytest.mark.quirk(4)
async def test_a_short_probe_in_another_version_leaves_nothing_behind(lab: Lab) -> None:
    ref = await lab.register()
    async with lab.station("1.6", ref=ref, boot=False):
        pass
    async with lab.station("2.0.1", ref=ref) as station:
        assert "currentTime" in await station.call("Heartbeat")


@pytest.mark.quirk(73)
async def test_a_lower_case_header_an_origin_and_pings_with_a_payload(lab: Lab) -> None:
    ref = await lab.register()
    secret = base64.b64encode(f"{ref.identity}:{PASSWORD}".encode()).decode()
    headers = {"authorization": f"Basic {secret}", "Origin": "http://localhost"}
    async with lab.station("2.0.1", ref=ref, headers=headers) as station:
        await (await station.socket.ping(b"libwebsockets"))


@pytest.mark.quirk(74)
async def test_frequent_pings_are_answered(lab: Lab) -> None:
    async with lab.station() as station:
        for _ in range(20):
            await (await station.socket.ping())

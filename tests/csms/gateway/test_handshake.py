"""Opening handshakes at the socket (TR_01 to TR_14, field quirks 1 to 10)."""

import asyncio
import base64
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from csms.gateway.server import Gateway
from csms.stations.security import digest_password
from models.db import Database
from tests.csms.gateway.stations import PASSWORD, SECRET_KEY, basic, row_of, set_station, station_at
from tests.tenancy import TwoTenants


async def refusal(gateway: Gateway, path: str, headers: dict[str, str], *protocols: str) -> tuple[int, str, Any]:
    """Status, text and headers of the answer to a handshake that must fail."""
    with pytest.raises(InvalidStatus) as caught:
        await connect(
            f"ws://127.0.0.1:{gateway.port}{path}",
            subprotocols=[Subprotocol(name) for name in protocols or ("ocpp1.6",)],
            additional_headers=headers,
        )
    response = caught.value.response
    return response.status_code, response.body.decode(), response.headers


async def raw_http(gateway: Gateway, *lines: str) -> str:
    """Everything the port answers to these header lines."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode())
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer.decode()


def upgrade_lines(identity: str, *extra: str) -> list[str]:
    key = base64.b64encode(b"sixteen bytes...").decode()
    return [
        f"GET /ocpp/{identity} HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {basic(identity)['Authorization']}",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
        *extra,
    ]


@pytest.mark.case("TR_01")
@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["ocpp2.1", "ocpp2.0.1", "ocpp1.6"], "ocpp2.1"),
        (["ocpp1.6", "ocpp2.0.1"], "ocpp1.6"),
    ],
)
async def test_tr_01_exactly_one_of_several_is_echoed(gateway: Gateway, offered: list[str], chosen: str) -> None:
    async with station_at(gateway, "GREEN-1", *offered) as station:
        assert station.socket.response is not None
        assert station.socket.response.headers.get_all("Sec-WebSocket-Protocol") == [chosen]


@pytest.mark.case("TR_01")
@pytest.mark.quirk(73)
async def test_tr_01_several_header_lines(gateway: Gateway) -> None:
    offers = ["Upgrade: websocket", "Connection: Upgrade"]
    offers += ["Sec-WebSocket-Protocol: ocpp0.1", "Sec-WebSocket-Protocol: ocpp1.6"]
    answer = await raw_http(gateway, *upgrade_lines("GREEN-1", *offers))
    assert answer.startswith("HTTP/1.1 101")
    assert "Sec-WebSocket-Protocol: ocpp1.6" in answer


@pytest.mark.case("TR_02", "TC_088_CSMS", "TC_B_58_CSMS")
async def test_tr_02_no_common_version_is_refused(gateway: Gateway) -> None:
    status, text, _ = await refusal(gateway, "/ocpp/GREEN-1", basic("GREEN-1"), "ocpp0.1")
    assert status == 400
    assert "ocpp0.1" in text
    assert "ocpp2.0.1, ocpp1.6" in text


@pytest.mark.case("TR_02")
@pytest.mark.quirk(1)
async def test_tr_02_no_header_is_refused_unless_the_station_is_flagged(
    gateway: Gateway, database: Database, tenants: TwoTenants
) -> None:
    upgrade = ["Upgrade: websocket", "Connection: Upgrade"]
    assert (await raw_http(gateway, *upgrade_lines("GREEN-1", *upgrade))).startswith("HTTP/1.1 400")
    await set_station(database, tenants.green.station, subprotocol_optional=True)
    answer = await raw_http(gateway, *upgrade_lines("GREEN-1", *upgrade))
    assert answer.startswith("HTTP/1.1 101")
    assert "Sec-WebSocket-Protocol" not in answer


@pytest.mark.case("TR_03")
async def test_tr_03_the_version_in_the_url_means_nothing(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1", "ocpp2.0.1", path="/ocpp/1.6/GREEN-1") as station:
        assert station.socket.subprotocol == "ocpp2.0.1"


@pytest.mark.case("TR_04")
@pytest.mark.quirk(7, 8, 9)
@pytest.mark.parametrize("path", ["/ocpp/green-1", "/ocpp/GREEN%2D1/", "/GREEN-1?x=1"])
async def test_tr_04_the_identity_is_found_however_it_is_written(gateway: Gateway, path: str) -> None:
    async with station_at(gateway, "GREEN-1", path=path) as station:
        assert (await station.call("Heartbeat", {})).keys() == {"currentTime"}


@pytest.mark.case("TR_05")
@pytest.mark.parametrize("path", ["/", "/ocpp/a:b", "/ocpp/%FF"])
async def test_tr_05_what_is_no_identity_is_not_found(gateway: Gateway, path: str) -> None:
    assert (await refusal(gateway, path, basic("GREEN-1")))[0] == 404


@pytest.mark.case("TR_06")
async def test_tr_06_an_unknown_identity_is_not_found(gateway: Gateway) -> None:
    status, text, _ = await refusal(gateway, "/ocpp/NOBODY", basic("NOBODY"))
    assert status == 404
    assert "NOBODY" in text


@pytest.mark.case("TR_08")
async def test_tr_08_compression_only_when_asked_and_with_nothing_kept(gateway: Gateway) -> None:
    async with station_at(gateway, "GREEN-1", compression="deflate") as station:
        assert station.socket.response is not None
        agreed = station.socket.response.headers["Sec-WebSocket-Extensions"]
        assert "server_no_context_takeover" in agreed
        assert "client_no_context_takeover" in agreed
        for _ in range(3):
            assert "currentTime" in await station.call("Heartbeat", {})
    async with station_at(gateway, "GREEN-2") as station:
        assert station.socket.response is not None
        assert "Sec-WebSocket-Extensions" not in station.socket.response.headers


async def test_tr_11_a_wrong_password_is_refused_with_a_challenge(gateway: Gateway) -> None:
    status, text, headers = await refusal(gateway, "/ocpp/GREEN-1", basic("GREEN-1", "wrong"))
    assert status == 401
    assert headers["WWW-Authenticate"].startswith('Basic realm="')
    assert "password" in text
    assert PASSWORD not in text


async def test_tr_12_the_password_of_another_station_does_not_open(gateway: Gateway) -> None:
    assert (await refusal(gateway, "/ocpp/GREEN-1", basic("GREEN-2")))[0] == 401
    assert (await refusal(gateway, "/ocpp/GREEN-1", basic("BLUE-1")))[0] == 401


@pytest.mark.parametrize(
    "headers",
    [{}, {"Authorization": "Basic ???"}, {"Authorization": "Basic R1JFRU4tMQ=="}, {"Authorization": "Bearer x"}],
)
async def test_tr_13_missing_or_bad_credentials(gateway: Gateway, headers: dict[str, str]) -> None:
    status, _, answered = await refusal(gateway, "/ocpp/GREEN-1", headers)
    assert status == 401
    assert "WWW-Authenticate" in answered


async def test_tr_14_profile_0_only_by_flag(gateway: Gateway, database: Database, tenants: TwoTenants) -> None:
    await set_station(database, tenants.green.station, security_profile=0)
    async with station_at(gateway, "GREEN-1", headers={}) as station:
        assert "currentTime" in await station.call("Heartbeat", {})
    await set_station(database, tenants.green.station, security_profile=2)
    status, text, _ = await refusal(gateway, "/ocpp/GREEN-1", basic("GREEN-1"))
    assert status == 403
    assert "wss://" in text


@pytest.mark.parametrize("used", ["new", "old"])
async def test_tr_15_the_first_password_used_settles_the_change(
    gateway: Gateway, database: Database, tenants: TwoTenants, used: str
) -> None:
    before = await row_of(database, tenants.green.station)
    digest = digest_password(SECRET_KEY.encode(), b"the-new-password")
    await set_station(database, tenants.green.station, pending_password_hash=digest)
    password = "the-new-password" if used == "new" else PASSWORD
    async with station_at(gateway, "GREEN-1", headers=basic("GREEN-1", password)) as station:
        await station.call("Heartbeat", {})
        row = await row_of(database, tenants.green.station)
        assert row.pending_password_hash is None
        assert row.password_hash == (digest if used == "new" else before.password_hash)


async def test_a_browser_is_told_what_this_port_is(gateway: Gateway) -> None:
    answer = await raw_http(gateway, "GET / HTTP/1.1", "Host: 127.0.0.1")
    assert answer.startswith("HTTP/1.1 426")
    assert "Upgrade: websocket" in answer


@pytest.mark.quirk(3)
async def test_a_missing_connection_header_is_forgiven(gateway: Gateway) -> None:
    lines = upgrade_lines("GREEN-1", "Upgrade: websocket", "Sec-WebSocket-Protocol: ocpp1.6")
    assert (await raw_http(gateway, *lines)).startswith("HTTP/1.1 101")


async def test_what_the_handshake_said_is_not_kept(gateway: Gateway, two_tenants: TwoTenants) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        connection = gateway._registry.locate(two_tenants.green.station.id)
        assert connection is not None
        for message in (connection._websocket.request, connection._websocket.response):
            assert message is not None
            assert not message.headers

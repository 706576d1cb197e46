"""However the bytes of frames are cut, the same messages come out, and what is wrong closes the socket."""

import asyncio
import random

import pytest
from websockets.frames import Frame, Opcode

from csms.gateway.server import Gateway
from tests.csms.gateway.stations import RawStation, basic, station_at

HEARTBEAT = b'[2,"%d","Heartbeat",{}]'
PADDED = b'[2,"%d","DataTransfer",{"vendorId":"test","data":"%s"}]'


def masked(opcode: Opcode, data: bytes, fin: bool = True) -> bytes:
    """A frame as a client sends it."""
    return Frame(opcode, data, fin).serialize(mask=True)


def conversation() -> tuple[bytes, list[str]]:
    """Frames of all kinds and lengths, and the message ids that are to be answered, in order."""
    frames: list[bytes] = []
    for number, length in enumerate((0, 70, 126, 300, 65_535, 70_000)):
        frames += [
            masked(Opcode.TEXT, HEARTBEAT % (3 * number)),
            masked(Opcode.PING, b"there"),
            masked(Opcode.TEXT, PADDED % (3 * number + 1, b"x" * length)),
            masked(Opcode.TEXT, HEARTBEAT[:7] % (3 * number + 2), fin=False),
            masked(Opcode.PONG, b""),
            masked(Opcode.CONT, (HEARTBEAT % (3 * number + 2))[len(HEARTBEAT[:7] % (3 * number + 2)) :]),
        ]
    return b"".join(frames), [str(number) for number in range(18)]


async def answers(station: RawStation, count: int) -> list[str]:
    return [(await station.receive())[1] for _ in range(count)]


@pytest.mark.parametrize("seed", range(4))
async def test_frames_cut_anywhere_are_read_all_the_same(gateway: Gateway, seed: int) -> None:
    data, expected = conversation()
    rng = random.Random(seed)
    async with station_at(gateway, "GREEN-1", max_queue=None) as station:
        await station.call("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})
        place = 0
        while place < len(data):
            size = rng.choice((1, 2, 3, 7, 100, 5_000, 80_000))
            station.socket.transport.write(data[place : place + size])
            place += size
            await asyncio.sleep(0)  # lets the server read what there is
        assert sorted(await answers(station, len(expected)), key=int) == expected


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (masked(Opcode.TEXT, b"\xff"), 1007),
        (Frame(Opcode.TEXT, b"[]").serialize(mask=False), 1002),
        (masked(Opcode.TEXT, b"[", fin=False) + masked(Opcode.TEXT, b"[]"), 1002),
        (bytes((0xC1, 0x82)) + b"\0\0\0\0[]", 1002),
        (bytes((0x81, 0xFF)) + (2**40).to_bytes(8, "big"), 1009),
    ],
    ids=["not UTF-8", "not masked", "text within a message", "compressed without leave", "too large"],
)
async def test_what_is_no_websocket_frame_closes(gateway: Gateway, data: bytes, code: int) -> None:
    async with station_at(gateway, "GREEN-1") as station:
        await station.call("Heartbeat", {})
        station.socket.transport.write(data)
        await station.socket.wait_closed()
        assert station.socket.close_code == code


async def test_frames_that_come_with_the_handshake_are_read(gateway: Gateway) -> None:
    """A client that does not wait for its 101."""
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.port)
    headers = {
        "Host": "test",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "ocpp1.6",
    } | basic("GREEN-1")
    request = "GET /ocpp/GREEN-1 HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    first = masked(Opcode.TEXT, HEARTBEAT % 1)
    writer.write(request.encode() + b"\r\n" + first[:9])
    await asyncio.sleep(0)
    writer.write(first[9:] + masked(Opcode.TEXT, HEARTBEAT % 2))
    received = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)
    assert b" 101 " in received
    for number in (b"1", b"2"):
        head = await asyncio.wait_for(reader.readexactly(2), 5)
        assert b'[3,"' + number in await reader.readexactly(head[1])
    writer.write(masked(Opcode.CLOSE, b""))
    await reader.read()
    writer.close()

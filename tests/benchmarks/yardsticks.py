"""What Voltdeck is measured against, as servers: `python -m tests.benchmarks.yardsticks echo|ocpp PORT`."""

import asyncio
import contextlib
import sys
from datetime import UTC, datetime
from typing import Any

import uvloop
from ocpp.routing import on
from ocpp.v16 import ChargePoint, call_result
from ocpp.v16.datatypes import IdTagInfo
from ocpp.v16.enums import AuthorizationStatus, RegistrationStatus
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol


async def echo(socket: ServerConnection) -> None:
    """The floor: what the socket alone costs."""
    with contextlib.suppress(ConnectionClosed):
        async for text in socket:
            await socket.send(text)


class ExampleChargePoint(ChargePoint):
    """The `ocpp` package's example central system, with schema validation and nothing stored."""

    @on("BootNotification")
    def on_boot(self, **_payload: Any) -> call_result.BootNotification:
        return call_result.BootNotification(
            current_time=datetime.now(UTC).isoformat(), interval=300, status=RegistrationStatus.accepted
        )

    @on("Heartbeat")
    def on_heartbeat(self, **_payload: Any) -> call_result.Heartbeat:
        return call_result.Heartbeat(current_time=datetime.now(UTC).isoformat())

    @on("StartTransaction")
    def on_start(self, **_payload: Any) -> call_result.StartTransaction:
        return call_result.StartTransaction(
            transaction_id=1, id_tag_info=IdTagInfo(status=AuthorizationStatus.accepted)
        )

    @on("MeterValues")
    def on_meter_values(self, **_payload: Any) -> call_result.MeterValues:
        return call_result.MeterValues()


async def ocpp_example(socket: ServerConnection) -> None:
    """What a Python developer would pick instead."""
    with contextlib.suppress(ConnectionClosed):
        await ExampleChargePoint(socket.request.path.strip("/"), socket).start()  # pyright: ignore[reportOptionalMemberAccess]


async def main(kind: str, port: int) -> None:
    """Serve until killed."""
    handler = {"echo": echo, "ocpp": ocpp_example}[kind]
    async with serve(
        handler, "127.0.0.1", port, subprotocols=[Subprotocol("ocpp1.6")], compression=None, ping_interval=None
    ):
        await asyncio.Future()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))

"""Charging stations for tests: raw frames over a real socket, nothing hidden."""

import base64
import itertools
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any

import orjson
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from csms.config import Settings
from csms.gateway.server import Gateway
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from models import ChargingStation, Frame
from models.db import Database
from models.scope import platform_scope

SECRET_KEY = "key-of-the-tests"
PASSWORD = "a-password-of-the-tests"
_ids = itertools.count(1)


def settings(**changes: Any) -> Settings:
    """Settings for a gateway on a free loopback port."""
    return Settings(
        _env_file=None,
        **{"secret_key": SECRET_KEY, "ocpp_host": "127.0.0.1", "ocpp_port": 0, "ocpp_call_timeout_s": 5.0} | changes,
    )


async def set_station(database: Database, ref: StationRef, **values: Any) -> None:
    """Change columns of a station's row."""
    with platform_scope():
        async with AsyncSession(database.writer) as session:
            await session.execute(update(ChargingStation).where(col(ChargingStation.id) == ref.id).values(**values))
            await session.commit()


async def give_passwords(database: Database, refs: Iterable[StationRef]) -> None:
    """Set PASSWORD for stations, as if they had been registered with it."""
    for ref in refs:
        await set_station(database, ref, password_hash=digest_password(SECRET_KEY.encode(), PASSWORD.encode()))


def basic(username: str, password: str | bytes = PASSWORD) -> dict[str, str]:
    """The header of Basic authentication."""
    secret = password if isinstance(password, bytes) else password.encode()
    return {"Authorization": "Basic " + base64.b64encode(username.encode() + b":" + secret).decode()}


class RawStation:
    """A connected station that sends and receives frames as Python lists."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    async def send(self, frame: Any) -> None:
        """Send a frame; text and bytes go as they are."""
        await self.socket.send(frame if isinstance(frame, str | bytes) else orjson.dumps(frame).decode())

    async def receive(self) -> list[Any]:
        """The next frame."""
        return orjson.loads(await self.socket.recv())

    async def call(self, action: str, payload: dict[str, Any], message_id: str | None = None) -> Any:
        """Send a CALL and return the payload of its CALLRESULT; a CALLERROR fails the test."""
        answer = await self.exchange(action, payload, message_id)
        assert answer[0] == 3, answer
        return answer[2]

    async def exchange(self, action: str, payload: Any, message_id: str | None = None) -> list[Any]:
        """Send a CALL and return the frame that answers it."""
        message_id = message_id or f"m{next(_ids)}"
        await self.send([2, message_id, action, payload])
        answer = await self.receive()
        assert answer[1] == message_id, answer
        return answer


@asynccontextmanager
async def station_at(
    gateway: Gateway,
    identity: str,
    *protocols: str,
    headers: dict[str, str] | None = None,
    path: str | None = None,
    **options: Any,
) -> AsyncGenerator[RawStation]:
    """A station connected to the gateway, 1.6 unless told otherwise."""
    options = {"ping_interval": None, "compression": None} | options
    async with connect(
        f"ws://127.0.0.1:{gateway.port}{path or '/ocpp/' + identity}",
        subprotocols=[Subprotocol(name) for name in protocols or ("ocpp1.6",)],
        additional_headers=basic(identity) if headers is None else headers,
        **options,
    ) as socket:
        yield RawStation(socket)


async def frames_of(database: Database, ref: StationRef) -> list[Frame]:
    """The archived exchanges of a station, oldest first."""
    with platform_scope():
        async with database.reading() as session:
            rows = await session.execute(select(Frame).where(col(Frame.station_id) == ref.id).order_by(col(Frame.id)))
            return list(rows.scalars())


async def row_of(database: Database, ref: StationRef) -> ChargingStation:
    """The station's row as it is now."""
    with platform_scope():
        async with database.reading() as session:
            return (
                await session.execute(select(ChargingStation).where(col(ChargingStation.id) == ref.id))
            ).scalar_one()

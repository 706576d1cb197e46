"""The bench: a whole platform with two tenants, stations made at will, and an operator at its command door."""

import asyncio
import itertools
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from csms.access.policy import Actor
from csms.authorization.keys import token_key
from csms.authorization.service import set_policy
from csms.commands.commands import RawRequest, StationCommand
from csms.commands.service import CommandResult
from csms.ocpp.version import OcppVersion
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from main import Platform
from models import ChargingStation, Connector, Evse, IdToken, Role
from models.scope import platform_scope, tenant_scope
from tests.certification.station import Asked, BenchStation, Json
from tests.csms.gateway.stations import PASSWORD, SECRET_KEY, basic
from tests.tenancy import LONG_AGO, SmallTenant, TwoTenants

M = TypeVar("M", bound=SQLModel)
_numbers = itertools.count(1)


class Lab:
    """What a case needs. Each station is new, so cases do not meet; `green` is whose they are, `blue` looks on."""

    def __init__(self, platform: Platform, tenants: TwoTenants) -> None:
        self.platform = platform
        self.green: SmallTenant = tenants.green
        self.blue: SmallTenant = tenants.blue
        self.operator = Actor(None, "Bench", "bench@example.test", self.green.id, Role.OPERATOR)

    async def prepare(self) -> None:
        """What must be in place before the platform starts."""

    # ---- stations

    async def register(
        self, *, evses: int = 2, tenant: SmallTenant | None = None, password: str = PASSWORD, **columns: Any
    ) -> StationRef:
        """Make a station known: `evses` with one connector each, Basic authentication with `password`."""
        owner = tenant or self.green
        identity = f"BENCH-{next(_numbers)}"
        digest = digest_password(SECRET_KEY.encode(), password.encode())
        with tenant_scope(owner.id):
            async with AsyncSession(self.platform.database.writer, expire_on_commit=False) as session:
                station = ChargingStation(
                    **{"identity": identity, "identity_key": identity.casefold(), "password_hash": digest}
                    | {"location_id": owner.location_id}
                    | columns
                )
                session.add(station)
                await session.flush()
                assert station.id is not None
                for number in range(1, evses + 1):
                    session.add(Evse(station_id=station.id, number=number, max_power_w=22_000))
                    session.add(Connector(station_id=station.id, evse_number=number, number=1))
                await session.commit()
        return StationRef(station.id, owner.id, owner.location_id, station.identity)

    @asynccontextmanager
    async def station(
        self,
        version: str = "1.6",
        *,
        ref: StationRef | None = None,
        boot: bool = True,
        headers: dict[str, str] | None = None,
        faultless: bool = True,
        tls: ssl.SSLContext | None = None,
        **columns: Any,
    ) -> AsyncGenerator[BenchStation]:
        """A connected station, booted unless told otherwise. With `faultless`, a bad frame of ours fails the test."""
        ref = ref or await self.register(**columns)
        async with connect(
            f"{'ws' if tls is None else 'wss'}://localhost/ocpp/{ref.identity}",
            host="127.0.0.1",
            port=self.platform.gateway.port if tls is None else self.platform.gateway.tls_port,
            ssl=tls,
            subprotocols=[Subprotocol(f"ocpp{version}")],
            additional_headers=basic(ref.identity) if headers is None else headers,
            ping_interval=None,
            compression=None,
        ) as socket:
            station = BenchStation(socket, ref, OcppVersion(version))
            if boot:
                await station.boot()
            try:
                yield station
            finally:
                await station.close()
        assert not (faultless and station.faults), station.faults

    # ---- the operator

    def ask(
        self, station: BenchStation | StationRef, command: StationCommand | str, payload: Json | None = None, **raw: Any
    ) -> "asyncio.Task[CommandResult]":
        """Send a command, typed or by its OCPP name and payload; the task ends with the outcome."""
        ref = station.ref if isinstance(station, BenchStation) else station
        request = RawRequest(command, payload or {}, **raw) if isinstance(command, str) else command
        return asyncio.create_task(self.platform.commands.request(self.operator, ref.id, request))

    async def operate(
        self, station: BenchStation, command: StationCommand | str, payload: Json | None, answer: Json, **raw: Any
    ) -> tuple[Asked, CommandResult]:
        """Send a command by its OCPP name and payload, have the station answer, return what it saw and the outcome."""
        assert isinstance(command, str), "typed commands: use `ask`, then `expect` and `answer`"
        asking = self.ask(station, command, payload, **raw)
        expected = asyncio.create_task(station.expect(command))
        await asyncio.wait((asking, expected), return_when=asyncio.FIRST_COMPLETED)
        assert expected.done(), f"never sent: {asking.result()}"
        await station.answer(expected.result(), answer)
        return expected.result(), await asking

    # ---- what is kept

    async def rows(self, model: type[M], **where: Any) -> list[M]:
        """The rows of a table with these values, oldest first."""
        query = select(model).order_by(col(model.id))  # type: ignore[attr-defined]
        for name, value in where.items():
            query = query.where(getattr(model, name) == value)
        with platform_scope():
            async with self.platform.database.reading() as session:
                return list((await session.execute(query)).scalars())

    async def row(self, model: type[M], **where: Any) -> M:
        """The one row with these values; the test fails unless there is just one."""
        [found] = await self.rows(model, **where)
        return found

    async def add(self, *rows: SQLModel, tenant: SmallTenant | None = None) -> None:
        """Store rows for a tenant."""
        with tenant_scope((tenant or self.green).id):
            async with AsyncSession(self.platform.database.writer, expire_on_commit=False) as session:
                session.add_all(rows)
                await session.commit()

    async def token(self, **columns: Any) -> str:
        """A new token of Green's, accepted unless `columns` say otherwise."""
        value = columns.pop("value", f"CARD{next(_numbers):06}")
        await self.add(IdToken(**{"value": value, "value_key": token_key(value), "created_at": LONG_AGO} | columns))
        return value

    async def policy(self, tenant: SmallTenant, **changes: Any) -> None:
        """How a tenant's tokens are judged; what is not named is as usual."""
        usual = {"allow_concurrent": True, "master_pass_group": None, "free_vend": False}
        with tenant_scope(tenant.id):
            await self.platform.committer.run(lambda work: set_policy(work.session(), **usual | changes))

    async def until(self, holds: Callable[[], bool | Awaitable[bool]]) -> None:
        """Wait for a condition, as long as the test may last."""
        while True:
            found = holds()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.005)

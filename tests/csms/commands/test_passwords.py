"""TR_15: changing a station's password never locks it out, whatever becomes of the request."""

import pytest

from csms.access.policy import Actor
from csms.clock import ManualClock
from csms.commands.commands import RawRequest, Reset, SetVariable, StationCommand
from csms.commands.passwords import password_in
from csms.commands.port import Delivery
from csms.commands.service import Commands
from csms.errors import InvalidInputError, StationOfflineError, StationRefusedError, StationTimeoutError
from csms.stations.ref import StationRef
from csms.stations.security import digest_password
from csms.stations.service import StationAccess, find_access
from csms.work import Committer, Work
from models import ChargingStation, Role
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import TwoTenants

KEY = b"platform key"
OLD, NEW_HEX = "old", "00112233445566778899aabbccddeeff"
NEW = digest_password(KEY, bytes.fromhex(NEW_HEX))


class Line:
    """A station that answers as told; keeps what opened its door while it was asked."""

    def __init__(self, database: Database, answer: str | Exception) -> None:
        self.database, self.answer = database, answer
        self.doors: list[StationAccess | None] = []

    async def deliver(self, ref: StationRef, _command: StationCommand) -> Delivery:
        self.doors.append(await access(self.database, ref))
        if isinstance(self.answer, Exception):
            raise self.answer
        return Delivery("ChangeConfiguration", {"key": "AuthorizationKey", "value": NEW_HEX}, self.answer)


async def access(database: Database, ref: StationRef) -> StationAccess | None:
    with platform_scope():
        async with database.reading() as session:
            return await find_access(session, ref.identity.casefold())


@pytest.mark.parametrize(
    ("answer", "kept"),
    [
        ("Accepted", (NEW, None)),
        ("Rejected", (OLD, None)),
        ("NotSupported", (OLD, None)),
        ("RebootRequired", (OLD, NEW)),
        (StationRefusedError("InternalError"), (OLD, None)),
        (StationOfflineError("x"), (OLD, None)),
        (StationTimeoutError("x"), (OLD, NEW)),
    ],
)
async def test_tr_15_the_new_password_counts_when_the_station_has_it(
    database: Database,
    committer: Committer,
    clock: ManualClock,
    two_tenants: TwoTenants,
    answer: str | Exception,
    kept: tuple[str, str | None],
) -> None:
    ref = two_tenants.green.station

    async def provision(work: Work) -> None:
        (await work.session().get_one(ChargingStation, ref.id)).password_hash = OLD

    with tenant_scope(ref.tenant_id):
        await committer.run(provision)
    line = Line(database, answer)
    commands = Commands(committer, database, clock, line, KEY)
    ann = Actor(None, "Ann", "", ref.tenant_id, Role.OPERATOR)
    await commands.set_variable(ann, ref.identity, SetVariable("AuthorizationKey", NEW_HEX))
    [during] = line.doors
    assert during is not None
    assert (during.password_hash, during.pending_password_hash) == (OLD, NEW)
    after = await access(database, ref)
    assert after is not None
    assert (after.password_hash, after.pending_password_hash) == kept
    other = await access(database, two_tenants.blue.station)
    assert other is not None
    assert other.pending_password_hash is None


@pytest.mark.parametrize(
    ("command", "password"),
    [
        (SetVariable("authorizationKey", "ff" * 16), b"\xff" * 16),
        (SetVariable("AuthorizationKey", "plain-password-16"), b"plain-password-16"),
        (SetVariable("BasicAuthPassword", "ff" * 16, "SecurityCtrlr"), b"ff" * 16),
        (SetVariable("HeartbeatInterval", "300"), None),
        (Reset(immediate=True), None),
        (RawRequest("ChangeConfiguration", {"key": "HeartbeatInterval", "value": "1"}), None),
        (RawRequest("ChangeConfiguration", {"key": "AuthorizationKey", "value": "ff" * 16}), b"\xff" * 16),
        (
            RawRequest(
                "SetVariables",
                {
                    "setVariableData": [
                        {
                            "component": {"name": "SecurityCtrlr"},
                            "variable": {"name": "BasicAuthPassword"},
                            "attributeValue": "sixteen-letters!",
                        }
                    ]
                },
            ),
            b"sixteen-letters!",
        ),
    ],
)
def test_the_password_in_a_command(command: StationCommand, password: bytes | None) -> None:
    assert password_in(command) == password


@pytest.mark.parametrize(
    "command",
    [
        SetVariable("AuthorizationKey", "short"),
        SetVariable("AuthorizationKey", "f" * 41),
        SetVariable("BasicAuthPassword", "x" * 41),
        SetVariable("BasicAuthPassword", "x" * 15),
        RawRequest("ChangeConfiguration", {"key": "AuthorizationKey", "value": "short"}),
        RawRequest("SetNetworkProfile", {"connectionData": {"basicAuthPassword": "too-short"}}),
        RawRequest("SetVariables", {"setVariableData": [{"variable": {"name": "BasicAuthPassword"}}]}),
    ],
)
def test_what_would_lock_the_station_out_is_refused(command: StationCommand) -> None:
    with pytest.raises(InvalidInputError):
        password_in(command)

"""Tables of chargers: what is wrong is said line by line, and nothing is half done."""

import csv
import io

import pytest
from sqlalchemy import func, select

from csms.access.policy import Actor
from csms.clock import ManualClock
from csms.errors import ConflictError, InvalidInputError, PermissionDeniedError
from csms.stations.importing import (
    ImportDefaults,
    ImportRow,
    check_rows,
    import_stations,
    passwords_table,
    read_table,
    template,
    written,
)
from csms.stations.managing import Added
from csms.stations.security import password_matches
from csms.work import Committer
from models import ChargingStation, Connector, Location, Role
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import SmallTenant, TwoTenants

KEY = b"key"
DEFAULTS = ImportDefaults("Europe/Berlin", 1)
HEAD = "identity,name,location,latitude,longitude,connectors,max_power_kw"


def clerk(tenant: SmallTenant, role: Role = Role.OPERATOR) -> Actor:
    return Actor(None, "Ada", "ada@example.com", tenant.id, role)


async def look(database: Database, tenant: SmallTenant, *lines: str) -> list[ImportRow]:
    rows = read_table("\n".join((HEAD, *lines)).encode())
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            await check_rows(session, rows, DEFAULTS)
    return rows


async def add(
    committer: Committer, tenant: SmallTenant, clock: ManualClock, *lines: str, role: Role = Role.OPERATOR
) -> list[Added]:
    content = "\n".join((HEAD, *lines)).encode()
    with tenant_scope(tenant.id):
        return await committer.run(
            lambda work: import_stations(work, clerk(tenant, role), content, DEFAULTS, KEY, clock.now())
        )


async def counted(database: Database, tenant: SmallTenant) -> tuple[int, int]:
    """Stations and locations of a tenant."""
    with tenant_scope(tenant.id):
        async with database.reading() as session:
            stations = await session.scalar(select(func.count()).select_from(ChargingStation))
            places = await session.scalar(select(func.count()).select_from(Location))
    return stations or 0, places or 0


async def test_every_line_is_told_what_is_wrong_with_it(database: Database, two_tenants: TwoTenants) -> None:
    rows = await look(
        database,
        two_tenants.green,
        "OK-1,,Green yard",
        "OK-2,,Harbour,53.5,10.0,2,22",
        "BLUE-1,,Green yard",
        "ok-1,,Green yard",
        ",,Green yard",
        "A B,,",
        "C,,Nowhere",
        "D,,Moon,95,10",
        "E,,Green yard,,,many",
        "F,,Green yard,,,1,watt",
        "EXAMPLE-0001,,Green yard",
    )
    said = [" ".join(row.problems) for row in rows]
    assert said[:2] == ["", ""]
    assert "taken already" in said[2]
    assert "Blue" not in said[2]
    assert said[3] == "Identity: line 2 has the same."
    assert said[4].startswith("Identity: enter")
    assert "a blank" in said[5]
    assert "name the location" in said[5]
    assert "give its latitude" in said[6]
    assert "Latitude" in said[7]
    assert said[8].startswith("Connectors:")
    assert said[9].startswith("Max power")
    assert "example" in said[10]
    assert rows[2].line == 4


async def test_all_or_nothing(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    green = two_tenants.green
    before = await counted(database, green)
    with pytest.raises(ConflictError, match=r"so nothing was added. The first is line 3"):
        await add(committer, green, clock, "OK-1,,Harbour,53.5,10.0", "GREEN-1,,Green yard")
    with pytest.raises(PermissionDeniedError):
        await add(committer, green, clock, "OK-1,,Green yard", role=Role.VIEWER)
    assert await counted(database, green) == before
    added = await add(
        committer, green, clock, "OK-1,Gate,Harbour,53.5,10.0,2,22", "OK-2,,harbour,53.5,10.0", "OK-3,,Green yard"
    )
    assert [one.ref.identity for one in added] == ["OK-1", "OK-2", "OK-3"]
    assert added[0].ref.location_id == added[1].ref.location_id != green.location_id
    assert await counted(database, green) == (before[0] + 3, before[1] + 1)
    assert (await counted(database, two_tenants.blue))[0] == 2
    with tenant_scope(green.id):
        async with database.reading() as session:
            row = await session.get_one(ChargingStation, added[0].ref.id)
            assert password_matches(KEY, row.password_hash, (added[0].password or "").encode())
            query = select(func.count()).select_from(Connector).where(Connector.station_id == row.id)  # type: ignore[arg-type]
            assert await session.scalar(query) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_thousands_are_no_burden(
    committer: Committer, two_tenants: TwoTenants, clock: ManualClock, database: Database
) -> None:
    lines = [f"BULK-{number:05},,Green yard,,,1,11" for number in range(1_000)]
    added = await add(committer, two_tenants.green, clock, *lines)
    assert len({one.password for one in added}) == 1_000
    with pytest.raises(InvalidInputError, match="5,001 lines"):
        read_table("\n".join((HEAD, *lines * 5, "ONE-MORE,,Green yard")).encode())


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"x" * 1_000_001, "larger than 1 MB"),
        (b"name,location\nA,B", "must be .identity."),
        (b"identity,colour\nA,red", "Unknown column .colour."),
        (b"identity,identity\nA,B", "there twice"),
        (b"identity\n\n", "no line below"),
        (b"PK\x00\x03", "not a CSV table"),
        (b'identity,name\nA,"open', "not a CSV table"),
    ],
)
def test_what_is_no_table_is_said(content: bytes, why: str) -> None:
    with pytest.raises(InvalidInputError, match=why):
        read_table(content)


@pytest.mark.parametrize(
    "content",
    [
        "\ufeffidentity;name\r\nA-1;Tür\r\n".encode(),
        "identity\tname\nA-1\tTür\n".encode(),
        "Identity,Name\nA-1,Tür".encode("cp1252"),
    ],
)
def test_tables_as_spreadsheets_write_them(content: bytes) -> None:
    assert [row.values for row in read_table(content)] == [{"identity": "A-1", "name": "Tür"}]


def test_formulas_are_text_in_what_we_write_and_read_back_as_they_were() -> None:
    table = written([["identity", "name"], ["=1+1", "@SUM(A1)"], ["-1", "\tx"]])
    cells = list(csv.reader(io.StringIO(table.removeprefix("\ufeff"))))
    assert cells[1:] == [["'=1+1", "'@SUM(A1)"], ["'-1", "'\tx"]]
    assert [row.values["identity"] for row in read_table(table.encode())] == ["=1+1", "-1"]


def test_the_template_and_the_passwords_can_be_read(two_tenants: TwoTenants) -> None:
    assert len(read_table(template().encode())) == 1
    table = passwords_table([Added(two_tenants.green.station, "secret")], lambda one: f"ws://x/ocpp/{one}")
    assert table.splitlines()[1] == "GREEN-1,ws://x/ocpp/GREEN-1,GREEN-1,secret"

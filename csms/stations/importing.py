"""Many stations from a table: read, checked line by line in words, and added all at once or not at all."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Actor, Permission, require
from csms.errors import ConflictError, InvalidInputError
from csms.stations.fitting import STANDARDS, checked_connectors
from csms.stations.identities import checked_identity, taken_identities
from csms.stations.managing import PROFILES, Added, StationPlan, add_stations
from csms.stations.places import LocationPlan, add_location, checked_plan
from csms.stations.setup import ConnectorPlan
from csms.work import Work
from models import Location

MOST_BYTES = 1_000_000
MOST_ROWS = 5_000
MOST_CONNECTORS = 20
EXAMPLE = "EXAMPLE-0001"
COLUMNS = {
    "identity": "the last part of the address it connects to; needed",
    "name": "what people read",
    "location": "name of a location; a new one is added with its coordinates; needed",
    "address": "of a new location",
    "postal_code": "of a new location",
    "city": "of a new location",
    "country": "of a new location, three letters such as DEU",
    "latitude": "of a new location, such as 52.5206",
    "longitude": "of a new location, such as 13.4098",
    "time_zone": "of a new location; yours if left out",
    "security_profile": "0 to 3; what this platform serves if left out",
    "connectors": "how many EVSEs it has; learnt when it connects if left out",
    "connector_type": "such as IEC_62196_T2 or IEC_62196_T2_COMBO",
    "max_power_kw": "of each EVSE",
}
"""What each column of the table means."""
_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ImportDefaults:
    """What holds where a line says nothing."""

    time_zone: str
    security_profile: int


@dataclass(slots=True)
class ImportRow:
    """A line of the table: what it would add, or why it cannot."""

    line: int
    """As a spreadsheet counts; the first is the heading."""
    values: dict[str, str]
    plan: StationPlan | None = None
    problems: list[str] = field(default_factory=list[str])


def template() -> str:
    """A table to fill in, with one line as an example."""
    example = [EXAMPLE, "By the gate", "Main street", "Main street 1", "10115", "Berlin", "DEU"]
    example += ["52.5206", "13.4098", "Europe/Berlin", "1", "2", "IEC_62196_T2", "22"]
    return written([list(COLUMNS), example])


def written(rows: Sequence[Sequence[str]]) -> str:
    """A table as CSV. What a spreadsheet would take for a formula is marked as text."""
    target = io.StringIO()
    csv.writer(target, lineterminator="\r\n").writerows([[_as_text(cell) for cell in row] for row in rows])
    return "\ufeff" + target.getvalue()


def read_table(content: bytes) -> list[ImportRow]:
    """The lines of a table, not checked yet. Raises InvalidInputError where it cannot be read as a whole."""
    if len(content) > MOST_BYTES:
        raise InvalidInputError("The file is larger than 1 MB. Split it.")
    text = _decoded(content)
    head = text.split("\n", 1)[0]
    delimiter = max((";", ",", "\t"), key=head.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise InvalidInputError(f"The file is not a CSV table: {error}.") from None
    names = [name.strip().casefold() for name in lines[0]] if lines else []
    if "identity" not in names:
        raise InvalidInputError("The first line must name the columns, and one of them must be “identity”.")
    if unknown := [name for name in names if name and name not in COLUMNS]:
        raise InvalidInputError(f"Unknown column “{unknown[0][:40]}”. Known are {', '.join(COLUMNS)}.")
    if len(set(names)) != len(names):
        raise InvalidInputError("A column is there twice.")
    filled = [(number, line) for number, line in enumerate(lines[1:], start=2) if any(cell.strip() for cell in line)]
    if not filled:
        raise InvalidInputError("There is no line below the heading.")
    if len(filled) > MOST_ROWS:
        raise InvalidInputError(f"There are {len(filled):,} lines; at most {MOST_ROWS:,} go in one file. Split it.")
    rows: list[ImportRow] = []
    for number, line in filled:
        values = {name: _plain(cell) for name, cell in zip(names, line, strict=False) if name}
        row = ImportRow(number, values)
        if any(cell.strip() for cell in line[len(names) :]):
            row.problems.append("It has more cells than there are columns; is a comma in a cell without quotes?")
        rows.append(row)
    return rows


async def check_rows(session: AsyncSession, rows: Sequence[ImportRow], defaults: ImportDefaults) -> None:
    """Work out what each line would add, and note in words why it cannot. Tenant scope."""
    known = {
        name: number
        for number, name in (await session.execute(select(col(Location.id), func.lower(col(Location.name))))).all()
    }
    taken = await taken_identities(session, [row.values.get("identity", "").strip() for row in rows])
    seen: dict[str, int] = {}
    new_places: dict[str, LocationPlan] = {}
    for row in rows:
        row.plan = _checked(row, known, new_places, defaults)
        key = row.values.get("identity", "").strip().casefold()
        if key in seen:
            row.problems.append(f"Identity: line {seen[key]} has the same.")
        elif key and key in taken:
            row.problems.append("Identity: it is taken already.")
        seen.setdefault(key, row.line)


def plans_of(rows: Sequence[ImportRow]) -> list[StationPlan]:
    """What is to be added. Raises ConflictError while a line has a problem: all or none."""
    bad = [row for row in rows if row.problems or row.plan is None]
    if bad:
        lines = "1 line has a problem" if len(bad) == 1 else f"{len(bad)} lines have problems"
        raise ConflictError(f"{lines}, so nothing was added. The first is line {bad[0].line}: {bad[0].problems[0]}")
    return [row.plan for row in rows if row.plan is not None]


async def import_stations(
    work: Work, actor: Actor, content: bytes, defaults: ImportDefaults, secret_key: bytes, at: datetime
) -> list[Added]:
    """Add every station of the table, all or none. Raises ConflictError naming the first line that cannot be."""
    require(actor, Permission.STATIONS_MANAGE)
    rows = read_table(content)
    await check_rows(work.session(), rows, defaults)
    plans = plans_of(rows)
    places: dict[str, int] = {}
    for plan in plans:
        if plan.location is not None and plan.location.name.lower() not in places:
            added = await add_location(work, actor, plan.location, at)
            places[plan.location.name.lower()] = added.id or 0
    placed = [
        plan if plan.location is None else replace(plan, location=None, location_id=places[plan.location.name.lower()])
        for plan in plans
    ]
    return await add_stations(work, actor, placed, secret_key, at)


def passwords_table(added: Sequence[Added], url_of: Callable[[str], str]) -> str:
    """The result as CSV: what must be entered at each charger. Shown once; nothing of it is kept."""
    heading = ["identity", "url", "user_name", "password"]
    lines = [[one.ref.identity, url_of(one.ref.identity), one.ref.identity, one.password or ""] for one in added]
    return written([heading, *lines])


def _checked(
    row: ImportRow, known: dict[str, int | None], new_places: dict[str, LocationPlan], defaults: ImportDefaults
) -> StationPlan | None:
    values = row.values
    identity, location_id, place = "", None, None
    try:
        identity = checked_identity(values.get("identity", ""))
        if identity.casefold() == EXAMPLE.casefold():
            row.problems.append("This is the template's example. Delete the line.")
    except InvalidInputError as error:
        row.problems.append(str(error))
    name = values.get("location", "")
    if not name:
        row.problems.append("Location: name the location where it stands.")
    elif name.lower() in known:
        location_id = known[name.lower()]
    else:
        place = new_places.get(name.lower()) or _new_place(row, name, defaults)
        if place is not None:
            new_places[name.lower()] = place
    if len(values.get("name", "")) > 120:
        row.problems.append("Name: at most 120 characters.")
    profile = _number(row, "security_profile", defaults.security_profile, "Security profile: one of 0 to 3.")
    if profile is not None and profile not in PROFILES:
        row.problems.append("Security profile: one of 0 to 3.")
    connectors = _connectors(row)
    if row.problems or profile is None:
        return None
    return StationPlan(
        identity, values.get("name", ""), location_id, place, security_profile=profile, connectors=connectors
    )


def _new_place(row: ImportRow, name: str, defaults: ImportDefaults) -> LocationPlan | None:
    values = row.values
    try:
        latitude, longitude = (float(values.get(key, "").replace(",", ".")) for key in ("latitude", "longitude"))
    except ValueError:
        row.problems.append(f"Location: there is no location “{name}” yet; give its latitude and longitude to add it.")
        return None
    plan = LocationPlan(
        name,
        latitude,
        longitude,
        values.get("time_zone") or defaults.time_zone,
        address=values.get("address", ""),
        city=values.get("city", ""),
        postal_code=values.get("postal_code", ""),
        country=values.get("country", ""),
    )
    try:
        return checked_plan(plan)
    except InvalidInputError as error:
        row.problems.append(str(error))
        return None


def _connectors(row: ImportRow) -> tuple[ConnectorPlan, ...]:
    words = f"Connectors: a whole number of at most {MOST_CONNECTORS}."
    count = _number(row, "connectors", 0, words)
    if count is None:
        return ()
    if not 0 <= count <= MOST_CONNECTORS:
        row.problems.append(words)
        return ()
    standard = row.values.get("connector_type", "").upper() or "IEC_62196_T2"
    power = row.values.get("max_power_kw", "").replace(",", ".")
    try:
        max_power_w = round(float(power) * 1000) if power else None
    except (ValueError, OverflowError):
        row.problems.append("Max power: a number of kW, such as 22.")
        return ()
    if standard not in STANDARDS:
        row.problems.append(f"Connector type: one of {', '.join(STANDARDS)}.")
        return ()
    current = "DC" if standard.endswith("COMBO") or standard in ("CHADEMO", "GBT_DC") else "AC"
    plans = tuple(ConnectorPlan(number, 1, standard, current, max_power_w) for number in range(1, count + 1))
    try:
        checked_connectors(plans)
    except InvalidInputError as error:
        row.problems.append(str(error))
    return plans


def _number(row: ImportRow, name: str, default: int, problem: str) -> int | None:
    text = row.values.get(name, "")
    if not text:
        return default
    if not text.isascii() or not text.isdigit() or len(text) > 4:
        row.problems.append(problem)
        return None
    return int(text)


def _decoded(content: bytes) -> str:
    """UTF-8, or what spreadsheets on Windows write."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise InvalidInputError("The file is not a CSV table. Save the sheet as CSV (UTF-8) and choose that file.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _plain(cell: str) -> str:
    """A cell's text, without the mark that keeps a spreadsheet from taking it for a formula."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in _FORMULAS else cell


def _as_text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULAS) else cell

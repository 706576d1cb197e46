"""Every component with sample data, in the brand that the host names; run it to look, the browser tests run it too.

python -m tests.components.gallery 8099     then open http://bluewave.localhost:8099
"""

import asyncio
import math
import random
import sys
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from nicegui import ui

from components.charger_map import ChargerMap
from components.charts import BarChart, LiveChart
from components.confirm import confirm
from components.controls import button, card, icon_button, skeleton
from components.data_table import Cell, Column, DataTable, Filter, Page, Query
from components.details import details
from components.empty import Empty, empty_state
from components.figures import kpi, kpi_row
from components.formats import Formats
from components.frame_log import Frame, FrameLog
from components.live import follow
from components.status import STATUSES, status_chip
from components.steps import Steps
from themes.assets import PrecompressedAssets, serve
from themes.brand import Brand
from themes.builtin import BUILTIN, VOLTDECK
from themes.frame import NavItem, Person, Shell, shell
from themes.markup import Tag
from themes.page import centered, favicon_mark, manifest

NAV = (
    NavItem("/", "layout-dashboard", "Overview"),
    NavItem("/stations", "ev-charger", "Stations"),
    NavItem("/transactions", "receipt-text", "Sessions"),
    NavItem("/station", "activity", "Station"),
    NavItem("/parts", "layers", "Parts"),
    NavItem("/crowd", "map", "Crowd"),
)
BASE_MS = 1_790_000_000_000
STREETS = ("Alexanderplatz", "Potsdamer Platz", "Ostkreuz", "Messe", "Tegel", "Hafen", "Jungfernstieg", "Altona")
CITIES = {
    "greenenergy": ((52.52, 13.405, "Europe/Berlin"), (53.55, 9.99, "Europe/Berlin")),
    "bluewave": ((1.335, 103.85, "Asia/Singapore"),),
    "voltdeck": ((52.52, 13.405, "Europe/Berlin"),),
}
STATES = (
    "Available",
    "Charging",
    "Charging",
    "Available",
    "Preparing",
    "Faulted",
    "Offline",
    "SuspendedEV",
    "Unavailable",
    "Charging",
)
FORMATS = {
    "greenenergy": Formats("en-GB", "EUR", "Europe/Berlin"),
    "bluewave": Formats("en-SG", "SGD", "Asia/Singapore"),
    "voltdeck": Formats("en", "EUR", "UTC"),
}


class SampleBoard:
    """The least that `follow` needs: callbacks by key, called when a test asks for /emit."""

    def __init__(self) -> None:
        self.callbacks: list[tuple[str, Any]] = []

    def subscribe(self, tenant_id: int, key: str, callback: Any) -> Any:
        entry = (key, callback)
        self.callbacks.append(entry)
        return lambda: self.callbacks.remove(entry)

    def emit(self, key: str, snapshot: dict[str, Any]) -> None:
        for followed, callback in list(self.callbacks):
            if followed in ("overview", key):
                callback({key: snapshot})


board = SampleBoard()
app = FastAPI()


def brand_of(host: str) -> Brand:
    return BUILTIN.get(host.split(".")[0].split(":")[0], VOLTDECK)


def current_brand() -> Brand:
    return brand_of(ui.context.client.request.headers["host"])


def sample_rows(brand: Brand, count: int = 24) -> list[tuple[str, float, float, str, str]]:
    rng = random.Random(brand.key)
    cities = CITIES[brand.key]
    rows = []
    for n in range(count):
        lat, lng, _ = cities[n % len(cities)]
        spread = 0.09 if count < 100 else 0.5
        place = (round(lat + rng.uniform(-0.5, 0.5) * spread, 5), round(lng + rng.uniform(-1, 1) * spread, 5))
        rows.append((f"CP-{n + 1:03}", *place, STATES[n % len(STATES)], f"{STREETS[n % len(STREETS)]} {n + 1}"))
    return rows


@app.get("/map.json")
def map_data(request: Request, count: int = 24) -> list[Any]:
    return sample_rows(brand_of(request.headers["host"]), count)


@app.get("/emit")
def emit(key: str, status: str) -> int:
    board.emit(key, {"status": status, "power_w": 11000})
    return len(board.callbacks)


@app.get("/subscriptions")
def subscriptions() -> int:
    return len(board.callbacks)


@app.get("/pause")
async def pause() -> None:
    """Let a tenth of a second pass on the server, for a test that waits for it to let go of a tab."""
    await asyncio.sleep(0.1)


@app.get("/favicon.ico")
def favicon(request: Request) -> Response:
    return Response(
        favicon_mark(brand_of(request.headers["host"])), media_type="image/svg+xml", headers={"Vary": "Host"}
    )


@app.get("/manifest.webmanifest")
def web_manifest(request: Request) -> Response:
    return JSONResponse(manifest(brand_of(request.headers["host"])), media_type="application/manifest+json")


def overview(frame: Shell) -> None:
    brand, formats = frame.brand, FORMATS[frame.brand.key]
    with frame.heading(
        "Overview", sub="24 stations in Berlin and Hamburg" if brand.key != "bluewave" else "24 stations in Singapore"
    ):
        button("Export", icon="download")
        button("Add station", icon="plus", kind="primary", href="/stations")
    with kpi_row():
        power = kpi(
            "Power now",
            "42.3",
            unit="kW",
            sub="of 612 kW installed",
            icon="zap",
            spark=[3, 5, 4, 8, 12, 10, 16, 22, 19, 26, 31, 42],
        )
        kpi("Charging", "9", unit="of 32 EVSEs", sub="28 % in use", icon="plug-zap", spark=[2, 3, 3, 4, 6, 5, 7, 8, 9])
        kpi(
            "Energy today",
            *formats.energy_parts(184_300)[:1],
            unit="kWh",
            sub="12 % more than yesterday",
            icon="battery-charging",
        )
        kpi("Revenue today", formats.money(Decimal("1284.5")), sub="61 sessions", icon="banknote")
        kpi("Problems", "2", sub="1 faulted, 1 offline", icon="triangle-alert", href="/stations")
    with Tag("div", classes="vd-grid-main"):
        with card("Live map", sub="Markers change as the chargers do", flush=True) as c:
            chart = ChargerMap(data_url="/map.json", href="/stations/{key}", height="460px")
        with c.actions:
            icon_button("maximize", "Show all", on_click=chart.fit)
        with Tag("div", classes="vd-stack").style("gap:20px"):
            with card("Running sessions", sub="9 cars", flush=True):
                sessions_list(formats)
            with card("Latest problems"):
                for status, name, text in (
                    ("Faulted", "Messe 4", "GroundFailure · 6 min ago"),
                    ("Offline", "Altona 8", "no contact since 14:02"),
                ):
                    with Tag("div", classes="vd-row").style("justify-content:space-between"):
                        with Tag("div"):
                            Tag("div", name).style("font-weight:600")
                            Tag("div", text, "vd-muted vd-small")
                        status_chip(status)

    def update(batch: dict[str, Any]) -> None:
        chart.patch({key: snapshot["status"] for key, snapshot in batch.items()})
        power.set("43.1")

    follow(board, 1, ["overview"], update)


def sessions_list(formats: Formats) -> None:
    async def fetch(query: Query) -> Page:
        rows = [
            {
                "id": str(n),
                "href": f"/stations/CP-{n:03}",
                "station": Cell(STREETS[n % len(STREETS)] + f" {n}", sub=formats.duration(700 * n + 400)),
                "power": formats.power(3700.0 * n % 50000 + 3600),
                "energy": formats.energy(2400.0 * n + 900),
            }
            for n in range(1, 6)
        ]
        return Page(rows, len(rows))

    DataTable(
        [
            Column("station", "Station", "link", mobile="title"),
            Column("power", "Power", "num", "right", mobile="side"),
            Column("energy", "Energy", "num", "right", mobile="hide"),
        ],
        fetch,
    )


def stations(frame: Shell) -> None:
    rows = sample_rows(frame.brand, 64)
    formats = FORMATS[frame.brand.key]
    with frame.heading("Stations", sub="64 stations at 8 locations"):
        button("Add station", icon="plus", kind="primary")

    async def fetch(query: Query) -> Page:
        found = [r for r in rows if query.search.lower() in f"{r[0]} {r[4]}".lower()]
        if query.filters:
            found = [r for r in found if r[3] in query.filters]
        index = {"identity": 0, "status": 3}.get(query.sort or "", 0)
        found.sort(key=lambda r: r[index], reverse=query.descending)
        return Page([station_row(r, formats) for r in found[query.offset : query.offset + query.limit]], len(found))

    with card(flush=True):
        table = DataTable(
            [
                Column("identity", "Station", "link", sortable=True, mobile="title"),
                Column("status", "Status", "status", sortable=True, mobile="side"),
                Column("model", "Model", "muted", mobile="hide"),
                Column("evses", "EVSEs", "num", "right", mobile="hide"),
                Column("power", "Power", "num", "right"),
                Column("energy", "Energy today", "num", "right"),
                Column("seen", "Last message", "muted", "right"),
            ],
            fetch,
            search="Search stations",
            filters=[Filter(s, s) for s in ("Available", "Charging", "Faulted", "Offline")],
            sort="identity",
            page_size=25,
            empty=Empty(
                "No stations yet", "Point a charger at the address below and it will appear here.", "ev-charger"
            ),
            on_rows=lambda keys: watching.watch(keys),
            title="Stations",
        )

    def update(batch: dict[str, Any]) -> None:
        for key, snapshot in batch.items():
            table.patch_row(key, {"status": snapshot["status"], "power": formats.power(snapshot["power_w"])})

    watching = follow(board, 1, [], update)


def station_row(row: tuple[str, float, float, str, str], formats: Formats) -> dict[str, Any]:
    n = int(row[0][3:])
    charging = row[3] == "Charging"
    return {
        "id": row[0],
        "href": f"/stations/{row[0]}",
        "identity": Cell(row[4], sub=row[0]),
        "status": row[3],
        "model": "Terra 184" if n % 3 == 0 else "Wallbox Pro 22",
        "evses": n % 3 + 1,
        "power": formats.power(n * 777.0 % 22000) if charging else "–",
        "energy": formats.energy(n * 1330.0),
        "seen": "just now" if row[3] != "Offline" else "2 h ago",
    }


def station(frame: Shell, identity: str = "CP-002") -> None:
    formats = FORMATS[frame.brand.key]
    with frame.heading(
        "Potsdamer Platz 2",
        sub=f"{identity} · Wallbox Pro 22 · OCPP 2.0.1 · firmware 4.2.1",
        crumb=("/stations", "Stations"),
    ):
        button("Start", icon="play", kind="primary")
        button(
            "Stop",
            icon="square",
            kind="danger",
            on_click=lambda: confirm(
                "Stop charging?",
                "The car stops drawing power at once. The driver pays for what was charged.",
                verb="Stop charging",
                danger=True,
            ),
        )
        icon_button("ellipsis", "More actions", kind="plain")
    with Tag("div", classes="vd-grid-main"):
        with Tag("div", classes="vd-stack").style("gap:20px"):
            with card("EVSE 1", sub="Type 2 · 22 kW") as c:
                with c.actions:
                    status_chip("Charging")
                chart = LiveChart(zone=formats.zone, language=formats.language, points=sample_points(), height="290px")
                chart.props["data-testid"] = "chart"
                follow(board, 1, ["chart"], lambda batch: chart.append([(BASE_MS + 72 * 60_000, 2.1, 21.0)]))
            with card("Energy per day", sub="last 14 days"):
                BarChart([(f"{d} Nov", 40 + 30 * math.sin(d)) for d in range(9, 23)], language=formats.language)
            with card("Frames", sub="Newest first; secrets are masked", flush=True):
                sample_frames(formats)
        with Tag("div", classes="vd-stack").style("gap:20px"):
            with card("Remote start"):
                steps = Steps(title="Start on EVSE 1", clock=lambda: 0.0)
                steps._clock = lambda: 0.8  # a sample that looks the same in every picture
                steps.advance("accepted", "The station answered Accepted")
            with card("Running session"):
                details(
                    {
                        "Started": formats.time(datetime(2026, 11, 22, 13, 5, tzinfo=UTC)),
                        "Energy": formats.energy(14_230),
                        "Duration": formats.duration(4320),
                        "Cost so far": formats.money(Decimal("7.42")),
                        "Token": "DE*8F2…91C",
                        "Car": "62 %",
                    }
                )
            with card("Station"):
                details(
                    {
                        "Vendor": "Example Power",
                        "Serial number": "EP-22-000184",
                        "Firmware": "4.2.1",
                        "Modem": None,
                        "Last boot": formats.moment(datetime(2026, 11, 20, 6, 1, tzinfo=UTC)),
                    }
                )


def sample_points() -> list[tuple[int, float | None, float | None]]:
    points: list[tuple[int, float | None, float | None]] = []
    energy = 0.0
    for n in range(72):
        power = min(21.8, n * 2.2) if n < 50 else max(2.5, 21.8 - (n - 50) * 0.95)
        energy += power / 60
        points.append((BASE_MS + n * 60_000, round(power + math.sin(n) * 0.25, 2), round(energy, 2)))
    return points


def sample_frames(formats: Formats) -> None:
    log = FrameLog(zone=formats.zone, on_search=_no_search)
    meter = {
        "connectorId": 1,
        "transactionId": 4711,
        "meterValue": [
            {
                "timestamp": "2026-11-22T13:05:00Z",
                "sampledValue": [
                    {"value": "14230", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
                    {"value": "11040", "measurand": "Power.Active.Import", "unit": "W"},
                ],
            }
        ],
    }
    frames = [
        Frame("9", BASE_MS + 9100, "in", "call", "MeterValues", "b2f1-77", None, meter),
        Frame("8", BASE_MS + 8400, "out", "result", "MeterValues", "b2f1-76", 3.1, {}),
        Frame("7", BASE_MS + 8390, "in", "call", "MeterValues", "b2f1-76", None, meter, note="unit repaired"),
        Frame("6", BASE_MS + 7000, "in", "result", "RemoteStartTransaction", "srv-19", 412.0, {"status": "Accepted"}),
        Frame(
            "5",
            BASE_MS + 6600,
            "out",
            "call",
            "RemoteStartTransaction",
            "srv-19",
            None,
            {"idTag": "••••91C", "connectorId": 1},
        ),
        Frame(
            "4",
            BASE_MS + 5000,
            "out",
            "error",
            "StatusNotification",
            "b2f1-75",
            0.4,
            {"errorCode": "TypeConstraintViolation", "errorDescription": "connectorId: not an integer"},
        ),
        Frame("3", BASE_MS + 4000, "in", "other", "(not JSON)", "", None, None, text='[2,"b2f1-75","StatusNot'),
    ]
    ui.timer(0, lambda: log.load(frames, more=True), once=True)


async def _no_search(text: str, direction: str) -> None:
    return None


def parts(frame: Shell) -> None:
    with frame.heading("Parts", sub="Everything that is not on the other pages"):
        pass
    with card("Status", sub="Colour, shape and word"), Tag("div", classes="vd-row"):
        for name in STATUSES:
            status_chip(name)
        status_chip("Faulted", "GroundFailure")
    with Tag("div", classes="vd-grid-2"):
        with card("Buttons"):
            with Tag("div", classes="vd-row"):
                button("Primary", kind="primary")
                button("Plain", icon="download")
                button("Danger", icon="square", kind="danger")
                button("Delete", kind="danger-solid")
                button("Quiet", kind="quiet")
                icon_button("refresh-cw", "Reload")
            with Tag("div", classes="vd-stack"):
                ui.input("Identity", placeholder="CP-001").props("outlined dense")
                ui.select(["Berlin", "Hamburg"], value="Berlin", label="Location").props("outlined dense")
                ui.checkbox("Tell me when it is offline", value=True)
                ui.switch("Public", value=True)
        with card("Steps"):
            failed = Steps(title="Unlock connector", clock=lambda: 0.0)
            failed.fail("The station did not answer within 30 s. It may be offline.")
            Steps(title="Reset", clock=lambda: 0.0)
    with Tag("div", classes="vd-grid-2"):
        with card("Empty"):
            empty_state(
                "No stations yet",
                "Point a charger at ws://…/ocpp/CP-001 and it will appear here.",
                icon="ev-charger",
                action=("Add a station", "/stations"),
            )
        with card("Loading"):
            skeleton(6)
    with card("Tabs"):
        with ui.tabs().props("align=left") as tabs:
            ui.tab("Overview")
            ui.tab("Configuration")
            ui.tab("Frames")
        with ui.tab_panels(tabs, value="Overview").classes("w-full"):
            for name in ("Overview", "Configuration", "Frames"):
                with ui.tab_panel(name):
                    Tag("p", f"What {name.lower()} shows.", "vd-muted")
    with card("Details"):
        details(
            {"Vendor": "Example Power", "Model": "Wallbox Pro 22", "Serial": "EP-22", "Firmware": "4.2.1"}, columns=2
        )


def crowd(frame: Shell) -> None:
    with frame.heading("Crowd", sub="5,000 stations on one map"):
        pass
    with card(flush=True):
        ChargerMap(data_url="/map.json?count=5000", height="640px", on_select=lambda key: ui.notify(key))


@ui.page("/sign-in")
def sign_in() -> None:
    with centered("Sign in", current_brand()):
        Tag("h1", "Sign in")
        ui.input("E-mail").props("outlined type=email autocomplete=username")
        ui.input("Password", password=True, password_toggle_button=True).props("outlined autocomplete=current-password")
        button("Sign in", kind="primary").classes("w-full")


@ui.page("/")
@ui.page("/{_:path}")
def root() -> None:
    person = Person("Ada Lindqvist", "Operator", menu=(NavItem("/parts", "settings", "Settings"),))
    with shell(current_brand(), NAV, person, sign_out="/sign-out") as frame:
        frame.badge("/stations", "2")
        ui.sub_pages(
            {
                "/": overview,
                "/stations": stations,
                "/stations/{identity}": station,
                "/transactions": parts,
                "/station": station,
                "/parts": parts,
                "/crowd": crowd,
            },
            data={"frame": frame},
        )


def main(port: int) -> None:
    serve(app)
    ui.run_with(app, favicon="tenant", show_welcome_message=False, reconnect_timeout=2)
    uvicorn.run(PrecompressedAssets(app), host="127.0.0.1", port=port, log_level="warning", ws="websockets-sansio")


if __name__ == "__main__":
    main(int(sys.argv[1]))

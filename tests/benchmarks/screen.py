"""Charger event to DOM change: from the frame leaving the station to the new figure in a Chromium tab."""

import asyncio
import statistics
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Page, async_playwright
from websockets.asyncio.client import ClientConnection

from tests.benchmarks import frames
from tests.benchmarks.load import ask, begin_transaction, open_station
from tests.benchmarks.platform import EMAIL, HOST, PASSWORD, start_platform
from tests.chromium import launch_options
from tests.processes import ServerProcess

SAMPLES = 30
_WATCH = """figure => { window.seen = new Promise(resolve => {
    const observer = new MutationObserver(changes => {
        if (changes.some(change => change.target.textContent.includes(figure))) {
            observer.disconnect();
            resolve(Date.now());
        }
    });
    observer.observe(document.body, {subtree: true, childList: true, characterData: true});
}); }"""


@dataclass(frozen=True, slots=True)
class Seen:
    """How long it took."""

    p50_ms: float
    p95_ms: float


def measure(folder: Path) -> Seen:
    """Open a station's page and let it report new power, again and again."""
    server = start_platform(f"sqlite:///{folder / 'screen.sqlite3'}", folder, stations=1)
    try:
        times = asyncio.run(_measure(server))
    finally:
        server.kill()
    return Seen(statistics.median(times), statistics.quantiles(times, n=20)[18])


async def _measure(server: ServerProcess) -> list[float]:
    socket = await open_station(f"ws://127.0.0.1:{server.port}/ocpp", "BENCH-0")
    transaction = await begin_transaction(socket)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await _open(page, f"http://{HOST}:{server.web_port}")
        await ask(socket, _reading(0, transaction))
        await page.get_by_text("20.0", exact=False).first.wait_for()
        times = [await _one(page, socket, number, transaction) for number in range(1, SAMPLES + 1)]
        await browser.close()
    socket.transport.abort()
    return times


async def _open(page: Page, address: str) -> None:
    await page.goto(f"{address}/sign-in")
    await page.get_by_label("E-mail").fill(EMAIL)
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.goto(f"{address}/stations/BENCH-0")
    await page.wait_for_function("window.did_handshake === true")


async def _one(page: Page, socket: ClientConnection, number: int, transaction: str) -> float:
    await asyncio.sleep(0.35)  # past the board's 250 ms, so that each event is a first one and not a gathered one
    await page.evaluate(_WATCH, f"{_power_kw(number):.1f}")
    sent = time.time() * 1000
    await ask(socket, _reading(number, transaction))
    return await page.evaluate("window.seen") - sent


def _power_kw(number: int) -> float:
    return 20.0 + number * 0.1


def _reading(number: int, transaction: str) -> str:
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    text = frames.meter_values(f"r{number}", number).replace("TX", transaction)
    return text.replace("10890.0", f"{_power_kw(number) * 1000:.1f}").replace(text.split('"timestamp":"')[1][:20], at)

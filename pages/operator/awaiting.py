"""Waits for a charger, live: each attempt that fails with its cause and cure, and what was found once it is here."""

import asyncio
from typing import Any
from urllib.parse import quote

from components.age import Age
from components.controls import button, card
from components.details import details
from components.live import follow
from components.status import status_chip
from csms.access.policy import Permission
from csms.stations.doctor import ADVICE, Cause, failed_handshakes
from csms.stations.knocking import knocks
from csms.stations.queries import station_detail
from models import FailedHandshake
from pages.operator.station_rows import connector_place
from pages.session import PageContext
from themes.icons import icon
from themes.markup import Tag

_SHOWN = ("online", "vendor", "model", "ocpp_version", "connectors", "registration")


class Awaiting:
    """The card. It reads again when the board says that something happened, never by the clock."""

    def __init__(self, context: PageContext, station_id: int, identity: str) -> None:
        self._context = context
        self._station_id = station_id
        self._identity = identity
        self._seen: dict[str, Any] = {}
        self._wanted = False
        self._loading = asyncio.Lock()
        with card("Connection") as frame:
            with Tag("div", classes="charger-wait", role="status", data_testid="waiting") as self._line:
                Tag("span", classes="charger-wait__dot")
                self._words = Tag("span", "Waiting for the charger to connect. This page notices by itself.")
            self._found = Tag("div", classes="vd-stack")
            self._tries = Tag("div", classes="vd-stack", aria_live="polite")
        board, tenant_id = context.services.board, context.tenant.id
        follow(board, tenant_id, [f"station:{station_id}"], self._look, owner=frame)
        for key in (f"handshakes:{station_id}", f"commands:{station_id}", "knocks"):
            follow(board, tenant_id, [key], lambda _: self.load_soon(), owner=frame)
        self.load_soon()

    def load_soon(self) -> None:
        """Read and show what is known now."""
        self._task = asyncio.create_task(self._load())

    def _look(self, snapshot: dict[str, Any]) -> None:
        seen = {name: snapshot.get(name) for name in _SHOWN}
        if seen != self._seen:
            self._seen = seen
            self.load_soon()

    async def _load(self) -> None:
        self._wanted = True
        if self._loading.locked():
            return
        async with self._loading:
            while self._wanted and not self._line.is_deleted:
                self._wanted = False
                async with self._context.reading() as session:
                    detail = await station_detail(session, self._identity)
                    failures = await failed_handshakes(session, station_id=self._station_id, limit=5)
                    others = await knocks(session, limit=3)
                if detail is None or self._line.is_deleted:
                    return
                self._show_state(detail)
                self._show_tries([] if detail.station.is_online else failures)
                if not detail.station.is_online and detail.station.connected_at is None:
                    self._hint(others)

    def _show_state(self, detail: Any) -> None:
        station = detail.station
        self._found.clear()
        if not station.is_online:
            gone = station.connected_at is not None
            self._words.set_text(
                "It was here and has gone again. It is shown when it is back."
                if gone
                else "Waiting for the charger to connect. This page notices by itself."
            )
            self._line.attrs(data_state="away")
            return
        self._line.attrs(data_state="here")
        has_booted = bool(station.vendor or station.model)
        self._words.set_text("The charger is here." if has_booted else "Connected. Waiting for it to say what it is.")
        with self._found:
            details(
                {
                    "Vendor": station.vendor,
                    "Model": station.model,
                    "Serial number": station.serial_number,
                    "Firmware": station.firmware_version,
                    "OCPP": station.ocpp_version,
                    "Can do": ", ".join(station.capabilities.get("profiles") or ()) or None,
                }
            )
            with Tag("div", classes="vd-row", aria_label="Connectors"):
                for connector in detail.connectors:
                    key = f"{connector.evse_number}-{connector.number}"
                    status_chip(connector.status, f" {connector_place(key)}")
                if not detail.connectors:
                    Tag("span", "No connector reported yet", "vd-muted")
            address = f"/stations/{quote(self._identity, safe='')}"
            with Tag("div", classes="vd-row"):
                button("Open the station", icon="ev-charger", kind="primary", href=address)
                if self._context.may(Permission.STATIONS_CONTROL):
                    button("Acceptance check", icon="circle-check", href=f"{address}/check")

    def _show_tries(self, failures: list[FailedHandshake]) -> None:
        self._tries.clear()
        if not failures:
            return
        with self._tries:
            Tag("h3", "Attempts that failed")
            with Tag("ul", classes="charger-tries", data_testid="tries"):
                for failure in failures:
                    _try_line(failure)

    def _hint(self, others: list[Any]) -> None:
        """A charger with a wrong identity knocks as somebody else."""
        if not others:
            return
        with self._tries, Tag("div", classes="charger-warning"):
            icon("info")
            names = ", ".join(f"“{one.identity}”" for one in others)
            with Tag("span"):
                Tag("span", f"Unknown chargers knocked as {names}. If one of them is yours, correct its identity, or ")
                Tag("a", "claim it in the inbox", "vd-link", href="/stations/inbox")
                Tag("span", ".")


def _try_line(failure: FailedHandshake) -> None:
    advice = ADVICE[Cause(failure.cause)]
    with Tag("li"):
        icon("circle-x")
        with Tag("div", classes="charger-tries__what"):
            Tag("b", advice.meaning)
            Tag("span", advice.cure)
            with Tag("small"):
                times = "once" if failure.count == 1 else f"{failure.count} times"
                Tag("span", f"From {failure.address or 'many addresses'}, {times}, last ")
                Age(failure.last_at)

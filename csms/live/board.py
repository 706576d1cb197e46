"""The live board: one picture per node, keyed by tenant, moved on by every event and told to whoever follows.

Keys and their batches, all plain dicts that JSON understands:

    stations            {"<station id>": station snapshot}, those that changed
    station:<id>        that station's snapshot
    transactions        {"<transaction id>": transaction snapshot}; `is_open` False is the last word on one
    transaction:<id>    that transaction's snapshot
    figures             {stations, online, charging, faulted, sessions_open, power_w, energy_today_wh, sessions_today,
                        revenue_today (decimal text), currency}; today's are of transactions that started today in the
                        tenant's time zone, revenue of those that ended
    events              {"events": [{station_id, station, at, kind, severity, text, evse_number}]}, oldest first
    frames:<station>    {"frames": [frame row]}, oldest first
    cards               {"cards": [{station_id, station, at, value, type}]}: unknown cards as they are shown; or with
                        nothing but "at": cards, groups or drivers were changed
    lists               {"lists": [{station_id, at}]}: what is known of a station's local list changed
    commands:<station>  {"<command id>": {id, action, state, answer_status, at}}
    handshakes:<station>  {"handshakes": [{cause, address, detail, at}]}: refused in the station's name
    knocks              {"knocks": [{identity, address, at}]}: chargers that nobody registered
    acceptance:<station>  {"acceptance": [{check_id, state, at}]}: a check moved on
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog

from csms.bus.bus import Bus
from csms.bus.events import (
    AcceptanceChecked,
    ChargerKnocked,
    CommandChanged,
    Event,
    FrameLogged,
    HandshakeFailed,
    LocalListChanged,
    MessageParked,
    SignInsChanged,
    StationChanged,
    StationEventRecorded,
    TokensChanged,
    TokenSighted,
)
from csms.clock import Clock
from csms.live import loading
from csms.live.delivery import Batch, Callback, Delivery
from csms.live.picture import Picture
from csms.live.snapshots import Snapshot, shown, text_of
from models.db import Database
from models.scope import platform_scope

log = structlog.get_logger(__name__)
MANY_AT_ONCE = 20
"""Stations read one by one at a time; beyond, the whole picture is read anew: a fleet was imported."""
LONGEST_LIST = 100
"""Entries of a batch of frames or events; older ones are left out, for they are in the database."""


class _Tenant:
    """A tenant's picture and those who follow it."""

    def __init__(self, tenant_id: int, picture: Picture, clock: Clock) -> None:
        self.id = tenant_id
        self.picture = picture
        self.delivery = Delivery(clock, self._collect, self._forget)
        self.lists: dict[str, deque[Snapshot]] = {}
        self.commands: dict[str, Batch] = {}

    def add(self, key: str, entry: Snapshot) -> None:
        """Append to a list that somebody follows."""
        if self.delivery.follows(key):
            self.lists.setdefault(key, deque(maxlen=LONGEST_LIST)).append(entry)

    def tell(self) -> None:
        """Bring what changed to the followers; without any, it is of no further interest."""
        if self.delivery.wanted:
            self.delivery.changed()
        elif self.picture.figures_touched:
            self.picture.untouch()

    def _collect(self, key: str) -> Batch:
        kind, _, number = key.partition(":")
        picture = self.picture
        if kind == "stations":
            return {str(i): shown(picture.stations[i]) for i in picture.touched_stations}
        if kind == "station":
            is_news = int(number) in picture.touched_stations or int(number) in picture.heard_stations
            return shown(picture.stations[int(number)]) if is_news else {}
        if kind == "transactions":
            return {str(i): shown(snapshot) for i, snapshot in picture.touched_transactions.items()}
        if kind == "transaction":
            return shown(picture.touched_transactions.get(int(number), {}))
        if kind == "figures":
            return picture.figures() if picture.figures_touched else {}
        if kind == "commands":
            return self.commands.get(key, {})
        entries = self.lists.get(key)
        return {kind: list(entries)} if entries else {}

    def _forget(self) -> None:
        self.picture.untouch()
        self.lists = {}
        self.commands = {}


class Board:
    """The present picture of every tenant on this node."""

    def __init__(self, database: Database, bus: Bus, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._tenants: dict[int, _Tenant] = {}
        self._rebuilding = asyncio.Lock()
        self._meanwhile: list[Event] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._being_read: set[int] = set()
        self._read_again: set[int] = set()
        self._rebuilds_soon = False
        self._midnight: asyncio.TimerHandle | None = None
        bus.subscribe(Event, self.apply)

    async def rebuild(self) -> None:
        """Read the whole picture from the database. Events that arrive meanwhile are applied on top of it."""
        async with self._rebuilding:
            self._meanwhile = []
            try:
                with platform_scope():
                    await self._read_all()
            finally:
                meanwhile, self._meanwhile = self._meanwhile, None
        for event in meanwhile:
            self.apply(event)
        for tenant in self._tenants.values():
            tenant.tell()
        self._wait_for_midnight()

    def apply(self, event: Event) -> None:
        """Move the picture on by an event. Costs a few microseconds while nobody follows."""
        if isinstance(event, SignInsChanged):  # news of people, whom the picture does not show
            return
        if self._meanwhile is not None:
            self._meanwhile.append(event)
            return
        tenant = self._tenants.get(event.tenant_id)
        if tenant is None or isinstance(event, StationChanged) or not tenant.picture.apply(event):
            self._read_later(event)
            return
        if tenant.delivery.wanted:
            _note(tenant, event)
        tenant.tell()

    def subscribe(self, tenant_id: int, key: str, callback: Callback) -> Callable[[], None]:
        """Call `callback` with the batches of `key`, on this loop. Returns what unsubscribes.

        A batch is told at once, then at most four times a second; the latest wins, lists are appended and bounded. A
        callback that fails is logged, and the others are still told.
        """
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            tenant = self._tenants[tenant_id] = _Tenant(tenant_id, self._blank(), self._clock)
        return tenant.delivery.follow(key, callback)

    def station(self, tenant_id: int, station_id: int) -> Snapshot | None:
        """A station's snapshot, or None."""
        snapshot = self._stations(tenant_id).get(station_id)
        return None if snapshot is None else shown(snapshot)

    def stations(self, tenant_id: int) -> dict[int, Snapshot]:
        """Snapshots of all stations, by id."""
        return {number: shown(snapshot) for number, snapshot in self._stations(tenant_id).items()}

    def transaction(self, tenant_id: int, transaction_id: int) -> Snapshot | None:
        """An open transaction's snapshot, or None."""
        tenant = self._tenants.get(tenant_id)
        found = None if tenant is None else tenant.picture.transactions.get(transaction_id)
        return None if found is None else shown(found)

    def transactions(self, tenant_id: int) -> dict[int, Snapshot]:
        """Snapshots of the open transactions, by id."""
        tenant = self._tenants.get(tenant_id)
        return {} if tenant is None else {i: shown(s) for i, s in tenant.picture.transactions.items()}

    def figures(self, tenant_id: int) -> Snapshot:
        """The tenant's figures."""
        tenant = self._tenants.get(tenant_id)
        if tenant is None:
            return self._blank().figures()
        self._turn(tenant)
        return tenant.picture.figures()

    def _blank(self) -> Picture:
        return Picture("", "UTC", self._clock.now())

    def _stations(self, tenant_id: int) -> dict[int, Snapshot]:
        tenant = self._tenants.get(tenant_id)
        return {} if tenant is None else tenant.picture.stations

    async def _read_all(self) -> None:
        now = self._clock.now()
        async with self._database.reading() as session:
            tenants = await loading.read_tenants(session)
            stations = await loading.read_stations(session)
            transactions = await loading.read_open_transactions(session, [number for number, _, _ in tenants])
            pictures = {number: Picture(currency, zone, now) for number, currency, zone in tenants}
            since = {number: picture.today.begins_at for number, picture in pictures.items()}
            started = await loading.read_started_since(session, since)
        for number, picture in pictures.items():
            picture.place(stations.get(number, ()), transactions.get(number, ()))
            tenant = self._tenants.setdefault(number, _Tenant(number, picture, self._clock))
            tenant.picture = picture
        self._count_started(started)

    def _count_started(self, started: list[loading.StartedToday]) -> None:
        """Count what the database knows of today; what is counted already is known better here."""
        for row in started:
            picture = self._tenants[row.tenant_id].picture
            if picture.today.counts(row.id):
                continue
            running = picture.transactions.get(row.id)
            picture.today.add(row.id, row.started_at, running["energy_wh"] if running else row.energy_wh)
            picture.today.earn(row.id, row.cost)
            picture.figures_touched = True

    def _read_later(self, event: Event) -> None:
        """A station that is new, or described anew: read it, for its row was committed before the event was told."""
        if self._rebuilds_soon:
            return
        if len(self._being_read) >= MANY_AT_ONCE:
            self._rebuilds_soon = True
            self._start(self._rebuild_soon())
        elif event.station_id not in self._being_read:
            self._being_read.add(event.station_id)
            self._start(self._read_station(event))
        elif isinstance(event, StationChanged):
            self._read_again.add(event.station_id)

    async def _rebuild_soon(self) -> None:
        self._rebuilds_soon = False  # what comes from here on is heard of during the reading
        await self.rebuild()

    async def _read_station(self, event: Event) -> None:
        try:
            with platform_scope():
                async with self._database.reading() as session:
                    stations = await loading.read_stations(session, event.station_id)
                    transactions = await loading.read_open_transactions(session, [event.tenant_id], event.station_id)
        finally:
            self._being_read.discard(event.station_id)
        if event.station_id in self._read_again:
            self._read_again.discard(event.station_id)
            self._read_later(event)
        tenant = self._tenants.get(event.tenant_id)
        if tenant is None or not tenant.picture.currency:
            await self.rebuild()
        else:
            tenant.picture.place(stations.get(event.tenant_id, ()), transactions.get(event.tenant_id, ()))
            await self._recount(tenant)

    def _wait_for_midnight(self) -> None:
        """Wake at the next local midnight of any tenant."""
        if self._midnight is not None:
            self._midnight.cancel()
            self._midnight = None
        if self._tenants:
            nearest = min(tenant.picture.today.ends_at for tenant in self._tenants.values())
            wait_s = max(1.0, (nearest - self._clock.now()).total_seconds())
            self._midnight = asyncio.get_running_loop().call_later(wait_s, self._at_midnight)

    def _at_midnight(self) -> None:
        for tenant in self._tenants.values():
            self._turn(tenant)
        self._wait_for_midnight()

    def _turn(self, tenant: _Tenant) -> None:
        """Begin a new day when the old one is over, and have the database count it."""
        today, now = tenant.picture.today, self._clock.now()
        if now < today.ends_at:
            return
        today.turn(now)
        tenant.picture.figures_touched = True
        tenant.tell()
        self._start(self._recount(tenant))

    async def _recount(self, tenant: _Tenant) -> None:
        with platform_scope():
            async with self._database.reading() as session:
                since = {tenant.id: tenant.picture.today.begins_at}
                started = await loading.read_started_since(session, since)
        self._count_started(started)
        tenant.tell()

    def _start(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _note(tenant: _Tenant, event: Event) -> None:
    """Keep what is only told to those who follow it."""
    match event:
        case FrameLogged():
            tenant.add(f"frames:{event.station_id}", event.frame)
        case CommandChanged():
            key = f"commands:{event.station_id}"
            if tenant.delivery.follows(key):
                tenant.commands.setdefault(key, {})[str(event.command_id)] = _command(event)
        case StationEventRecorded():
            tenant.add("events", _entry(tenant, event, event.kind, event.severity, event.text, event.evse_number))
        case HandshakeFailed():
            entry = {"cause": event.cause, "address": event.address, "detail": event.detail, "at": text_of(event.at)}
            tenant.add(f"handshakes:{event.station_id}", entry)
        case ChargerKnocked():
            tenant.add("knocks", {"identity": event.identity, "address": event.address, "at": text_of(event.at)})
        case AcceptanceChecked():
            entry = {"check_id": event.check_id, "state": event.state, "at": text_of(event.at)}
            tenant.add(f"acceptance:{event.station_id}", entry)
        case TokenSighted():
            if not event.is_dismissed:
                tenant.add("cards", _card(tenant, event))
        case TokensChanged():
            tenant.add("cards", {"at": text_of(event.at)})
        case LocalListChanged():
            tenant.add("lists", {"station_id": event.station_id, "at": text_of(event.at)})
        case MessageParked():
            tenant.add("events", _entry(tenant, event, "message.parked", "warning", event.reason, 0))
        case _:
            pass


def _card(tenant: _Tenant, event: TokenSighted) -> Snapshot:
    station = tenant.picture.stations.get(event.station_id)
    return {
        "station_id": event.station_id,
        "station": station["identity"] if station else "",
        "at": text_of(event.at),
        "value": event.value,
        "type": event.type,
    }


def _command(event: CommandChanged) -> Snapshot:
    return {
        "id": event.command_id,
        "action": event.action,
        "state": event.state,
        "answer_status": event.answer_status,
        "at": text_of(event.at),
    }


def _entry(tenant: _Tenant, event: Event, kind: str, severity: str, text: str, evse_number: int) -> Snapshot:
    station = tenant.picture.stations.get(event.station_id)
    return {
        "station_id": event.station_id,
        "station": station["identity"] if station else "",
        "at": text_of(event.at),
        "kind": kind,
        "severity": severity,
        "text": text,
        "evse_number": evse_number,
    }

"""The present picture of one tenant: its stations, open transactions and figures, kept by events."""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from csms.bus.events import (
    ConnectorStatusChanged,
    Event,
    FrameLogged,
    StationAdded,
    StationBooted,
    StationConnected,
    StationDisconnected,
    StationRemoved,
    StationStatusChanged,
    TransactionEnded,
    TransactionStarted,
    TransactionUpdated,
)
from csms.live.snapshots import (
    Snapshot,
    amount_of,
    connector_key,
    connector_snapshot,
    power_of,
    text_of,
    word_of,
)
from csms.live.today import Today
from csms.stations.words import CHARGING, FAULTED


class Picture:
    """What is true of one tenant now. `apply` moves it on; the same picture can be read from the database.

    `touched_stations` and `touched_transactions` gather what changed until `untouch()`; `heard_stations` those that
    only gave a sign of life.
    """

    def __init__(self, currency: str, time_zone: str, now: datetime) -> None:
        self.currency = currency
        self.stations: dict[int, Snapshot] = {}
        self.transactions: dict[int, Snapshot] = {}
        self.today = Today(time_zone, now)
        self._words: Counter[str] = Counter()
        self._online = 0
        self._power_w = 0
        self.untouch()

    def untouch(self) -> None:
        """Forget what changed."""
        self.touched_stations: set[int] = set()
        self.heard_stations: set[int] = set()
        self.touched_transactions: dict[int, Snapshot] = {}
        self.figures_touched = False

    def figures(self) -> Snapshot:
        """The tenant's figures; see csms.live.board."""
        return {
            "stations": len(self.stations),
            "online": self._online,
            "charging": self._words[CHARGING],
            "faulted": self._words[FAULTED],
            "sessions_open": len(self.transactions),
            "power_w": self._power_w,
            "energy_today_wh": self.today.energy_wh,
            "sessions_today": self.today.sessions,
            "revenue_today": amount_of(self.today.revenue),
            "currency": self.currency,
        }

    def place(self, stations: Iterable[Snapshot], transactions: Iterable[Snapshot]) -> None:
        """Put stations and open transactions as read from the database; those already here are described anew."""
        for station in stations:
            known = self.stations.get(station["id"])
            if known is not None:
                _describe(known, station)
                continue
            self.stations[station["id"]] = station
            self._count(station, 1)
        for transaction in transactions:
            self._place_transaction(transaction)
        for station in self.stations.values():
            self._refresh(station)

    def apply(self, event: Event) -> bool:
        """Move on by an event. False when it speaks of a station that is not in the picture."""
        change = _CHANGES.get(type(event))
        if change is None:
            return True
        station = self.stations.get(event.station_id)
        if station is None:
            return False
        change(self, station, event)
        return True

    def added(self, station: Snapshot, event: StationAdded) -> None:
        """A station is new; whoever is here already was read in the meantime."""

    def removed(self, station: Snapshot, event: StationRemoved) -> None:
        """A station is no more."""
        number = station["id"]
        self._count(self.stations.pop(number), -1)
        self.touched_stations.discard(number)
        self.heard_stations.discard(number)
        self.figures_touched = True

    def connected(self, station: Snapshot, event: StationConnected) -> None:
        """A station came."""
        station["ocpp_version"] = event.ocpp_version
        self._set_online(station, True, event.at)

    def disconnected(self, station: Snapshot, event: StationDisconnected) -> None:
        """A station went."""
        self._set_online(station, False, event.at)

    def booted(self, station: Snapshot, event: StationBooted) -> None:
        """A station said what it is."""
        station["vendor"], station["model"] = event.vendor, event.model
        station["registration"] = event.registration
        station["last_seen_at"] = text_of(event.at)
        self._touch(station)

    def station_status(self, station: Snapshot, event: StationStatusChanged) -> None:
        """The station as a whole has a new status."""
        station["station_status"], station["error_code"] = event.status, event.error_code
        self._refresh(station)

    def connector_status(self, station: Snapshot, event: ConnectorStatusChanged) -> None:
        """A connector has a new status."""
        key = connector_key(event.evse_number, event.connector_number)
        news = connector_snapshot(event.status, event.error_code, event.info)
        station["connectors"] = {**station["connectors"], key: news}
        self._refresh(station)

    def heard(self, station: Snapshot, event: FrameLogged) -> None:
        """A frame came from the station; told to those who look at this station, for it happens all the time."""
        if event.frame.get("from_station") or event.frame.get("answer_text"):
            station["last_seen_at"] = event.at
            self.heard_stations.add(event.station_id)

    def started(self, station: Snapshot, event: TransactionStarted) -> None:
        """A transaction was opened."""
        self._place_transaction(
            {
                "id": event.transaction_id,
                "station_id": event.station_id,
                "station": station["identity"],
                "evse_number": event.evse_number,
                "connector_number": event.connector_number,
                "id_token": event.id_token,
                "charging_state": event.charging_state,
                "energy_wh": event.energy_wh,
                "power_w": None,
                "soc_percent": None,
                "cost": amount_of(event.cost),
                "currency": event.currency,
                "started_at": text_of(event.started_at),
                "sampled_at": None,
                "ended_at": None,
                "stop_reason": None,
                "remote_start_id": event.remote_start_id,
                "is_open": True,
            }
        )
        self.today.add(event.transaction_id, event.started_at, event.energy_wh)
        self.figures_touched = True
        self._refresh(station)

    def updated(self, station: Snapshot, event: TransactionUpdated) -> None:
        """A transaction moved on; of no interest once it is closed."""
        transaction = self.transactions.get(event.transaction_id)
        if transaction is None:
            return
        state_before, power_before = transaction["charging_state"], transaction["power_w"]
        transaction["charging_state"] = event.charging_state
        transaction["energy_wh"] = event.energy_wh
        transaction["cost"] = amount_of(event.cost)
        transaction["sampled_at"] = event.sampled_at
        if event.soc_percent is not None:
            transaction["soc_percent"] = event.soc_percent
        if event.power_w is not None:
            transaction["power_w"] = event.power_w
            self._power_w += _whole(event.power_w) - _whole(power_before)
        self.today.measure(event.transaction_id, event.energy_wh)
        self.touched_transactions[event.transaction_id] = transaction
        self.figures_touched = True
        if state_before != transaction["charging_state"] or power_before != transaction["power_w"]:
            self._refresh(station)

    def ended(self, station: Snapshot, event: TransactionEnded) -> None:
        """A transaction was closed."""
        self.today.measure(event.transaction_id, event.energy_wh)
        self.today.earn(event.transaction_id, event.cost)
        self.figures_touched = True
        transaction = self.transactions.pop(event.transaction_id, None)
        if transaction is None:
            return
        self._power_w -= _whole(transaction["power_w"])
        transaction |= {
            "is_open": False,
            "charging_state": "Idle",
            "energy_wh": event.energy_wh,
            "power_w": 0.0,
            "cost": amount_of(event.cost),
            "ended_at": text_of(event.ended_at),
            "stop_reason": event.stop_reason,
        }
        self.touched_transactions[event.transaction_id] = transaction
        station["transaction_ids"] = [number for number in station["transaction_ids"] if number in self.transactions]
        self._refresh(station)

    def _set_online(self, station: Snapshot, online: bool, at: datetime) -> None:
        self._online += online - station["online"]
        station["online"] = online
        station["last_seen_at"] = text_of(at)
        self._refresh(station)

    def _place_transaction(self, transaction: Snapshot) -> None:
        number, station = transaction["id"], self.stations.get(transaction["station_id"])
        if station is None:
            return
        before = self.transactions.get(number)
        self._power_w += _whole(transaction["power_w"]) - _whole(before["power_w"] if before else None)
        self.transactions[number] = transaction
        station["transaction_ids"] = sorted({*station["transaction_ids"], number})
        self.touched_transactions[number] = transaction

    def _refresh(self, station: Snapshot) -> None:
        """Work out what follows from the rest: the word and the power."""
        word = word_of(station, self.transactions)
        if word != station["status"]:
            self._words[station["status"]] -= 1
            self._words[word] += 1
            station["status"] = word
        station["power_w"] = power_of(station, self.transactions)
        self._touch(station)

    def _touch(self, station: Snapshot) -> None:
        self.touched_stations.add(station["id"])
        self.figures_touched = True

    def _count(self, station: Snapshot | None, step: int) -> None:
        if station is not None:
            self._words[station["status"]] += step
            self._online += step * station["online"]


def _whole(power_w: float | None) -> int:
    """Whole watts, so that sums kept by differences never drift."""
    return round(power_w or 0.0)


def _describe(known: Snapshot, read: Snapshot) -> None:
    """What people decide about a station, as read; what it says itself is known better here."""
    for name in _DECIDED:
        known[name] = read[name]
    known["connectors"] = {key: known["connectors"].get(key, news) for key, news in read["connectors"].items()}


_DECIDED = ("identity", "name", "registration", "location_id", "location", "latitude", "longitude")
_CHANGES: dict[type[Event], Callable[[Picture, Snapshot, Any], None]] = {
    StationAdded: Picture.added,
    StationRemoved: Picture.removed,
    StationConnected: Picture.connected,
    StationDisconnected: Picture.disconnected,
    StationBooted: Picture.booted,
    FrameLogged: Picture.heard,
    StationStatusChanged: Picture.station_status,
    ConnectorStatusChanged: Picture.connector_status,
    TransactionStarted: Picture.started,
    TransactionUpdated: Picture.updated,
    TransactionEnded: Picture.ended,
}

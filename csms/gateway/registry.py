"""Who is connected to this node. The newest authenticated socket of a station wins (TR_82, DESIGN rule 7)."""

from collections import OrderedDict
from collections.abc import Iterator
from itertools import count

from csms import metrics
from csms.gateway.connection import StationConnection
from csms.ocpp.memory import AnswerMemory

_MEMORIES = 20_000


class Registry:
    """Connections by station. Each is given an epoch when it enters; an older one can no longer speak for it."""

    def __init__(self) -> None:
        self._connections: dict[int, StationConnection] = {}
        self._memories: OrderedDict[int, AnswerMemory] = OrderedDict()
        self._epochs = count(1)

    def __len__(self) -> int:
        return len(self._connections)

    def __iter__(self) -> Iterator[StationConnection]:
        return iter(list(self._connections.values()))

    def locate(self, station_id: int) -> StationConnection | None:
        """The station's connection, if it has one here."""
        return self._connections.get(station_id)

    def enter(self, connection: StationConnection) -> StationConnection | None:
        """Make `connection` the station's. Returns the one it replaces, which is for the caller to close."""
        station_id = connection.station.ref.id
        replaced = self._connections.get(station_id)
        connection.epoch = next(self._epochs)
        self._connections[station_id] = connection
        metrics.connected_stations.set(len(self._connections))
        return replaced

    def leave(self, connection: StationConnection) -> bool:
        """Forget a closed connection. False when a newer one has taken its place: then nothing is to be told."""
        current = self._connections.get(connection.station.ref.id)
        if current is None or current.epoch != connection.epoch:
            return False
        del self._connections[connection.station.ref.id]
        metrics.connected_stations.set(len(self._connections))
        return True

    def memory_of(self, station_id: int) -> AnswerMemory:
        """The station's memory of answers, handed from connection to connection (TR_64); the oldest make room."""
        memory = self._memories.get(station_id)
        if memory is None:
            memory = self._memories[station_id] = AnswerMemory()
            if len(self._memories) > _MEMORIES:
                self._memories.popitem(last=False)
        else:
            self._memories.move_to_end(station_id)
        return memory

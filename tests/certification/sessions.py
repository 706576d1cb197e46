"""Sessions on the bench: the messages of 1.6 and 2.x that tell of one, with times of the test's own."""

from datetime import UTC, datetime, timedelta
from typing import Any

from models import Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json

NOW = datetime.now(UTC).replace(microsecond=0)


def ago(minutes: float = 0) -> str:
    """A moment some minutes before the test."""
    return (NOW - timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def moment(minutes: float = 0) -> datetime:
    """The same as a datetime."""
    return NOW - timedelta(minutes=minutes)


def value(minutes: float, *samples: Json) -> Json:
    """One element of meterValue."""
    return {"timestamp": ago(minutes), "sampledValue": list(samples)}


class Sessions16:
    """What a 1.6 station says of sessions on its connectors."""

    def __init__(self, lab: Lab, station: BenchStation) -> None:
        self.lab = lab
        self.station = station

    async def status(self, status: str, connector: int = 1, minutes: float = 0, **more: Any) -> None:
        payload = {"connectorId": connector, "errorCode": "NoError", "status": status, "timestamp": ago(minutes)}
        assert await self.station.call("StatusNotification", payload | more) == {}

    async def authorize(self, id_tag: str) -> str:
        return (await self.station.call("Authorize", {"idTag": id_tag}))["idTagInfo"]["status"]

    async def start(self, id_tag: str, *, meter: int = 0, minutes: float = 60, connector: int = 1) -> Json:
        payload = {"connectorId": connector, "idTag": id_tag, "meterStart": meter, "timestamp": ago(minutes)}
        return await self.station.call("StartTransaction", payload)

    async def started(self, id_tag: str, **options: Any) -> int:
        """An accepted start; returns its transactionId."""
        answer = await self.start(id_tag, **options)
        assert answer["idTagInfo"]["status"] == "Accepted"
        assert 0 < answer["transactionId"] < 2**31
        return answer["transactionId"]

    async def stop(self, transaction_id: int, *, meter: int, minutes: float = 0, **more: Any) -> Json:
        payload = {"transactionId": transaction_id, "meterStop": meter, "timestamp": ago(minutes)}
        return await self.station.call("StopTransaction", payload | more)

    async def meter(self, *values: Json, connector: int = 1, **more: Any) -> None:
        payload = {"connectorId": connector, "meterValue": list(values)}
        assert await self.station.call("MeterValues", payload | more) == {}

    async def row(self, transaction_id: int) -> Transaction:
        return await self.lab.row(Transaction, id=transaction_id, station_id=self.station.ref.id)

    async def rows(self) -> list[Transaction]:
        return await self.lab.rows(Transaction, station_id=self.station.ref.id)


class Sessions201:
    """What a 2.x station says of a transaction; counts its numbers."""

    def __init__(self, lab: Lab, station: BenchStation, ocpp_id: str = "tx-1", token: str = "") -> None:
        self.lab = lab
        self.station = station
        self.ocpp_id = ocpp_id
        self.token = token
        self.seq_no = 0

    async def event(
        self,
        kind: str,
        reason: str,
        *,
        minutes: float = 0,
        seq_no: int | None = None,
        evse: int | None = 1,
        token: bool | str | Json = False,
        meter: list[Json] | None = None,
        offline: bool | None = None,
        **info: Any,
    ) -> Json:
        """A TransactionEvent; `token` True is the session's own. Returns the answer."""
        if seq_no is not None:
            self.seq_no = seq_no
        payload: Json = {"eventType": kind, "timestamp": ago(minutes), "triggerReason": reason, "seqNo": self.seq_no}
        payload["transactionInfo"] = {"transactionId": self.ocpp_id} | info
        self.seq_no += 1
        if evse is not None:
            payload["evse"] = {"id": evse, "connectorId": 1}
        if token:
            value = self.token if token is True else token
            payload["idToken"] = value if isinstance(value, dict) else {"idToken": value, "type": "ISO14443"}
        if meter:
            payload["meterValue"] = meter
        if offline is not None:
            payload["offline"] = offline
        answer = await self.station.call("TransactionEvent", payload)
        assert ("idTokenInfo" in answer) == bool(token)
        return answer

    async def accepted(self, kind: str, reason: str, **options: Any) -> Json:
        """An event with the session's token, which must be Accepted."""
        answer = await self.event(kind, reason, token=True, **options)
        assert answer["idTokenInfo"]["status"] == "Accepted"
        return answer

    async def status(self, status: str, evse: int = 1) -> None:
        payload = {"timestamp": ago(), "connectorStatus": status, "evseId": evse, "connectorId": 1}
        assert await self.station.call("StatusNotification", payload) == {}

    async def row(self) -> Transaction:
        return await self.lab.row(Transaction, ocpp_id=self.ocpp_id, station_id=self.station.ref.id)

"""A 2.0.1 transaction on the bench, for cases that need one to run."""

from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json

NOW = "2026-01-01T10:00:00Z"


def event(kind: str, seq_no: int, reason: str, ocpp_id: str, evse: int = 1, **info: str) -> Json:
    """A TransactionEvent."""
    return {
        "eventType": kind,
        "timestamp": NOW,
        "triggerReason": reason,
        "seqNo": seq_no,
        "transactionInfo": {"transactionId": ocpp_id} | info,
        "evse": {"id": evse, "connectorId": 1},
    }


async def begin_201(lab: Lab, station: BenchStation, ocpp_id: str = "tx-1", evse: int = 1) -> str:
    """A running transaction; returns the station's id for it."""
    started = event("Started", 0, "Authorized", ocpp_id, evse, chargingState="Charging")
    started["idToken"] = {"idToken": await lab.token(), "type": "ISO14443"}
    answer = await station.call("TransactionEvent", started)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    return ocpp_id


async def end_201(station: BenchStation, ocpp_id: str, reason: str, stopped: str, seq_no: int = 1) -> None:
    """End it."""
    await station.call("TransactionEvent", event("Ended", seq_no, reason, ocpp_id, stoppedReason=stopped))


async def status_201(station: BenchStation, word: str, evse: int = 1, connector: int = 1) -> None:
    """StatusNotification."""
    payload = {"timestamp": NOW, "connectorStatus": word, "evseId": evse, "connectorId": connector}
    assert await station.call("StatusNotification", payload) == {}

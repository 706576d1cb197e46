"""A 1.6 charger with one connector that is told address and password, as an installer does, and lives by itself."""

import base64
import json
import socket
import ssl
import threading
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol


class Stranger:
    """Comes to `address`, whose last part is its identity; whatever name that has, it is found on loopback.

    `trust` is what it believes of certificates, for wss. Raises InvalidStatus when it is sent away.
    """

    def __init__(self, address: str, password: str, trust: ssl.SSLContext | None = None) -> None:
        parts = urlsplit(address)
        secret = base64.b64encode(f"{parts.path.rpartition('/')[2]}:{password}".encode()).decode()
        opening = connect(
            address,
            sock=socket.create_connection(("127.0.0.1", parts.port or 0)),
            ssl=trust,
            subprotocols=[Subprotocol("ocpp1.6")],
            additional_headers={"Authorization": f"Basic {secret}"},
        )
        self._connection = opening.__enter__()
        self._thread = threading.Thread(target=self._live, daemon=True)

    def start(self) -> "Stranger":
        self._thread.start()
        return self

    def stop(self) -> None:
        self._connection.close()
        self._thread.join()

    def _live(self) -> None:
        try:
            self._say(
                "BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "Twin", "firmwareVersion": "7"}
            )
            self._status()
            for text in self._connection:
                frame = json.loads(text)
                if frame[0] == 2:
                    self._answer(*frame[1:4])
        except ConnectionClosed:
            return

    def _say(self, action: str, payload: dict[str, Any]) -> None:
        self._connection.send(json.dumps([2, f"s{action}", action, payload]))

    def _status(self) -> None:
        at = datetime.now(UTC).isoformat()
        report = {"connectorId": 1, "status": "Available", "errorCode": "NoError", "timestamp": at}
        self._say("StatusNotification", report)

    def _answer(self, message_id: str, action: str, payload: dict[str, Any]) -> None:
        answer: dict[str, Any] = {"status": "Accepted"}
        if action == "GetConfiguration":
            keys = {"HeartbeatInterval": "300", "MeterValueSampleInterval": "60", "NumberOfConnectors": "1"}
            known = [{"key": key, "readonly": False, "value": value} for key, value in keys.items()]
            answer = {"configurationKey": known}
        self._connection.send(json.dumps([3, message_id, answer]))
        if action == "TriggerMessage" and payload.get("requestedMessage") == "StatusNotification":
            self._status()

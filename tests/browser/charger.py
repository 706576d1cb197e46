"""A charging station for browser tests: raw OCPP frames over a real socket, in blocking style."""

import base64
import itertools
import json
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Self

from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.world import PASSWORD

_ids = itertools.count(1)


class Charger:
    """Connects as `identity`; use it in a `with`."""

    def __init__(self, ocpp_port: int, identity: str, version: str = "ocpp1.6") -> None:
        secret = base64.b64encode(f"{identity}:{PASSWORD}".encode()).decode()
        self._connection = connect(
            f"ws://127.0.0.1:{ocpp_port}/ocpp/{identity}",
            subprotocols=[Subprotocol(version)],
            additional_headers={"Authorization": f"Basic {secret}"},
        )
        self._started: dict[int, datetime] = {}

    def __enter__(self) -> Self:
        self._socket = self._connection.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._connection.__exit__(kind, error, traceback)

    def call(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send a CALL and return its CALLRESULT's payload; requests of the server that come between are left aside."""
        message_id = f"b{next(_ids)}"
        self._socket.send(json.dumps([2, message_id, action, payload]))
        while True:
            answer = json.loads(self._socket.recv(timeout=20))
            if answer[1] == message_id:
                assert answer[0] == 3, answer
                return answer[2]

    def asked(self) -> tuple[str, str, dict[str, Any]]:
        """The next request of the server: message id, action, payload."""
        _, message_id, action, payload = json.loads(self._socket.recv(timeout=20))
        return message_id, action, payload

    def answer(self, message_id: str, payload: dict[str, Any]) -> None:
        """Answer a request of the server."""
        self._socket.send(json.dumps([3, message_id, payload]))

    def refuse(self, message_id: str, code: str, description: str) -> None:
        """Answer a request of the server with a CALLERROR."""
        self._socket.send(json.dumps([4, message_id, code, description, {}]))

    def boot(self) -> None:
        """Say what it is."""
        self.call("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "One"})

    def status(self, connector: int, status: str, error_code: str = "NoError") -> None:
        """Report a connector (1.6)."""
        report = {"connectorId": connector, "status": status, "errorCode": error_code, "timestamp": now_text()}
        self.call("StatusNotification", report)

    def start(self, token: str, connector: int = 1, *, minutes_ago: float = 0) -> int:
        """Begin a transaction (1.6); returns its id."""
        at = datetime.now(UTC) - timedelta(minutes=minutes_ago)
        began = {"connectorId": connector, "idTag": token, "meterStart": 1000, "timestamp": as_text(at)}
        transaction = int(self.call("StartTransaction", began)["transactionId"])
        self._started[transaction] = at
        return transaction

    def meter(self, transaction: int, *, energy_wh: int, power_w: int, connector: int = 1) -> None:
        """Report the meter (1.6): what was delivered since the start, and the power now."""
        samples = [
            {"measurand": "Energy.Active.Import.Register", "unit": "Wh", "value": str(1000 + energy_wh)},
            {"measurand": "Power.Active.Import", "unit": "W", "value": str(power_w)},
        ]
        value = {"timestamp": now_text(), "sampledValue": samples}
        self.call("MeterValues", {"connectorId": connector, "transactionId": transaction, "meterValue": [value]})

    def stop(
        self, transaction: int, energy_wh: int, reason: str = "Local", *, after_minutes: float | None = None
    ) -> None:
        """End a transaction (1.6), now or so long after its start."""
        at = now_text()
        if after_minutes is not None:
            at = as_text(self._started[transaction] + timedelta(minutes=after_minutes))
        ended = {"transactionId": transaction, "meterStop": 1000 + energy_wh, "timestamp": at, "reason": reason}
        self.call("StopTransaction", ended)


def now_text(minutes_ago: float = 0) -> str:
    """The moment so many minutes ago, as stations write it."""
    return as_text(datetime.now(UTC) - timedelta(minutes=minutes_ago))


def as_text(at: datetime) -> str:
    """UTC as stations write it."""
    return at.isoformat().replace("+00:00", "Z")

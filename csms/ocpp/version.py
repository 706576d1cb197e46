"""The OCPP versions spoken here and the names they have as websocket subprotocols."""

from enum import StrEnum


class OcppVersion(StrEnum):
    """An OCPP-J version; its value is the number people know it by."""

    V16 = "1.6"
    V201 = "2.0.1"
    V21 = "2.1"

    @property
    def subprotocol(self) -> str:
        """The name offered in Sec-WebSocket-Protocol, such as `ocpp2.0.1`."""
        return f"ocpp{self.value}"

    @staticmethod
    def from_subprotocol(text: str) -> "OcppVersion | None":
        """The version a subprotocol name stands for (case-sensitive, as in RFC 6455), or None."""
        return _BY_SUBPROTOCOL.get(text)


_BY_SUBPROTOCOL = {version.subprotocol: version for version in OcppVersion}

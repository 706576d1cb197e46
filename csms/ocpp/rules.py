"""What one side of a connection may receive and ask, looked up once per version and role."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from csms.ocpp.actions import UNANSWERED
from csms.ocpp.codec import Schema, dialect_of
from csms.ocpp.errors import ErrorCode
from csms.ocpp.version import OcppVersion

_SIGNED = "-Signed"


class Role(StrEnum):
    """Which side of the connection we are."""

    CSMS = "csms"
    STATION = "station"


@dataclass(frozen=True, slots=True)
class Rules:
    """Schemas by action: of the requests this side is asked (`inbound`), of those it asks (`outbound`), of answers."""

    version: OcppVersion
    inbound: dict[str, Schema]
    outbound: dict[str, Schema]
    responses: dict[str, Schema]
    accepts_empty: frozenset[str]

    def why_unserved(self, action: str) -> tuple[ErrorCode, str]:
        """Why an action that is not inbound is refused: NotImplemented if nobody knows it, else NotSupported."""
        if action in dialect_of(self.version).schemas["request"]:
            return ErrorCode.NOT_SUPPORTED, "The action is not served by this side"
        # TR_54: messages wrapped in a signature are known to 2.x, and may be refused.
        if self.version is not OcppVersion.V16 and action.removesuffix(_SIGNED) in self.inbound:
            return ErrorCode.NOT_SUPPORTED, "Signed messages are not supported"
        return ErrorCode.NOT_IMPLEMENTED, f"The action is unknown in OCPP {self.version.value}"


@cache
def rules_of(version: OcppVersion, role: Role) -> Rules:
    """The rules of a side; built once, shared by all connections."""
    dialect = dialect_of(version)
    requests = dialect.schemas["request"]
    asked, asks = dialect.from_station, dialect.from_csms
    if role is Role.STATION:
        asked, asks = asks, asked
    return Rules(
        version=version,
        inbound={action: requests[action] for action in asked},
        outbound={action: requests[action] for action in asks - UNANSWERED},
        responses=dialect.schemas["response"],
        accepts_empty=dialect.accepts_empty,
    )

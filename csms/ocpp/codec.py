"""The message schemas of every version, compiled once at import, and what follows from them.

The schema files are those of the `ocpp` package. Payloads stay camelCase dicts throughout: rewriting keys
would also rewrite what vendors put into customData and DataTransfer.
"""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import orjson
from jsonschema_rs import Draft4Validator, ValidationError

from csms.ocpp.actions import FROM_BOTH, FROM_STATION
from csms.ocpp.errors import ErrorCode, SchemaViolationError
from csms.ocpp.version import OcppVersion
from csms.ocpp.violations import violation_from

Kind = Literal["request", "response"]


class Schema:
    """One compiled schema, and the document it was made from."""

    __slots__ = ("_validator", "document")

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        # Draft 4 rules, as the specification was published: 5.0 is no integer. Times are read by `timestamps`.
        self._validator = Draft4Validator(document, validate_formats=False)

    def violation(self, payload: Any) -> SchemaViolationError | None:
        """What is wrong with a payload, the first breach only, or None."""
        try:
            if self._validator.is_valid(payload):
                return None
            self._validator.validate(payload)
        except ValidationError as error:
            return violation_from(error)
        except ValueError:  # keys that are no strings: only our own payloads can have them
            return SchemaViolationError(ErrorCode.FORMAT_VIOLATION, "payload: cannot be written as JSON", "")
        return None


@dataclass(frozen=True, slots=True)
class Dialect:
    """One version's messages. `accepts_empty` names those whose response may be {}; it spares their check."""

    schemas: dict[Kind, dict[str, Schema]]
    from_station: frozenset[str]
    from_csms: frozenset[str]
    accepts_empty: frozenset[str]


def dialect_of(version: OcppVersion) -> Dialect:
    """All that is known of a version."""
    return _DIALECTS[version]


def actions_of(version: OcppVersion) -> frozenset[str]:
    """Every action of the version, whoever sends it."""
    return frozenset(_DIALECTS[version].schemas["request"])


def from_station(version: OcppVersion) -> frozenset[str]:
    """The actions a charging station may send."""
    return _DIALECTS[version].from_station


def from_csms(version: OcppVersion) -> frozenset[str]:
    """The actions the central system may send."""
    return _DIALECTS[version].from_csms


def schema_of(version: OcppVersion, action: str, kind: Kind) -> Schema:
    """The schema of one message. Raises KeyError for an unknown action."""
    return _DIALECTS[version].schemas[kind][action]


def violation_of(version: OcppVersion, action: str, kind: Kind, payload: Any) -> SchemaViolationError | None:
    """What is wrong with a payload, the first breach only, or None. Raises KeyError for an unknown action."""
    return schema_of(version, action, kind).violation(payload)


_FOLDERS = {OcppVersion.V16: "v16", OcppVersion.V201: "v201", OcppVersion.V21: "v21"}


def _load(version: OcppVersion) -> Dialect:
    schemas: dict[Kind, dict[str, Schema]] = {"request": {}, "response": {}}
    for file in (files("ocpp") / _FOLDERS[version] / "schemas").iterdir():
        if file.name.endswith(".json"):
            kind, action = _named(file.name.removesuffix(".json"))
            schemas[kind][action] = Schema(orjson.loads(file.read_bytes()))
    station = FROM_STATION[version]
    return Dialect(
        schemas=schemas,
        from_station=station | FROM_BOTH,
        from_csms=frozenset(schemas["request"]) - station,
        accepts_empty=frozenset(a for a, schema in schemas["response"].items() if schema.violation({}) is None),
    )


def _named(stem: str) -> tuple[Kind, str]:
    """`HeartbeatResponse` is Heartbeat's response; `HeartbeatRequest` (2.x) and `Heartbeat` (1.6) its request."""
    if stem.endswith("Response"):
        return "response", stem.removesuffix("Response")
    return "request", stem.removesuffix("Request")


_DIALECTS = {version: _load(version) for version in OcppVersion}

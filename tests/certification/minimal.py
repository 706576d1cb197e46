"""The smallest payload a schema of the `ocpp` package allows."""

from functools import cache
from importlib.resources import files
from typing import Any

import orjson

from csms.ocpp.version import OcppVersion

_FOLDERS = {OcppVersion.V16: "v16", OcppVersion.V201: "v201", OcppVersion.V21: "v21"}


def minimal(version: OcppVersion, name: str) -> Any:
    """`name` is the schema's: Reset, ResetResponse (1.6); ResetRequest, ResetResponse (2.x)."""
    document = _document(version, name)
    return _value(document, document.get("definitions", {}))


@cache
def _document(version: OcppVersion, name: str) -> dict[str, Any]:
    return orjson.loads((files("ocpp") / _FOLDERS[version] / "schemas" / f"{name}.json").read_bytes())


def _value(schema: dict[str, Any], definitions: dict[str, Any]) -> Any:
    if "$ref" in schema:
        return _value(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "object":
            properties, required = schema.get("properties", {}), schema.get("required", [])
            return {name: _value(part, definitions) for name, part in properties.items() if name in required}
        case "array":
            return [_value(schema["items"], definitions)] * schema.get("minItems", 0)
        case "string":
            return _text(schema)
        case "boolean":
            return False
        case _:
            return max(1, schema.get("minimum", 1))


def _text(schema: dict[str, Any]) -> str:
    if schema.get("format") == "date-time":
        return "2026-01-01T00:00:00Z"
    if schema.get("format") == "uri":
        return "https://example.test/file"
    return "x"[: schema.get("maxLength", 1)]

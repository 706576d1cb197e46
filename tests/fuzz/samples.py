"""What mutations start from: frames of real stations, and a payload for every action made from its schema."""

import json
import random
from pathlib import Path
from typing import Any

from csms.ocpp.codec import from_station, schema_of
from csms.ocpp.version import OcppVersion

_TRANSCRIPTS = Path(__file__).parents[1] / "data" / "transcripts"
_WORDS = ("", "A", "GREEN-CARD", "Energy.Active.Import.Register", "2026-01-01T00:00:00Z", "ä€😀")


def recorded(version: OcppVersion) -> list[tuple[str, Any]]:
    """Action and payload of every request that was recorded in this version."""
    rows = [json.loads(line) for path in _TRANSCRIPTS.glob(f"*-{version}.jsonl") for line in path.open()]
    return [(row["frame"][2], row["frame"][3]) for row in rows if "answers" not in row]


def generated(version: OcppVersion, rng: random.Random, each: int = 3) -> list[tuple[str, Any]]:
    """Action and payload, as its schema has it, of every request a station may send."""
    pairs: list[tuple[str, Any]] = []
    for action in sorted(from_station(version)):
        document = schema_of(version, action, "request").document
        pairs += [(action, sample(document, document.get("definitions", {}), rng)) for _ in range(each)]
    return pairs


def sample(schema: dict[str, Any], definitions: dict[str, Any], rng: random.Random, depth: int = 0) -> Any:
    """A value that the schema allows; optional fields now and then."""
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema:
        return rng.choice(schema["enum"])
    match schema.get("type"):
        case "object":
            required = schema.get("required", ())
            return {
                name: sample(content, definitions, rng, depth + 1)
                for name, content in schema.get("properties", {}).items()
                if name in required or (depth < 4 and rng.random() < 0.4 and name != "customData")
            }
        case "array":
            count = max(schema.get("minItems", 0), min(schema.get("maxItems", 3), rng.randint(1, 3)))
            return [sample(schema.get("items", {}), definitions, rng, depth + 1) for _ in range(count)]
        case "string":
            if schema.get("format") == "date-time":
                return f"2026-01-{rng.randint(1, 28):02}T{rng.randint(0, 23):02}:00:00Z"
            return rng.choice(_WORDS)[: schema.get("maxLength", 50)]
        case "integer":
            return max(schema.get("minimum", 0), min(schema.get("maximum", 9), rng.randint(0, 9)))
        case "number":
            return max(schema.get("minimum", 0), round(rng.random() * 9, 1))
        case "boolean":
            return rng.random() < 0.5
        case _:
            return {}

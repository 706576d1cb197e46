"""Walks a payload along its schema and repairs a copy, noting every repair; gives up where it would be guessing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from csms.gateway.tolerance.knowledge import (
    KEPT_WHOLE,
    MISSING,
    NAMES_SOMEBODY,
    NESTED_MISSING,
    READ_LENIENTLY,
    ROUNDED,
    STRANGE_WORDS,
    TRANSACTIONAL,
)
from csms.gateway.tolerance.scalars import Unusable, as_boolean, as_integer, as_number, as_text, shortened, spelled
from csms.stations.remarks import Kind, Remark
from csms.stations.secrets import MASK, is_secret, masked

Json = dict[str, Any]
_LONGEST_KEPT = 255
_MOST_REMARKS = 8
_CONVERTERS = {"integer": as_integer, "number": as_number, "boolean": as_boolean}


@dataclass(slots=True)
class Mending:
    """One payload being repaired. `is_as_found` once something was kept that the schema forbids."""

    action: str
    definitions: Mapping[str, Json]
    remarks: dict[tuple[str, str], Remark] = field(default_factory=dict[tuple[str, str], Remark])
    is_as_found: bool = False

    @property
    def is_transactional(self) -> bool:
        """Whether the message must not be lost."""
        return self.action in TRANSACTIONAL

    def note(self, kind: Kind, path: str, text: str, value: object = "") -> None:
        """Remember a repair."""
        if len(self.remarks) < _MOST_REMARKS:
            subject = f"{self.action}.{path}" if path else self.action
            example = MASK if is_secret(path) else str(masked(value))
            self.remarks.setdefault((kind, subject), Remark(kind, subject, text, example[:_LONGEST_KEPT]))

    def value(self, schema: Json, value: Any, path: str) -> Any:
        """The value as the schema wants it. Raises Unusable."""
        reference = schema.get("$ref")
        if reference is not None:
            schema = self.definitions[reference.rpartition("/")[2]]
        match schema.get("type"):
            case "object":
                return self._object(schema, value, path)
            case "array":
                return self._array(schema, value, path)
            case "string":
                return self._string(schema, value, path)
            case "integer" | "number" | "boolean" as kind:
                return self._scalar(kind, schema, value, path)
            case _:
                return value

    def _object(self, schema: Json, value: Any, path: str) -> Json:
        if not isinstance(value, dict):
            raise Unusable
        found, properties = cast(Json, value), cast(dict[str, Json], schema.get("properties", {}))
        mended: Json = {}
        for name, content in found.items():
            where = f"{path}.{name}" if path else name
            if name in properties:
                self._field(mended, name, properties[name], content, where, name in schema.get("required", ()))
            elif schema.get("additionalProperties", True) is False:
                text = "It sends a field that OCPP does not know; the field was passed over."
                self.note(Kind.UNKNOWN_FIELD, where, text, content)
            else:
                mended[name] = content
        for name in schema.get("required", ()):
            if name not in mended:
                where = f"{path}.{name}" if path else name
                mended[name] = self._missing(name, where, was_sent=name in found)
        return mended

    def _field(self, mended: Json, name: str, schema: Json, value: Any, path: str, is_required: bool) -> None:
        if name in READ_LENIENTLY and self.is_transactional:
            mended[name] = value
            self.is_as_found = True
            return
        if value is None and not is_required:
            return self.note(Kind.WRONG_TYPE, path, "It sends null for a field it should leave out; left out.")
        try:
            mended[name] = self.value(schema, value, path)
        except Unusable:
            if not self.is_transactional:
                raise
            if not is_required:
                self.note(Kind.WRONG_TYPE, path, "It sends something that cannot be read; passed over.", value)

    def _missing(self, name: str, path: str, *, was_sent: bool) -> Any:
        table = MISSING.get(self.action, {}) if path == name else NESTED_MISSING
        key = name if path == name else ".".join(path.split(".")[-2:])
        if key not in table:
            raise Unusable
        self.is_as_found = True
        kind = Kind.WRONG_TYPE if was_sent else Kind.MISSING_FIELD
        what = "cannot be read" if was_sent else "is missing"
        self.note(kind, path, f"A required field {what}; the message was taken in without it, so nothing is lost.")
        return table[key]

    def _array(self, schema: Json, value: Any, path: str) -> list[Any]:
        if isinstance(value, dict):
            self.note(Kind.WRONG_TYPE, path, "It sends a single object where a list of them belongs; taken for a list.")
            value = [value]
        if not isinstance(value, list):
            raise Unusable
        items = cast(list[Any], value)
        if len(items) < schema.get("minItems", 0):
            raise Unusable
        if len(items) > schema.get("maxItems", len(items)):
            self.is_as_found = True
            self.note(Kind.TOO_LONG, path, "It sends more elements than OCPP allows; all were taken.", len(items))
        return [self.value(schema.get("items", {}), item, path) for item in items]

    def _string(self, schema: Json, value: Any, path: str) -> str:
        name = path.rpartition(".")[2]
        if type(value) is not str:
            if name in NAMES_SOMEBODY and not self.is_transactional:
                raise Unusable
            text = as_text(value)
            self.note(Kind.WRONG_TYPE, path, "It sends a number where a text belongs; taken as text.", text)
            value = text
        if "enum" in schema:
            return self._word(schema["enum"], value, path)
        longest = schema.get("maxLength")
        if longest is None or len(value) <= longest:
            return value
        return self._too_long(name, value, longest, path)

    def _too_long(self, name: str, value: str, longest: int, path: str) -> str:
        said = f"Longer than the {longest} characters OCPP allows"
        if name in NAMES_SOMEBODY and not self.is_transactional:
            raise Unusable
        if name in NAMES_SOMEBODY or self.action in KEPT_WHOLE:
            self.is_as_found = True
            self.note(Kind.TOO_LONG, path, f"{said}; kept whole.", value)
            return value[:_LONGEST_KEPT]
        if name == "transactionId":
            self.note(Kind.TOO_LONG, path, f"{said}; a shorter id stands for it; no remote stop.", value)
            return shortened(value, longest)
        self.note(Kind.TOO_LONG, path, f"{said}; cut to that. The frame has it whole.", value)
        return value[:longest]

    def _word(self, words: list[str], value: str, path: str) -> str:
        known = spelled(words, value)
        if known is not None:
            if known != value:
                self.note(Kind.UNKNOWN_VALUE, path, f"It misspells {known}; taken for it.", value)
            return known
        subject = f"{self.action}.{path}"
        if subject not in STRANGE_WORDS:
            if self.is_transactional and path.endswith(".type"):
                self.is_as_found = True
                self.note(Kind.UNKNOWN_VALUE, path, "It uses a word that OCPP does not know; kept as it is.", value)
                return value[:20]
            raise Unusable
        meant = STRANGE_WORDS[subject]
        if meant is None or meant not in words:
            self.is_as_found = True
            self.note(Kind.UNKNOWN_VALUE, path, "It uses a word that OCPP does not know; kept as it is.", value)
            return value[:50]
        self.note(Kind.UNKNOWN_VALUE, path, f"It uses a word that OCPP does not know; taken for {meant}.", value)
        return meant

    def _scalar(self, kind: str, schema: Json, value: Any, path: str) -> Any:
        mended = _CONVERTERS[kind](value)
        if kind == "integer" and mended != as_number(value) and path not in ROUNDED:
            raise Unusable
        if type(mended) is not type(value) and not (kind == "number" and type(value) is int):
            words = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}[kind]
            self.note(Kind.WRONG_TYPE, path, f"It sends something else where {words} belongs; read as {mended}.", value)
        is_within = schema.get("minimum", mended) <= mended <= schema.get("maximum", mended)
        if not is_within:
            raise Unusable
        if "multipleOf" in schema:
            self.is_as_found = True
        return mended

"""From a breach of a JSON schema to the CALLERROR it earns (TR_48, TR_49), without quoting the payload (TR_51)."""

from typing import Any

from jsonschema_rs import ValidationError

from csms.ocpp.errors import ErrorCode, SchemaViolationError

_LONGEST_NAME = 60

_CODES = {
    "required": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "minItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "maxItems": ErrorCode.OCCURRENCE_CONSTRAINT_VIOLATION,
    "type": ErrorCode.TYPE_CONSTRAINT_VIOLATION,
    "enum": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "maxLength": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "minLength": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "minimum": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "maximum": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
    "multipleOf": ErrorCode.PROPERTY_CONSTRAINT_VIOLATION,
}


def violation_from(error: ValidationError) -> SchemaViolationError:
    """The violation a validator's error stands for; extra fields, and whatever is not listed, are a FormatViolation."""
    keyword = error.kind.name
    code = _CODES.get(keyword, ErrorCode.FORMAT_VIOLATION)
    path = "/".join(str(step)[:_LONGEST_NAME] for step in error.instance_path)
    return SchemaViolationError(code, f"{path or 'payload'}: {_what_is_wrong(keyword, error.kind.value)}", path)


def _what_is_wrong(keyword: str, value: Any) -> str:
    match keyword:
        case "required":
            return f"{value} is required"
        case "type":
            return f"must be of type {_listed(value)}"
        case "enum":
            return "is not one of the allowed values"
        case "additionalProperties":
            return f"{_listed(value)} is not a known field"
        case "minItems" | "maxItems":
            return f"has {'fewer' if keyword == 'minItems' else 'more'} than {value} elements"
        case "minLength" | "maxLength":
            return f"is {'shorter' if keyword == 'minLength' else 'longer'} than {value} characters"
        case "minimum" | "maximum":
            return f"is {'below' if keyword == 'minimum' else 'above'} {value}"
        case _:
            return f"breaks the rule {keyword}"


def _listed(names: list[str] | str) -> str:
    shown = [names] if isinstance(names, str) else names[:3]
    return ", ".join(name[:_LONGEST_NAME] for name in shown)

"""One entry: a payload that breaks its schema, repaired on a copy with remarks on what was odd, or None.

Runs only after the schema said no, so a valid frame costs nothing.
"""

from dataclasses import dataclass
from typing import Any, cast

from csms.gateway.tolerance.mend import Mending
from csms.gateway.tolerance.scalars import Unusable
from csms.gateway.tolerance.shapes import as_2_x
from csms.ocpp.codec import schema_of
from csms.ocpp.version import OcppVersion
from csms.stations.remarks import Kind, Remark

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Repaired:
    """A payload a handler can serve, and what an operator should know."""

    payload: Json
    remarks: list[Remark]


def repair(version: OcppVersion, action: str, payload: Any) -> Repaired | None:
    """The payload as it must be meant; None where that would be guessing. The given payload is left as it is."""
    if not isinstance(payload, dict):
        return None
    found = cast(Json, payload)
    schema = schema_of(version, action, "request")
    mending = Mending(action, schema.document.get("definitions", {}))
    older = as_2_x(action, found) if version is not OcppVersion.V16 else None
    if older is not None:
        text = f"It agreed on OCPP {version.value} but writes {action} as OCPP 1.6 has it; translated."
        mending.note(Kind.OTHER_VERSION, "", text)
    try:
        mended = mending.value(schema.document, found if older is None else older, "")
    except Unusable:
        return None
    violation = schema.violation(mended)
    if violation is not None:
        if not mending.is_as_found:
            return None
        _note_what_was_kept(mending, action, violation.description)
    return Repaired(mended, list(mending.remarks.values()))


def _note_what_was_kept(mending: Mending, action: str, description: str) -> None:
    if not mending.remarks:  # nothing but what the reader of meter values understands
        field = description.partition(":")[0].split("/")
        subject = ".".join(step for step in field if not step.isdigit())
        mending.note(Kind.METER_VALUES, subject, f"Not as OCPP has it ({description}); read as far as it goes.")

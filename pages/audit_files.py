"""The audit log as files: what the page shows, all of it, streamed as it is read."""

import csv
import io
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

import orjson
from fastapi import APIRouter, Depends
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from csms.access.policy import Permission, require
from csms.access.queries import AuditQuery, all_audit_entries
from csms.errors import PermissionDeniedError
from models import AuditEntry
from models.scope import tenant_scope
from pages.operator.period import period_start
from pages.web.visit import Visit, current_visit

router = APIRouter(prefix="/data")
FIELDS: Final = ("at", "actor", "action", "subject", "address", "cause_id", "details")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@router.get("/audit.{kind}")
async def audit_file(
    visit: Annotated[Visit, Depends(current_visit)], kind: str, q: str = "", show: str = "", period: str = ""
) -> Response:
    """`csv` or `jsonl`, narrowed as the page is."""
    if visit.tenant is None or visit.actor is None or kind not in ("csv", "jsonl"):
        return PlainTextResponse("not found\n", 404)
    try:
        require(visit.actor, Permission.AUDIT_VIEW)
    except PermissionDeniedError as error:
        return PlainTextResponse(f"{error}\n", 403)
    query = AuditQuery(
        text=q[:200],
        areas=tuple(filter(None, show.split(","))),
        since=period_start(period, visit.services.clock.now(), visit.tenant.time_zone),
    )
    lines = _lines(visit, visit.tenant.id, query, _csv_line if kind == "csv" else _json_line, kind == "csv")
    name = f"audit-{visit.tenant.key}-{visit.services.clock.now():%Y%m%d}.{kind}"
    media = "text/csv; charset=utf-8" if kind == "csv" else "application/jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return StreamingResponse(lines, media_type=media, headers=headers)


async def _lines(
    visit: Visit, tenant_id: int, query: AuditQuery, line: Any, has_heading: bool
) -> AsyncGenerator[bytes]:
    if has_heading:
        yield (",".join(FIELDS) + "\r\n").encode()
    with tenant_scope(tenant_id):
        async with visit.services.database.reading() as session:
            async for entry in all_audit_entries(session, query):
                yield line(entry)


def _values(entry: AuditEntry) -> dict[str, Any]:
    return {field: getattr(entry, field) for field in FIELDS} | {"at": entry.at.isoformat()}


def _json_line(entry: AuditEntry) -> bytes:
    return orjson.dumps(_values(entry), option=orjson.OPT_APPEND_NEWLINE)


def _csv_line(entry: AuditEntry) -> bytes:
    values = _values(entry) | {"details": orjson.dumps(entry.details).decode()}
    out = io.StringIO()
    csv.writer(out).writerow([spreadsheet_safe(str(value or "")) for value in values.values()])
    return out.getvalue().encode()


def spreadsheet_safe(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text

"""Idempotency-Key: a POST that is sent again is answered again, and done once (draft-ietf-httpapi-idempotency-key).

A row is committed before the request runs, so that of two that come together, on whichever node, one runs.
"""

import hashlib
import re
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from csms.access.leftovers import ANSWERS_KEPT_FOR
from csms.api.call import Call
from csms.api.errors import KeyInUseError, KeyReusedError
from csms.errors import InvalidInputError
from csms.sealing import SealingError
from csms.work import Work
from models import IdempotentRequest

HEADER: Final = "Idempotency-Key"
PATTERN: Final = r"^[!-~]{1,255}$"
_NOT_KEPT: Final = frozenset({401, 429, 500, 503})
"""Answers that say nothing about the request itself: the next try runs."""
_HEADERS_KEPT: Final = ("content-type", "location", "etag", "cache-control", "link")


async def begin(call: Call, request: Request, key: str) -> Response | int:
    """The answer that was given before, or the number of the row to `conclude`.

    Raises InvalidInputError for a key that cannot be, KeyReusedError when it came with another request, KeyInUseError
    while the first one runs.
    """
    if not re.fullmatch(PATTERN, key):
        raise InvalidInputError(f"An {HEADER} has 1 to 255 visible ASCII characters.")
    fingerprint = await _fingerprint(request)
    now = call.services.clock.now()

    async def unit(work: Work) -> IdempotentRequest | int:
        session = work.session()
        mine = (col(IdempotentRequest.caller) == call.caller, col(IdempotentRequest.key) == key)
        expired = delete(IdempotentRequest).where(*mine, col(IdempotentRequest.created_at) <= now - ANSWERS_KEPT_FOR)
        await session.execute(expired.execution_options(synchronize_session=False))
        known = (await session.execute(select(IdempotentRequest).where(*mine))).scalar_one_or_none()
        if known is not None:
            return known
        row = IdempotentRequest(
            tenant_id=call.tenant.id, caller=call.caller, key=key, fingerprint=fingerprint, created_at=now
        )
        session.add(row)
        await session.flush()
        return row.id or 0

    try:
        found = await call.run(unit)
    except IntegrityError:  # another node was first by a moment
        raise KeyInUseError(_RUNNING) from None
    return found if isinstance(found, int) else _replay(call, found, fingerprint)


async def conclude(call: Call, row_id: int, key: str, response: Response) -> None:
    """Keep what was answered, or forget the request where the answer says nothing about it."""
    kept = {name: response.headers[name] for name in _HEADERS_KEPT if name in response.headers}
    body = call.services.sealer.seal(bytes(response.body).decode(), _place(call, key))
    this = col(IdempotentRequest.id) == row_id

    async def unit(work: Work) -> None:
        if response.status_code in _NOT_KEPT:
            statement = delete(IdempotentRequest).where(this)
        else:
            statement = update(IdempotentRequest).where(this)
            statement = statement.values(status=response.status_code, headers=kept, body=body)
        await work.session().execute(statement.execution_options(synchronize_session=False))

    await call.run(unit)


def _replay(call: Call, row: IdempotentRequest, fingerprint: str) -> Response:
    if row.fingerprint != fingerprint:
        raise KeyReusedError(f"This {HEADER} came with another request before. Use a new one for each request.")
    if row.status is None:
        raise KeyInUseError(_RUNNING)
    try:
        body = call.services.sealer.open(row.body, _place(call, row.key))
    except SealingError:
        raise KeyReusedError(f"The answer kept for this {HEADER} cannot be read any more. Use a new one.") from None
    return Response(body, row.status, {**row.headers, "Idempotency-Replayed": "true"})


async def _fingerprint(request: Request) -> str:
    told = f"{request.method} {request.url.path}?{request.url.query}\n".encode() + await request.body()
    return hashlib.sha256(told).hexdigest()


def _place(call: Call, key: str) -> str:
    return f"{call.tenant.id} {call.caller} {key}"


_RUNNING: Final = (
    f"The first request with this {HEADER} has no outcome yet. Ask again in a moment; if this lasts, it was "
    "interrupted: look whether it was done, then use a new key."
)

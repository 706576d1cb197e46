"""The record of who did or asked what. It is only ever added to."""

from typing import Annotated, Any

from fastapi import Depends, Query
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import BigRowId, Listed, Moment, Shape
from csms.errors import NotFoundError
from models import AuditEntry

router = new_router("audit", "/audit")
_ORDER = Ordering(col(AuditEntry.id), {"id": Key(col(AuditEntry.id), int)}, "-id")


class AuditShape(Shape):
    """One deed."""

    id: int
    at: Moment
    actor: str = Field(examples=["operator@green.example"])
    user_id: int | None
    """None: a program, or the platform itself."""
    action: str = Field(examples=["station.reset"])
    subject: str = Field(examples=["station DE-BER-001"])
    cause_id: str | None
    """Groups all that followed from one click or request."""
    address: str
    details: dict[str, Any]


@router.get("", response_model=Listed[AuditShape])
async def list_audit_entries(
    call: SignedIn,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    actor: Annotated[str, Query(max_length=254, description="E-mail or name of who did it.")] = "",
    action: Annotated[str, Query(max_length=64, description="Its name, or the part before a dot.")] = "",
    subject: Annotated[str, Query(max_length=255, description="In what it was done to.")] = "",
    cause: Annotated[str, Query(max_length=36)] = "",
    since: Annotated[Moment | None, Query()] = None,
    until: Annotated[Moment | None, Query()] = None,
) -> Listed[AuditShape]:
    """What was done, newest first."""
    call.require(Permission.AUDIT_VIEW)
    query = select(AuditEntry)
    if actor:
        query = query.where(col(AuditEntry.actor) == actor)
    if action:
        within = col(AuditEntry.action).startswith(f"{action.rstrip('.')}.", autoescape=True)
        query = query.where((col(AuditEntry.action) == action) | within)
    if subject:
        query = query.where(col(AuditEntry.subject).icontains(subject, autoescape=True))
    if cause:
        query = query.where(col(AuditEntry.cause_id) == cause)
    if since is not None:
        query = query.where(col(AuditEntry.at) >= since)
    if until is not None:
        query = query.where(col(AuditEntry.at) < until)
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: AuditShape.model_validate(row[0]))


@router.get("/{entry_id}", response_model=AuditShape)
async def get_audit_entry(call: SignedIn, entry_id: BigRowId) -> AuditShape:
    """One entry."""
    call.require(Permission.AUDIT_VIEW)
    async with call.reading() as session:
        entry = await session.get(AuditEntry, entry_id)
    if entry is None:
        raise NotFoundError(f"There is no entry {entry_id}.")
    return AuditShape.model_validate(entry)

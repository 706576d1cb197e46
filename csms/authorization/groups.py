"""Groups of tokens, and how the tenant judges: what people do with both. All audited."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.limits import LIMIT_NAMES, NO_LIMITS, Limits, problem_with
from csms.authorization.revision import policy_of, tokens_changed
from csms.authorization.service import set_policy
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import AuthorizationPolicy, IdToken, TokenGroup

LONGEST, LONGEST_IN_16 = 36, 20


@dataclass(frozen=True, slots=True)
class GroupForm:
    """A group: `value` is its id on the wire, `name` what people call it."""

    value: str
    name: str = ""
    limits: Limits = NO_LIMITS


@dataclass(frozen=True, slots=True)
class PolicyForm:
    """How the tenant's tokens are judged; see models.AuthorizationPolicy."""

    allow_concurrent: bool = True
    master_pass_group: str | None = None
    free_vend: bool = False


async def add_group(work: Work, actor: Actor, form: GroupForm, at: datetime) -> TokenGroup:
    """Raises PermissionDeniedError, InvalidInputError, ConflictError for one that exists."""
    require(actor, Permission.TOKENS_MANAGE)
    row = TokenGroup(value=form.value.strip(), name="", created_at=at)
    await _write(work.session(), row, form)
    work.session().add(row)
    await work.session().flush()
    audit.record_change(work, actor, "group.add", f"group {row.value}", {}, _said(row), at=at)
    return row


async def change_group(work: Work, actor: Actor, group_id: int, form: GroupForm, at: datetime) -> TokenGroup:
    """Name, limits and id; its tokens come along, and it stays the master pass group if it was. Raises as `add_group`,
    and NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    row = await find_group(session, group_id)
    before, old = _said(row), row.value
    await _write(session, row, form)
    await session.flush()
    if row.value != old:
        await _move(session, old, row.value)
    audit.record_change(work, actor, "group.change", f"group {row.value}", before, _said(row), at=at)
    await tokens_changed(work, actor.tenant_id, at)
    return row


async def delete_group(work: Work, actor: Actor, group_id: int, at: datetime) -> None:
    """Its tokens stay, without a group. Raises PermissionDeniedError, NotFoundError."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    row = await find_group(session, group_id)
    audit.record_change(work, actor, "group.delete", f"group {row.value}", _said(row), {}, at=at)
    await _move(session, row.value, None)
    await session.delete(row)
    await session.flush()
    await tokens_changed(work, actor.tenant_id, at)


async def change_policy(work: Work, actor: Actor, form: PolicyForm, at: datetime) -> AuthorizationPolicy:
    """Decide how tokens are judged. Raises PermissionDeniedError, NotFoundError for an unknown master pass group."""
    require(actor, Permission.TOKENS_MANAGE)
    session = work.session()
    if form.master_pass_group:
        query = select(TokenGroup).where(col(TokenGroup.value) == form.master_pass_group)
        if (await session.execute(query)).scalar_one_or_none() is None:
            raise NotFoundError("There is no such group.")
    before = _policy_said(await policy_of(session))
    policy = await set_policy(
        session,
        allow_concurrent=form.allow_concurrent,
        master_pass_group=form.master_pass_group,
        free_vend=form.free_vend,
    )
    audit.record_change(work, actor, "cards.policy", "how cards are judged", before, _policy_said(policy), at=at)
    return policy


async def ensure_group(session: AsyncSession, value: str | None, at: datetime) -> None:
    """Give a group that is named for the first time its row, called by its id."""
    if not value or len(value) > LONGEST:
        return
    known = select(col(TokenGroup.id)).where(col(TokenGroup.value) == value)
    if await session.scalar(known) is None:
        session.add(TokenGroup(value=value, name=value, created_at=at))
        await session.flush()


async def find_group(session: AsyncSession, group_id: int) -> TokenGroup:
    """A group of the tenant in scope. Raises NotFoundError."""
    row = (await session.execute(select(TokenGroup).where(col(TokenGroup.id) == group_id))).scalar_one_or_none()
    if row is None:
        raise NotFoundError("There is no such group.")
    return row


async def _write(session: AsyncSession, row: TokenGroup, form: GroupForm) -> None:
    value = form.value.strip()
    if not 0 < len(value) <= LONGEST or not value.isprintable():
        raise InvalidInputError(f"A group's id has 1 to {LONGEST} characters.")
    if (problem := problem_with(form.limits)) is not None:
        raise InvalidInputError(problem)
    twin = (await session.execute(select(TokenGroup).where(col(TokenGroup.value) == value))).scalar_one_or_none()
    if twin is not None and twin.id != row.id:
        raise ConflictError(f"There is already a group {value}.")
    row.value, row.name = value, form.name.strip()[:100] or value
    for name in LIMIT_NAMES:
        setattr(row, name, getattr(form.limits, name))


async def _move(session: AsyncSession, old: str, new: str | None) -> None:
    move = update(IdToken).where(col(IdToken.group) == old).values(group=new)
    await session.execute(move.execution_options(synchronize_session=False))
    policy = await policy_of(session)
    if policy.master_pass_group == old:
        policy.master_pass_group = new


def _said(row: TokenGroup) -> dict[str, Any]:
    return {"value": row.value, "name": row.name, **Limits.of(row).as_json()}


def _policy_said(row: AuthorizationPolicy) -> dict[str, Any]:
    return {
        "allow_concurrent": row.allow_concurrent,
        "master_pass_group": row.master_pass_group,
        "free_vend": row.free_vend,
    }

"""Tokens as programs know them: by value, created or replaced as a whole; with the verbs of tokens.py."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.authorization.groups import GroupForm, add_group
from csms.authorization.keys import token_key
from csms.authorization.tokens import TokenForm, add_token, change_token, said_of, subject_of
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import IdToken, IdTokenStatus, TokenGroup


@dataclass(frozen=True, slots=True)
class TokenSetup:
    """A token as it shall be."""

    form: TokenForm
    status: IdTokenStatus = IdTokenStatus.ACCEPTED


async def find_token(session: AsyncSession, value: str, type: str | None = None) -> IdToken | None:
    """The token of this value, however it is spelled; of several, the one of this type. None when there is none.

    Raises ConflictError when several fit.
    """
    found = await _of_value(session, value)
    if type is not None and (len(found) > 1 or (found and found[0].type != type)):
        return next((token for token in found if token.type == type), None)
    if len(found) > 1:
        types = ", ".join(token.type or "none" for token in found)
        raise ConflictError(f"There are tokens {value} of several types: {types}. Say which type is meant.")
    return found[0] if found else None


async def require_token(session: AsyncSession, value: str, type: str | None = None) -> IdToken:
    """As `find_token`. Raises NotFoundError when there is none."""
    token = await find_token(session, value, type)
    if token is None:
        raise NotFoundError(f"There is no token {value}.")
    return token


async def put_id_token(work: Work, actor: Actor, setup: TokenSetup, at: datetime) -> tuple[IdToken, bool]:
    """Make a token of this value and type what `setup` says. Returns it, and whether it is new.

    A value that is known under one other type alone is the same card: its type is corrected. A group that there is
    not yet is made. Raises PermissionDeniedError; InvalidInputError for what cannot be, such as a driver that there is
    not.
    """
    require(actor, Permission.TOKENS_MANAGE)
    session, form = work.session(), setup.form
    token = await find_token(session, form.value, form.type)
    if token is None:
        others = await _of_value(session, form.value)
        token = others[0] if len(others) == 1 else None
    await _make_group(work, actor, form.group, at)
    try:
        if token is None:
            row = await add_token(work, actor, form, at)
        else:
            row = await change_token(work, actor, token.id or 0, replace(form, value=token.value), at)
    except NotFoundError as error:
        raise InvalidInputError(str(error)) from None
    if row.status != setup.status:
        before, row.status = said_of(row), setup.status
        await session.flush()
        audit.record_change(work, actor, "token.status", subject_of(row), before, said_of(row), at=at)
    return row, token is None


async def _make_group(work: Work, actor: Actor, value: str | None, at: datetime) -> None:
    if not value or not value.strip():
        return
    known = select(col(TokenGroup.id)).where(col(TokenGroup.value) == value.strip())
    if (await work.session().execute(known)).first() is None:
        await add_group(work, actor, GroupForm(value.strip(), value.strip()), at)


async def _of_value(session: AsyncSession, value: str) -> list[IdToken]:
    query = select(IdToken).where(col(IdToken.value_key) == token_key(value)).order_by(col(IdToken.id))
    return list((await session.execute(query)).scalars())

"""Groups of tokens, and how all tokens are judged."""

from typing import Annotated, ClassVar

from fastapi import Depends, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.limits import LimitsBody, LimitsShape
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Listed, Moment, RowId, Shape
from csms.authorization.groups import (
    LONGEST,
    GroupForm,
    PolicyForm,
    add_group,
    change_group,
    change_policy,
    delete_group,
    find_group,
)
from csms.authorization.queries import GroupEntry, current_policy, select_groups
from csms.errors import InvalidInputError, NotFoundError
from csms.work import Work
from models import TokenGroup

router = new_router("token-groups", "/token-groups")
policy = new_router("token-groups", "/authorization-policy")
_ORDER = Ordering(col(TokenGroup.id), {"name": Key(col(TokenGroup.name)), "id": Key(col(TokenGroup.id), int)}, "name")


class TokenGroupShape(LimitsShape):
    """Tokens that may end each other's sessions and share limits. Its tokens: `GET /id-tokens?group=<value>`."""

    volatile: ClassVar[frozenset[str]] = frozenset({"tokens"})

    id: int
    value: str = Field(examples=["FLEET"])
    """On the wire: 1.6 parentIdTag, 2.x groupIdToken."""
    name: str
    created_at: Moment
    tokens: int
    """How many it has."""


class TokenGroupBody(LimitsBody):
    """A group as it shall be."""

    value: str = Field(min_length=1, max_length=LONGEST, pattern=r"^[ -~]+$", examples=["FLEET"])
    """On the wire; with more than 20 characters OCPP 1.6 is not told of it."""
    name: str = Field(default="", max_length=100, pattern=r"^[^\u0000]*$")
    """Empty: its value."""

    def form(self) -> GroupForm:
        """The same for the services."""
        return GroupForm(self.value, self.name, self.limits())


class PolicyShape(Shape):
    """How the tenant's tokens are judged."""

    allow_concurrent: bool
    """Several sessions of a token at a time, unless the token says otherwise."""
    master_pass_group: str | None
    """The group whose tokens end any session and begin none (C16)."""
    free_vend: bool
    """Charge for everyone where a station names itself as the token."""


class PolicyBody(Body):
    """How they shall be judged, from the next token on."""

    allow_concurrent: Flag = True
    master_pass_group: str | None = Field(default=None, max_length=LONGEST, pattern=r"^[ -~]*$")
    free_vend: Flag = False


@router.get("", response_model=Listed[TokenGroupShape])
async def list_token_groups(call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]) -> Listed[TokenGroupShape]:
    """Groups by name."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await _ORDER.page(session, select_groups(), page, lambda row: _shape(GroupEntry.of(row)))


@router.post("", response_model=TokenGroupShape, status_code=201)
async def create_token_group(call: SignedIn, body: TokenGroupBody, response: Response) -> TokenGroupShape:
    """Add a group. 409 when there is one of this value."""

    async def unit(work: Work) -> TokenGroupShape:
        group = await add_group(work, call.actor, body.form(), call.services.clock.now())
        return await _require(work.session(), group.id or 0)

    made = await call.run(unit)
    response.headers["Location"] = f"/api/v1/token-groups/{made.id}"
    return made


@router.get("/{group_id}", response_model=TokenGroupShape)
async def get_token_group(call: SignedIn, group_id: RowId) -> TokenGroupShape:
    """One group."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return await _require(session, group_id)


@router.put("/{group_id}", response_model=TokenGroupShape)
async def replace_token_group(call: SignedIn, group_id: RowId, body: TokenGroupBody, match: IfMatch) -> TokenGroupShape:
    """Change a group; its tokens come along when its value changes."""

    async def unit(work: Work) -> TokenGroupShape:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await _require(work.session(), group_id))
        await change_group(work, call.actor, group_id, body.form(), call.services.clock.now())
        return await _require(work.session(), group_id)

    return await call.run(unit)


@router.delete("/{group_id}", status_code=204)
async def delete_token_group(call: SignedIn, group_id: RowId, match: IfMatch) -> None:
    """Remove a group; its tokens stay, without one."""

    async def unit(work: Work) -> None:
        call.require(Permission.TOKENS_MANAGE)
        match.require(await _require(work.session(), group_id))
        await delete_group(work, call.actor, group_id, call.services.clock.now())

    await call.run(unit)


@policy.get("", response_model=PolicyShape)
async def get_authorization_policy(call: SignedIn) -> PolicyShape:
    """How tokens are judged."""
    call.require(Permission.TOKENS_VIEW)
    async with call.reading() as session:
        return PolicyShape.model_validate(await current_policy(session))


@policy.put("", response_model=PolicyShape)
async def replace_authorization_policy(call: SignedIn, body: PolicyBody, match: IfMatch) -> PolicyShape:
    """Decide how tokens are judged; it holds for the next one that is shown."""

    async def unit(work: Work) -> PolicyShape:
        call.require(Permission.TOKENS_MANAGE)
        match.require(PolicyShape.model_validate(await current_policy(work.session())))
        form = PolicyForm(body.allow_concurrent, body.master_pass_group, body.free_vend)
        try:
            changed = await change_policy(work, call.actor, form, call.services.clock.now())
        except NotFoundError:
            raise InvalidInputError(f"masterPassGroup: there is no group {body.master_pass_group}.") from None
        return PolicyShape.model_validate(changed)

    return await call.run(unit)


async def _require(session: AsyncSession, group_id: int) -> TokenGroupShape:
    await find_group(session, group_id)
    row = (await session.execute(select_groups().where(col(TokenGroup.id) == group_id))).one()
    return _shape(GroupEntry.of(row))


def _shape(entry: GroupEntry) -> TokenGroupShape:
    return TokenGroupShape.model_validate(entry.group.model_dump() | {"tokens": entry.cards})

"""The platform's owner enters a tenant with a reason, for an hour, in that tenant's own log."""

import pytest

from csms.access.entering import ask_to_enter, enter
from csms.access.policy import PLATFORM, Actor
from csms.access.service import PLATFORM_OWNER, Door
from csms.errors import InvalidInputError, LinkExpiredError, PermissionDeniedError
from models import Role
from models.scope import platform_scope
from tests.csms.access.conftest import House

REASON = "Ticket 4711: a station does not come online"


def owner(house: House) -> Actor:
    return Actor(house.ids["otto"], "Otto", "otto@people.example", 0, PLATFORM_OWNER)


async def link(house: House, reason: str = REASON) -> str:
    with platform_scope():
        return await ask_to_enter(house.committer, house.clock, owner(house), house.green, reason)


async def test_the_owner_is_an_admin_there_for_an_hour(house: House) -> None:
    token = await enter(house.committer, house.clock, Door(house.green, "203.0.113.9"), await link(house))
    actor = await house.who(token, house.green)
    assert actor is not None
    assert (actor.words, actor.role, actor.means) == ("Otto (platform)", "admin", PLATFORM)
    assert await house.who(token, house.blue) is None
    [entered, signed_in] = await house.audit(house.green)
    assert (entered.action, entered.actor, entered.address) == ("platform.entered", "Otto (platform)", "203.0.113.9")
    assert entered.details["reason"] == REASON
    assert signed_in.details["by"] == "platform"
    assert await house.audit(house.blue) == []
    house.clock.forward(3600)
    assert await house.who(token, house.green) is None


async def test_the_link_is_for_once_at_once_and_one_tenant(house: House) -> None:
    token = await link(house)
    for door in (Door(house.blue), Door(None)):
        with pytest.raises(LinkExpiredError):
            await enter(house.committer, house.clock, door, token)
    await enter(house.committer, house.clock, Door(house.green), token)
    with pytest.raises(LinkExpiredError):
        await enter(house.committer, house.clock, Door(house.green), token)
    late = await link(house)
    house.clock.forward(120)
    with pytest.raises(LinkExpiredError):
        await enter(house.committer, house.clock, Door(house.green), late)


async def test_never_without_a_reason_nor_by_anybody_else(house: House) -> None:
    for reason in ("", "because", " " * 40, "x" * 501):
        with pytest.raises(InvalidInputError, match="Say why"):
            await link(house, reason)
    for actor in (house.ann, Actor(house.ids["otto"], "Otto", "", house.green, Role.ADMIN, means=PLATFORM)):
        with platform_scope(), pytest.raises(PermissionDeniedError):
            await ask_to_enter(house.committer, house.clock, actor, house.blue, REASON)

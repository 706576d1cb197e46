"""Invitations: once, for a week, sent again, withdrawn; accepted by somebody new, and by who has an account."""

from typing import Any

import pytest

from csms.access.invitations import accept_invitation, invite, open_invitation, send_again, withdraw
from csms.access.members import list_invitations, list_members
from csms.access.service import Door, StepKind
from csms.errors import ConflictError, InvalidInputError, LinkExpiredError, PermissionDeniedError, SignInError
from models import Role, User
from tests.csms.access.conftest import BLUE, GREEN, PASSWORD, House

NEW = "a long quiet river"


async def invited(house: House, email: str, role: Role = Role.OPERATOR, **more: Any) -> str:
    """Invite to green; returns the link's token."""
    now = house.clock.now()
    link = await house.do(house.green, lambda work: invite(work, house.ann, email, role, GREEN, now=now))
    assert link.startswith("http://green.localhost/join?token=")
    return link.partition("token=")[2]


async def test_somebody_new_joins_once(house: House) -> None:
    token = await invited(house, " Nina@New.example ")
    [letter] = await house.letters()
    assert (letter["to"], letter["subject"]) == ("nina@new.example", "Your invitation to Green Energy")
    assert "Ann invites you to Green Energy as Operator." in letter["paragraphs"]
    door = Door(house.green)
    with pytest.raises(InvalidInputError, match="easy to guess"):
        await house.entrance.join(door, token, name="Nina", password="password12345")
    with pytest.raises(LinkExpiredError):
        await house.entrance.join(Door(house.blue), token, name="Nina", password=NEW)
    step = await house.entrance.join(door, token, name="Nina", password=NEW)
    actor = await house.who(step.token, house.green)
    assert actor is not None
    assert (step.kind, actor.name, actor.role) == (StepKind.IN, "Nina", "operator")
    with pytest.raises(LinkExpiredError):
        await house.entrance.join(door, token, name="Eve", password=NEW)
    assert await house.ask(house.green, list_invitations) == []
    entries = await house.audit(house.green)
    assert [entry.action for entry in entries] == ["invitation.sent", "invitation.accepted", "sign_in"]
    assert token not in str([entry.model_dump() for entry in entries])


async def test_who_has_an_account_uses_its_password(house: House) -> None:
    token = await invited(house, "bea@people.example", Role.VIEWER)
    assert (await house.ask(house.green, open_invitation, token, house.clock.now())).has_account
    door = Door(house.green)
    with pytest.raises(SignInError, match="not the password"):
        await house.entrance.join_with_account(door, token, "a wrong password")
    with pytest.raises(ConflictError, match="already an account"):
        await house.entrance.join(door, token, name="Not Bea", password=NEW)
    step = await house.entrance.join_with_account(door, token, PASSWORD)
    assert (await house.who(step.token, house.green)).role == "viewer"  # type: ignore[union-attr]
    there = await house.enter("bea", house.blue)
    assert (await house.who(there.token, house.blue)).role == "admin"  # type: ignore[union-attr]


async def test_sending_again_and_withdrawing_make_links_worthless(house: House) -> None:
    first, now = await invited(house, "nina@new.example"), house.clock.now()
    [row] = await house.ask(house.green, list_invitations)
    with pytest.raises(ConflictError, match="invited already"):
        await invited(house, "NINA@new.example")
    link = await house.do(house.green, lambda work: send_again(work, house.ann, row.id, GREEN, now=now))
    second = link.partition("token=")[2]
    with pytest.raises(LinkExpiredError):
        await house.ask(house.green, open_invitation, first, now)
    assert (await house.ask(house.green, open_invitation, second, now)).email == "nina@new.example"
    await house.do(house.green, lambda work: withdraw(work, house.ann, row.id, now=now))
    with pytest.raises(LinkExpiredError):
        await house.entrance.join(Door(house.green), second, name="Nina", password=NEW)


async def test_an_invitation_lasts_a_week(house: House) -> None:
    token = await invited(house, "nina@new.example")
    house.clock.forward(7 * 24 * 3600 - 1)
    await house.ask(house.green, open_invitation, token, house.clock.now())
    house.clock.forward(1)
    with pytest.raises(LinkExpiredError):
        await house.ask(house.green, open_invitation, token, house.clock.now())
    assert await invited(house, "nina@new.example") != token


async def test_who_may_invite_whom(house: House) -> None:
    now = house.clock.now()
    with pytest.raises(ConflictError, match="member already"):
        await invited(house, "vic@people.example")
    with pytest.raises(InvalidInputError, match="not an e-mail"):
        await invited(house, "nobody")
    operator = house.actor("sam", house.green, Role.OPERATOR)
    with pytest.raises(PermissionDeniedError):
        await house.do(house.green, lambda work: invite(work, operator, "x@y.example", Role.ADMIN, GREEN, now=now))


async def test_another_tenants_invitations_do_not_exist(house: House) -> None:
    token, now = await invited(house, "nina@new.example"), house.clock.now()
    [row] = await house.ask(house.green, list_invitations)
    assert await house.ask(house.blue, list_invitations) == []
    with pytest.raises(LinkExpiredError):
        await house.ask(house.blue, open_invitation, token, now)
    for deed in (
        lambda work: send_again(work, house.bea, row.id, BLUE, now=now),
        lambda work: withdraw(work, house.bea, row.id, now=now),
    ):
        with pytest.raises(Exception, match="accepted or withdrawn"):
            await house.do(house.blue, deed)


async def test_an_invitation_is_for_its_address_alone(house: House) -> None:
    await invited(house, "nina@new.example")
    [row] = await house.ask(house.green, list_invitations)
    stranger = User(
        id=house.ids["bea"], email="bea@people.example", name="Bea", password_hash="", created_at=house.clock.now()
    )
    with pytest.raises(LinkExpiredError):
        await house.do(house.green, lambda work: accept_invitation(work, row.id, stranger, now=house.clock.now()))
    assert "Bea" not in [one.name for one in await house.ask(house.green, list_members)]

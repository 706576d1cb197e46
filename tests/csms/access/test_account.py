"""One's own account, forgotten passwords, and where one is signed in."""

import pytest
from pyotp.totp import TOTP

from csms.access import account
from csms.access.invitations import Host
from csms.access.policy import PLATFORM, SINGLE_SIGN_ON, Actor
from csms.access.resets import ask_reset, reset_password, reset_works
from csms.access.service import Door, StepKind, touch
from csms.access.sessions import list_sessions, revoke_other_sessions, revoke_session
from csms.bus.events import Event, SignInsChanged
from csms.errors import InvalidInputError, LinkExpiredError, NotFoundError, PermissionDeniedError, SignInError
from models import Role
from tests.csms.access.conftest import BLUE, GREEN, PASSWORD, House

NEW = "a long quiet river"


def sam(house: House) -> Actor:
    return house.actor("sam", house.green, Role.OPERATOR)


async def asked(house: House, email: str, tenant_id: int | None = None) -> None:
    await ask_reset(house.entrance, Door(tenant_id or house.green, "203.0.113.9"), email, GREEN)


async def token_of_letter(house: House) -> str:
    return str((await house.letters())[-1]["link_url"]).partition("token=")[2]


async def test_a_forgotten_password_is_reset_once_within_an_hour(house: House, told: list[Event]) -> None:
    here, there = await house.enter("sam", house.green), await house.enter("sam", house.blue)
    await asked(house, " Sam@People.example ")
    [letter] = await house.letters()
    assert letter["to"] == "sam@people.example"
    token, door = await token_of_letter(house), Door(house.green)
    await reset_works(house.entrance, door, token)
    with pytest.raises(InvalidInputError):
        await reset_password(house.entrance, door, token, "short", GREEN)
    with pytest.raises(LinkExpiredError):
        await reset_password(house.entrance, Door(house.blue), token, NEW, BLUE)
    await reset_password(house.entrance, door, token, NEW, GREEN)
    assert await house.who(here.token, house.green) is None
    assert await house.who(there.token, house.blue) is None
    assert [event.ended for event in told if isinstance(event, SignInsChanged)] == [True]
    with pytest.raises(SignInError):
        await house.enter("sam", house.green)
    assert await house.enter("sam", house.blue, NEW)
    with pytest.raises(LinkExpiredError):
        await reset_password(house.entrance, door, token, "another long river", GREEN)
    assert (await house.letters())[-1]["subject"] == "Your password for Green Energy was changed"
    entries = await house.audit(house.green)
    assert {"password.reset_asked", "password.reset"} <= {entry.action for entry in entries}
    assert not any(secret in str([e.model_dump() for e in entries]) for secret in (token, NEW))


async def test_a_reset_link_ends_with_the_hour(house: House) -> None:
    await asked(house, "sam@people.example")
    token = await token_of_letter(house)
    house.clock.forward(3600)
    with pytest.raises(LinkExpiredError):
        await reset_works(house.entrance, Door(house.green), token)


async def test_strangers_get_no_letter_and_the_same_silence(house: House) -> None:
    for email in ("nobody@people.example", "bea@people.example", "otto@people.example"):
        await asked(house, email)
    assert await house.letters() == []
    await ask_reset(house.entrance, Door(None), "otto@people.example", GREEN)
    assert [letter["to"] for letter in await house.letters()] == ["otto@people.example"]


async def test_asking_is_slowed_down(house: House) -> None:
    for _ in range(5):
        await asked(house, "nobody@people.example")
    with pytest.raises(SignInError, match="Too many"):
        await asked(house, "nobody@people.example")


async def test_the_old_password_is_needed_for_a_new_one(house: House) -> None:
    here, other = await house.enter("sam", house.green), await house.enter("sam", house.blue)
    with pytest.raises(SignInError, match="present password"):
        await account.change_password(house.entrance, sam(house), here.token, "wrong", NEW, GREEN)
    with pytest.raises(InvalidInputError):
        await account.change_password(house.entrance, sam(house), here.token, PASSWORD, "sam@people.example", GREEN)
    await account.change_password(house.entrance, sam(house), here.token, PASSWORD, NEW, GREEN)
    assert await house.who(here.token, house.green) is not None
    assert await house.who(other.token, house.blue) is None
    assert await house.enter("sam", house.blue, NEW)


async def test_the_old_password_cannot_be_guessed(house: House) -> None:
    for _ in range(10):
        with pytest.raises(SignInError, match="present password"):
            await house.entrance.prove_again(sam(house), "wrong")
    with pytest.raises(SignInError, match="Too many"):
        await house.entrance.prove_again(sam(house), PASSWORD)


async def test_a_name_is_changed_and_written_down(house: House) -> None:
    await account.change_name(house.entrance, sam(house), "  Samira   Example ")
    entry = (await house.audit(house.green))[-1]
    assert (entry.action, entry.details["after"]) == ("account.renamed", {"name": "Samira Example"})
    with pytest.raises(InvalidInputError):
        await account.change_name(house.entrance, sam(house), " ")


@pytest.mark.parametrize("means", [SINGLE_SIGN_ON, PLATFORM])
async def test_who_speaks_for_one_tenant_only_cannot_change_the_account(house: House, means: str) -> None:
    actor = Actor(house.ids["sam"], "Sam", "sam@people.example", house.green, Role.OPERATOR, means=means)
    for deed in (
        account.change_name(house.entrance, actor, "Eve"),
        account.change_password(house.entrance, actor, "x", PASSWORD, NEW, GREEN),
        account.begin_second_factor(house.entrance, actor, PASSWORD, "x"),
        account.confirm_second_factor(house.entrance, actor, "000000"),
        account.new_recovery_codes(house.entrance, actor, PASSWORD),
        account.give_up_second_factor(house.entrance, actor, PASSWORD, GREEN),
    ):
        with pytest.raises(PermissionDeniedError):
            await deed


async def test_people_see_and_end_their_own_sign_ins_here(house: House, told: list[Event]) -> None:
    first = (await house.enter("sam", house.green)).token
    door = Door(house.green, "198.51.100.7", "Mozilla/5.0 (X11; Linux) Firefox/128.0")
    second = (await house.entrance.sign_in(door, "sam@people.example", PASSWORD)).token
    there = (await house.enter("sam", house.blue)).token
    now, actor = house.clock.now(), sam(house)
    rows = await house.ask(house.green, list_sessions, actor, first, now)
    assert {(row.address, row.is_this) for row in rows} == {("203.0.113.9", True), ("198.51.100.7", False)}
    [other] = [row for row in rows if not row.is_this]
    stranger = house.actor("vic", house.green, Role.VIEWER)
    with pytest.raises(NotFoundError):
        await house.do(house.green, lambda work: revoke_session(work, stranger, other.id, now))
    with pytest.raises(NotFoundError):
        await house.do(house.blue, lambda work: revoke_session(work, house.bea, other.id, now))
    await house.do(house.green, lambda work: revoke_session(work, actor, other.id, now))
    assert await house.who(second, house.green) is None
    third = (await house.enter("sam", house.green)).token
    assert await house.do(house.green, lambda work: revoke_other_sessions(work, actor, first, now)) == 1
    assert await house.who(third, house.green) is None
    assert await house.who(first, house.green) is not None
    assert await house.who(there, house.blue) is not None
    assert [event.ended for event in told if isinstance(event, SignInsChanged)] == [True, True]


async def test_last_seen_moves_once_a_minute(house: House) -> None:
    token, start = (await house.enter("sam", house.green)).token, house.clock.now()

    async def seen() -> object:
        [row] = await house.ask(house.green, list_sessions, sam(house), token, house.clock.now())
        return row.last_seen_at

    for seconds, moves in ((59, False), (1, True)):
        house.clock.forward(seconds)
        await touch(house.committer, Door(house.green, "198.51.100.7"), token, house.ids["sam"], house.clock.now())
        assert (await seen() == house.clock.now()) is moves
    assert house.clock.now() > start


async def test_the_platforms_owner_has_an_account_too(house: House) -> None:
    step = await house.enter("otto", None)
    actor = await house.who(step.token, None)
    assert actor is not None
    host = Host("http://platform.localhost", "Voltdeck")
    await account.change_name(house.entrance, actor, "Otto Owner")
    await account.change_password(house.entrance, actor, step.token, PASSWORD, NEW, host)
    enrolment = await account.begin_second_factor(house.entrance, actor, NEW, "Voltdeck")
    await account.confirm_second_factor(house.entrance, actor, TOTP(enrolment.secret).at(house.clock.now()))
    house.clock.forward(30)
    asked = await house.enter("otto", None, NEW)
    assert asked.kind is StepKind.CODE
    inside = await house.entrance.answer_code(Door(None), asked.token, TOTP(enrolment.secret).at(house.clock.now()))
    found = await house.who(inside.token, None)
    assert found is not None
    assert (found.name, found.tenant_id) == ("Otto Owner", 0)
    await account.give_up_second_factor(house.entrance, actor, NEW, host)
    assert (await house.enter("otto", None, NEW)).kind is StepKind.IN
    assert await house.audit(house.green) == [], "the log belongs to tenants"

"""The authenticator app: set up, asked for, never twice with the same code; recovery codes; asked of everybody."""

from datetime import UTC, datetime
from typing import Any

import pytest
from pyotp.totp import TOTP
from sqlalchemy import select

from csms.access import account
from csms.access.rules import Rules, change_rules
from csms.access.second_factor import codes_left
from csms.access.service import Door, StepKind
from csms.access.totp import enrolment_svg, matching_step
from csms.errors import ConflictError, InvalidInputError, LinkExpiredError, PermissionDeniedError, SignInError
from models import RecoveryCode, Role, SecondFactor
from tests.csms.access.conftest import GREEN, PASSWORD, House


def code_of(secret: str, house: House) -> str:
    return TOTP(secret.replace(" ", "")).at(house.clock.now())


async def enrolled(house: House, name: str = "vic") -> tuple[str, list[str]]:
    """Set up an app in the account; returns its secret and the recovery codes."""
    actor = house.actor(name, house.green, Role.VIEWER)
    enrolment = await account.begin_second_factor(house.entrance, actor, PASSWORD, "Green Energy")
    codes = await account.confirm_second_factor(house.entrance, actor, code_of(enrolment.secret, house))
    house.clock.forward(30)
    return enrolment.secret, codes


async def require_it(house: House, *, asked: bool = True) -> None:
    rules, now, vault = Rules(require_second_factor=asked), house.clock.now(), house.entrance.vault
    await house.do(house.green, lambda work: change_rules(work, house.ann, vault, rules, now=now))


def test_codes_are_those_of_rfc_6238() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # appendix B's, "12345678901234567890"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        at = datetime.fromtimestamp(seconds, UTC)
        assert matching_step(secret, code, at, after=0) == seconds // 30
        assert matching_step(secret, code, at, after=seconds // 30) is None
    at = datetime.fromtimestamp(1111111109, UTC)
    for wrong in ("", "81804", "0818040", "abcdef", "٠٨١٨٠٤"):
        assert matching_step(secret, wrong, at, after=0) is None


def test_the_picture_grows_with_its_place_and_is_never_cut() -> None:
    head = enrolment_svg("otpauth://totp/x").partition(">")[0]
    assert head.startswith("<svg")
    assert "viewBox=" in head
    assert "width=" not in head


async def test_a_code_is_asked_for_and_used_up(house: House) -> None:
    secret, _ = await enrolled(house)
    door = Door(house.green, "203.0.113.9")
    step = await house.enter("vic", house.green)
    assert step.kind is StepKind.CODE
    assert await house.who(step.token, house.green) is None
    with pytest.raises(SignInError, match="not right"):
        await house.entrance.answer_code(door, step.token, "000000")
    code = code_of(secret, house)
    inside = await house.entrance.answer_code(door, step.token, f" {code[:3]} {code[3:]}")
    assert (await house.who(inside.token, house.green)).name == "Vic"  # type: ignore[union-attr]
    with pytest.raises(LinkExpiredError):
        await house.entrance.answer_code(door, step.token, code)
    again = await house.enter("vic", house.green)
    with pytest.raises(SignInError, match="used before"):
        await house.entrance.answer_code(door, again.token, code)
    house.clock.forward(30)
    assert (await house.entrance.answer_code(door, again.token, code_of(secret, house))).kind is StepKind.IN


async def test_the_step_belongs_to_its_hostname_and_ends(house: House) -> None:
    secret, _ = await enrolled(house)
    step = await house.enter("vic", house.green)
    for door in (Door(house.blue), Door(None)):
        with pytest.raises(LinkExpiredError):
            await house.entrance.answer_code(door, step.token, code_of(secret, house))
    with pytest.raises(LinkExpiredError):
        await house.entrance.enrolment(Door(house.green), step.token, "x")
    house.clock.forward(600)
    with pytest.raises(LinkExpiredError, match="too long"):
        await house.entrance.answer_code(Door(house.green), step.token, code_of(secret, house))


async def test_recovery_codes_work_once_each(house: House) -> None:
    _, codes = await enrolled(house)
    assert len(set(codes)) == 10
    door = Door(house.green)
    step = await house.enter("vic", house.green)
    await house.entrance.answer_code(door, step.token, codes[0].upper().replace("-", " "))
    step = await house.enter("vic", house.green)
    with pytest.raises(SignInError):
        await house.entrance.answer_code(door, step.token, codes[0])
    assert await house.ask(house.green, codes_left, house.ids["vic"]) == 9
    actions = [entry.action for entry in await house.audit(house.green)]
    assert "second_factor.recovery_code_used" in actions
    new = await account.new_recovery_codes(house.entrance, house.actor("vic", house.green, Role.VIEWER), PASSWORD)
    with pytest.raises(SignInError):
        await house.entrance.answer_code(door, step.token, codes[1])
    await house.entrance.answer_code(door, step.token, new[1])


async def test_codes_cannot_be_guessed(house: House) -> None:
    secret, _ = await enrolled(house)
    step = await house.enter("vic", house.green)
    for _ in range(5):
        with pytest.raises(SignInError, match="not right"):
            await house.entrance.answer_code(Door(house.green), step.token, "000000")
    with pytest.raises(SignInError, match="Too many attempts"):
        await house.entrance.answer_code(Door(house.green), step.token, code_of(secret, house))
    failed = [entry for entry in await house.audit(house.green) if entry.action == "sign_in.failed"]
    assert len(failed) == 5
    assert "000000" not in str([entry.model_dump() for entry in failed])


async def test_nothing_is_stored_that_opens_anything(house: House) -> None:
    secret, codes = await enrolled(house)

    async def stored(session: Any) -> str:
        rows = [*await session.scalars(select(SecondFactor)), *await session.scalars(select(RecoveryCode))]
        return str([row.model_dump() for row in rows])

    text = await house.ask(house.green, stored)
    assert secret not in text
    assert not any(code in text or code.replace("-", "") in text for code in codes)


async def test_where_it_is_asked_of_everybody_people_set_it_up_at_the_door(house: House) -> None:
    await require_it(house)
    step = await house.enter("vic", house.green)
    door = Door(house.green)
    assert step.kind is StepKind.SET_UP
    with pytest.raises(LinkExpiredError):
        await house.entrance.answer_code(door, step.token, "000000")
    enrolment = await house.entrance.enrolment(door, step.token, "Green Energy")
    assert (await house.entrance.enrolment(door, step.token, "Green Energy")).secret == enrolment.secret
    assert "issuer=Green%20Energy" in enrolment.url
    with pytest.raises(InvalidInputError):
        await house.entrance.enrol(door, step.token, "000000")
    inside, codes = await house.entrance.enrol(door, step.token, code_of(enrolment.secret, house))
    assert (await house.who(inside.token, house.green)).name == "Vic"  # type: ignore[union-attr]
    assert len(codes) == 10
    assert (await house.enter("vic", house.green)).kind is StepKind.CODE
    assert (await house.enter("bea", house.blue)).kind is StepKind.IN, "blue asks nobody"
    vic = house.actor("vic", house.green, Role.VIEWER)
    with pytest.raises(ConflictError, match="stays"):
        await account.give_up_second_factor(house.entrance, vic, PASSWORD, GREEN)
    await require_it(house, asked=False)
    await account.give_up_second_factor(house.entrance, vic, PASSWORD, GREEN)
    assert (await house.enter("vic", house.green)).kind is StepKind.IN
    assert (await house.letters())[-1]["subject"] == "Your account for Green Energy has no second factor any more"


async def test_of_platform_owners_it_is_asked_by_setting(house: House) -> None:
    assert (await house.enter("otto", None)).kind is StepKind.IN
    house.entrance.owners_rules = Rules(require_second_factor=True)
    step = await house.enter("otto", None)
    assert step.kind is StepKind.SET_UP
    door = Door(None)
    enrolment = await house.entrance.enrolment(door, step.token, "Voltdeck")
    inside, _ = await house.entrance.enrol(door, step.token, code_of(enrolment.secret, house))
    otto = await house.who(inside.token, None)
    assert otto is not None
    assert (await house.enter("otto", None)).kind is StepKind.CODE
    assert (await house.enter("vic", house.green)).kind is StepKind.IN, "tenants have rules of their own"
    with pytest.raises(ConflictError, match="platform owner"):
        await account.give_up_second_factor(house.entrance, otto, PASSWORD, GREEN)


async def test_weighty_changes_ask_for_the_password(house: House) -> None:
    vic = house.actor("vic", house.green, Role.VIEWER)
    with pytest.raises(SignInError, match="not your present password"):
        await account.begin_second_factor(house.entrance, vic, "wrong", "x")
    await enrolled(house)
    with pytest.raises(ConflictError, match="set up already"):
        await account.begin_second_factor(house.entrance, vic, PASSWORD, "x")
    for deed in (
        account.give_up_second_factor(house.entrance, vic, "wrong", GREEN),
        account.new_recovery_codes(house.entrance, vic, "wrong"),
    ):
        with pytest.raises(SignInError):
            await deed


async def test_programs_prove_the_same(house: House) -> None:
    door = Door(house.green, "203.0.113.9")
    actor = await house.entrance.verify(door, "vic@people.example", PASSWORD)
    assert (actor.email, actor.role, actor.tenant_id) == ("vic@people.example", "viewer", house.green)
    secret, _ = await enrolled(house)
    with pytest.raises(SignInError, match="code of your authenticator app"):
        await house.entrance.verify(door, "vic@people.example", PASSWORD)
    with pytest.raises(SignInError, match="do not match"):
        await house.entrance.verify(door, "vic@people.example", "wrong", code_of(secret, house))
    with pytest.raises(SignInError, match="do not match"):
        await house.entrance.verify(Door(house.blue), "vic@people.example", PASSWORD)
    code = code_of(secret, house)
    assert (await house.entrance.verify(door, "vic@people.example", PASSWORD, code)).name == "Vic"
    with pytest.raises(SignInError):
        await house.entrance.verify(door, "vic@people.example", PASSWORD, code)
    await require_it(house)
    with pytest.raises(SignInError, match="Set it up"):
        await house.entrance.verify(door, "sam@people.example", PASSWORD)


async def test_rules_are_an_admins_to_change(house: House) -> None:
    operator = house.actor("sam", house.green, Role.OPERATOR)
    now, vault = house.clock.now(), house.entrance.vault
    with pytest.raises(PermissionDeniedError):
        await house.do(house.green, lambda work: change_rules(work, operator, vault, Rules(), now=now))
    await require_it(house)
    entry = (await house.audit(house.green))[-1]
    assert (entry.action, entry.details["after"]) == ("sign_in.rules_changed", {"require_second_factor": True})

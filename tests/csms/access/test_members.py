"""A tenant's people: roles, removal, and the last Admin who stays. Another tenant's Admin reaches none of them."""

import pytest

from csms.access.members import change_role, end_sign_ins, list_members, remove_member
from csms.bus.events import Event, SignInsChanged
from csms.errors import ConflictError, NotFoundError, PermissionDeniedError
from models import Role
from tests.csms.access.conftest import House


async def test_each_tenant_sees_its_own_people(house: House) -> None:
    assert [(one.name, one.role) for one in await house.ask(house.green, list_members)] == [
        ("Ann", "admin"),
        ("Sam", "operator"),
        ("Vic", "viewer"),
    ]
    assert [(one.name, one.role) for one in await house.ask(house.blue, list_members)] == [
        ("Bea", "admin"),
        ("Sam", "viewer"),
    ]


async def test_a_role_changes_here_alone_and_tabs_load_anew(house: House, told: list[Event]) -> None:
    here, there = await house.enter("sam", house.green), await house.enter("sam", house.blue)
    now = house.clock.now()
    await house.do(house.green, lambda work: change_role(work, house.ann, house.ids["sam"], Role.VIEWER, now=now))
    assert (await house.who(here.token, house.green)).role == "viewer"  # type: ignore[union-attr]
    assert (await house.who(there.token, house.blue)).role == "viewer"  # type: ignore[union-attr]
    await house.do(house.blue, lambda work: change_role(work, house.bea, house.ids["sam"], Role.ADMIN, now=now))
    assert (await house.who(here.token, house.green)).role == "viewer"  # type: ignore[union-attr]
    changed = [event for event in told if isinstance(event, SignInsChanged)]
    assert [(event.tenant_id, event.ended, len(event.token_hashes)) for event in changed] == [
        (house.green, False, 1),
        (house.blue, False, 1),
    ]
    entry = (await house.audit(house.green))[-1]
    assert (entry.action, entry.subject) == ("member.role_changed", "user sam@people.example")
    assert entry.details == {"before": {"role": "operator"}, "after": {"role": "viewer"}}


async def test_removal_ends_the_sign_ins_here_at_once(house: House, told: list[Event]) -> None:
    here, there = await house.enter("sam", house.green), await house.enter("sam", house.blue)
    now = house.clock.now()
    await house.do(house.green, lambda work: remove_member(work, house.ann, house.ids["sam"], now=now))
    assert await house.who(here.token, house.green) is None
    assert await house.who(there.token, house.blue) is not None
    [event] = [event for event in told if isinstance(event, SignInsChanged)]
    assert (event.tenant_id, event.ended, len(event.token_hashes)) == (house.green, True, 1)
    assert (await house.audit(house.green))[-1].action == "member.removed"


async def test_an_admin_ends_the_sign_ins_of_a_member_here(house: House) -> None:
    here, there = await house.enter("sam", house.green), await house.enter("sam", house.blue)
    now, sam = house.clock.now(), house.ids["sam"]
    with pytest.raises(NotFoundError):
        await house.do(house.blue, lambda work: end_sign_ins(work, house.bea, house.ids["vic"], now=now))
    vic = house.actor("vic", house.green, Role.VIEWER)
    with pytest.raises(PermissionDeniedError):
        await house.do(house.green, lambda work: end_sign_ins(work, vic, sam, now=now))
    assert await house.do(house.green, lambda work: end_sign_ins(work, house.ann, sam, now=now)) == 1
    assert await house.who(here.token, house.green) is None
    assert await house.who(there.token, house.blue) is not None
    assert (await house.audit(house.green))[-1].action == "member.signed_out"
    assert await house.do(house.green, lambda work: end_sign_ins(work, house.ann, sam, now=now)) == 0
    assert (await house.enter("sam", house.green)).token, "and may come in again"


async def test_the_last_admin_stays(house: House) -> None:
    now, ann = house.clock.now(), house.ids["ann"]
    with pytest.raises(ConflictError, match="last Admin"):
        await house.do(house.green, lambda work: remove_member(work, house.ann, ann, now=now))
    with pytest.raises(ConflictError, match="last Admin"):
        await house.do(house.green, lambda work: change_role(work, house.ann, ann, Role.VIEWER, now=now))
    await house.do(house.green, lambda work: change_role(work, house.ann, house.ids["vic"], Role.ADMIN, now=now))
    await house.do(house.green, lambda work: remove_member(work, house.ann, ann, now=now))
    assert [one.name for one in await house.ask(house.green, list_members)] == ["Sam", "Vic"]


async def test_nobody_reaches_another_tenants_people(house: House) -> None:
    now = house.clock.now()
    for name in ("bea", "otto"):
        with pytest.raises(NotFoundError):
            await house.do(
                house.green, lambda work, name=name: remove_member(work, house.ann, house.ids[name], now=now)
            )
        with pytest.raises(NotFoundError):
            await house.do(
                house.green,
                lambda work, name=name: change_role(work, house.ann, house.ids[name], Role.ADMIN, now=now),
            )
    viewer = house.actor("vic", house.green, Role.VIEWER)
    with pytest.raises(PermissionDeniedError, match="manage staff"):
        await house.do(house.green, lambda work: remove_member(work, viewer, house.ids["sam"], now=now))

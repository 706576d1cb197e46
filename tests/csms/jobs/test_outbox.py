"""Obligations are met at least once, tried again with pauses, and given up in sight."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from csms.access.policy import Actor
from csms.access.sessions import PLATFORM_OWNER
from csms.cause import because_of, current_cause
from csms.clock import ManualClock
from csms.errors import NotFoundError, PermissionDeniedError, UndeliverableError
from csms.jobs.obligations import try_again, unmet
from csms.jobs.outbox import LEASE, PAUSES, Claim, Outbox
from csms.obligations import SendMail
from csms.work import Committer
from models import OutboxEntry, Role
from models.db import Database
from models.scope import PLATFORM, current_scope, platform_scope, tenant_scope
from tests.tenancy import TwoTenants

LETTER = SendMail(
    to="ann@green.example", subject="Hello", paragraphs=["One."], link_label="Open", link_url="http://x/1"
)


async def owe(committer: Committer, clock: ManualClock, tenant_id: int | None = None) -> None:
    with tenant_scope(tenant_id) if tenant_id else platform_scope():
        await committer.run(lambda work: work.owe(LETTER, at=clock.now()))


async def entries(database: Database) -> list[OutboxEntry]:
    with platform_scope():
        async with database.reading() as session:
            return list((await session.scalars(select(OutboxEntry))).all())


async def test_met_once_in_the_scope_and_cause_of_whoever_owes(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants
) -> None:
    met: list[tuple[Any, ...]] = []

    async def meet(letter: SendMail, claim: Claim) -> None:
        met.append((letter, claim.tenant_id, current_scope(), current_cause()))

    outbox = Outbox(committer, clock, {SendMail: meet})
    with because_of("a-click"):
        await owe(committer, clock, two_tenants.blue.id)
    assert await outbox.meet_due() == 1
    assert await outbox.meet_due() == 0
    assert met == [(LETTER, two_tenants.blue.id, two_tenants.blue.id, "a-click")]
    [entry] = await entries(database)
    assert entry.done_at == clock.now()
    assert entry.payload == {}, "a link that opens something does not lie about"


async def test_tried_again_until_it_works(database: Database, committer: Committer, clock: ManualClock) -> None:
    failures = [OSError("no route"), OSError("no route")]

    async def meet(_: SendMail, __: Claim) -> None:
        if failures:
            raise failures.pop()

    outbox = Outbox(committer, clock, {SendMail: meet})
    await owe(committer, clock)
    assert await outbox.meet_due() == 1
    assert await outbox.meet_due() == 0, "not at once"
    for pause in PAUSES[:2]:
        clock.forward(pause.total_seconds())
        assert await outbox.meet_due() == 1
    [entry] = await entries(database)
    assert (entry.attempts, entry.done_at is not None, entry.last_error) == (3, True, "")


async def test_given_up_in_sight(database: Database, committer: Committer, clock: ManualClock) -> None:
    async def meet(_: SendMail, __: Claim) -> None:
        raise UndeliverableError("There is no such mailbox.")

    await owe(committer, clock)
    await Outbox(committer, clock, {SendMail: meet}).meet_due()
    [entry] = await entries(database)
    assert entry.dead_at == clock.now()
    assert "no such mailbox" in entry.last_error


async def test_pauses_end(database: Database, committer: Committer, clock: ManualClock) -> None:
    async def meet(_: SendMail, __: Claim) -> None:
        raise OSError("down")

    outbox = Outbox(committer, clock, {SendMail: meet})
    await owe(committer, clock)
    tried = await outbox.meet_due()
    for pause in PAUSES:
        clock.forward(pause.total_seconds())
        tried += await outbox.meet_due()
    [entry] = await entries(database)
    assert (tried, entry.attempts, entry.dead_at) == (len(PAUSES) + 1, len(PAUSES) + 1, clock.now())


async def test_what_a_dead_worker_had_claimed_is_claimed_again(committer: Committer, clock: ManualClock) -> None:
    met: list[SendMail] = []

    async def die(_: SendMail, __: Claim) -> None:
        raise KeyboardInterrupt

    async def meet(letter: SendMail, _: Claim) -> None:
        met.append(letter)

    await owe(committer, clock)
    dying = Outbox(committer, clock, {SendMail: die})
    with platform_scope():
        await committer.run(dying._claim)  # pyright: ignore[reportPrivateUsage] - claimed, and then nothing more
    outbox = Outbox(committer, clock, {SendMail: meet})
    assert await outbox.meet_due() == 0
    clock.forward(LEASE.total_seconds() + 1)
    assert await outbox.meet_due() == 1
    assert met == [LETTER]


async def test_old_ones_are_swept(database: Database, committer: Committer, clock: ManualClock) -> None:
    async def meet(_: SendMail, __: Claim) -> None: ...

    outbox = Outbox(committer, clock, {SendMail: meet})
    await owe(committer, clock)
    await outbox.meet_due()
    await outbox.sweep()
    assert len(await entries(database)) == 1
    clock.forward(timedelta(days=8).total_seconds())
    await outbox.sweep()
    assert await entries(database) == []


async def test_what_was_given_up_is_seen_and_tried_again(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants
) -> None:
    lets_through: list[SendMail] = []
    refusing = [True]

    async def meet(letter: SendMail, _: Claim) -> None:
        if refusing:
            raise UndeliverableError("There is no such mailbox.")
        lets_through.append(letter)

    outbox = Outbox(committer, clock, {SendMail: meet})
    await owe(committer, clock, two_tenants.green.id)
    await outbox.meet_due()
    with platform_scope():
        async with database.reading() as session:
            [row], total = await unmet(session, given_up=True)
            assert await unmet(session, given_up=False) == ([], 0)
    assert (row.tenant, row.kind, total) == ("Green", "SendMail", 1)
    admin = Actor(1, "Ann", "ann@green.example", two_tenants.green.id, Role.ADMIN)
    with pytest.raises(PermissionDeniedError):
        await try_again(committer, clock, admin, [row.id])
    owner = Actor(1, "Olivia", "owner@example.com", PLATFORM, PLATFORM_OWNER)
    with pytest.raises(NotFoundError):
        await try_again(committer, clock, owner, [row.id + 1])
    refusing.clear()
    assert await try_again(committer, clock, owner, [row.id]) == 1
    assert await outbox.meet_due() == 1
    assert lets_through == [LETTER]

"""Durable before acknowledged, by group commit (DESIGN section 3, rule 1)."""

import asyncio

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from csms.bus.bus import Bus
from csms.bus.events import Event, VariablesReported
from csms.clock import ManualClock
from csms.work import Committer, Work, context_for_units
from models import Driver, TenantHost
from models.bulk import Rows
from models.db import Database
from models.scope import platform_scope, tenant_scope
from tests.tenancy import TwoTenants


async def hostnames(database: Database, prefix: str) -> set[str]:
    async with database.reading() as session:
        found = await session.scalars(select(TenantHost.hostname).where(col(TenantHost.hostname).startswith(prefix)))
        return set(found.all())


async def add_host(committer: Committer, two_tenants: TwoTenants, name: str) -> None:
    with platform_scope():
        await committer.run(lambda work: work.append(TenantHost, host(two_tenants, name)))


def host(two_tenants: TwoTenants, name: str) -> dict[str, object]:
    return {"hostname": name, "tenant_id": two_tenants.green.id, "is_custom": False, "is_lost": False}


async def test_units_that_arrive_together_share_a_commit(
    database: Database, committer: Committer, two_tenants: TwoTenants, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits: list[Rows] = []
    commit = database.commit

    async def counted(rows: Rows) -> None:
        commits.append(rows)
        await commit(rows)

    monkeypatch.setattr(database, "commit", counted)
    await asyncio.gather(*(add_host(committer, two_tenants, f"n{n}") for n in range(50)))
    assert len(await hostnames(database, "n")) == 50
    assert len(commits) == 1


async def test_result_comes_after_the_commit(database: Database, committer: Committer, two_tenants: TwoTenants) -> None:
    def add(work: Work) -> str:
        work.append(TenantHost, host(two_tenants, "there"))
        return "done"

    with platform_scope():
        assert await committer.run(add) == "done"
    assert await hostnames(database, "there") == {"there"}


async def test_failing_unit_takes_back_only_its_own(
    database: Database, committer: Committer, two_tenants: TwoTenants, clock: ManualClock
) -> None:
    async def fails_late(work: Work) -> None:
        work.session().add(Driver(name="lost", created_at=clock.now()))
        await work.session().flush()
        work.append(TenantHost, host(two_tenants, "lost"))
        raise ValueError("no")

    async def succeeds(work: Work) -> None:
        work.session().add(Driver(name="kept", created_at=clock.now()))
        work.append(TenantHost, host(two_tenants, "kept"))

    with tenant_scope(two_tenants.green.id):
        results = await asyncio.gather(committer.run(fails_late), committer.run(succeeds), return_exceptions=True)
        async with database.reading() as session:
            drivers = set((await session.scalars(select(Driver.name))).all())
    assert isinstance(results[0], ValueError)
    assert results[1] is None
    assert "kept" in drivers
    assert "lost" not in drivers
    assert await hostnames(database, "kept") == {"kept"}
    assert await hostnames(database, "lost") == set()


async def test_row_that_spoils_the_shared_commit_fails_alone(
    database: Database, committer: Committer, two_tenants: TwoTenants
) -> None:
    units = [add_host(committer, two_tenants, name) for name in ("a1", "a2", "a1", "a3")]
    results = await asyncio.gather(*units, return_exceptions=True)
    assert [isinstance(result, IntegrityError) for result in results] == [False, False, True, False]
    assert await hostnames(database, "a") == {"a1", "a2", "a3"}


async def test_events_are_told_after_the_commit_and_only_then(
    committer: Committer, told: list[Event], two_tenants: TwoTenants, clock: ManualClock
) -> None:
    event = VariablesReported(tenant_id=1, station_id=1, at=clock.now(), count=1)

    def announces(work: Work) -> None:
        work.announce(event)
        work.after_commit(lambda: order.append("callback"))
        order.append("unit")

    def announces_and_fails(work: Work) -> None:
        work.announce(event)
        work.after_commit(lambda: order.append("never"))
        raise ValueError

    order: list[str] = []
    await committer.run(announces)
    with pytest.raises(ValueError):
        await committer.run(announces_and_fails)
    assert told == [event]
    assert order == ["unit", "callback"]


async def test_failing_listener_stops_nobody(committer: Committer, bus: Bus, clock: ManualClock) -> None:
    heard: list[Event] = []

    def broken(_event: VariablesReported) -> None:
        raise RuntimeError("listener is broken")

    bus.subscribe(VariablesReported, broken)
    bus.subscribe(VariablesReported, heard.append)
    event = VariablesReported(tenant_id=1, station_id=1, at=clock.now(), count=1)
    await committer.run(lambda work: work.announce(event))
    assert heard == [event]


async def test_failing_callback_leaves_the_committer_running(committer: Committer) -> None:
    def breaks() -> None:
        raise RuntimeError("callback is broken")

    await committer.run(lambda work: work.after_commit(breaks))
    assert await asyncio.wait_for(committer.run(lambda _work: 1), 5) == 1


async def test_unit_inside_a_unit_is_refused(committer: Committer) -> None:
    async def nested(_work: Work) -> None:
        await committer.run(lambda work: None)

    with pytest.raises(RuntimeError, match="inside a unit"):
        await committer.run(nested)


async def test_stop_commits_what_waits(database: Database, two_tenants: TwoTenants) -> None:
    committer = Committer(database, Bus())
    committer.start()
    waiting = asyncio.create_task(add_host(committer, two_tenants, "last"))
    await asyncio.sleep(0)
    await committer.stop()
    await waiting
    assert await hostnames(database, "last") == {"last"}


async def test_unit_sees_the_scope_of_whoever_asked(committer: Committer, two_tenants: TwoTenants) -> None:
    async def names(work: Work) -> list[int]:
        return list((await work.session().scalars(select(Driver.tenant_id))).all())

    async def ask(tenant_id: int) -> list[int]:
        with tenant_scope(tenant_id):
            return await committer.run(names)

    green, blue = await asyncio.gather(ask(two_tenants.green.id), ask(two_tenants.blue.id))
    assert (green, blue) == ([two_tenants.green.id], [two_tenants.blue.id])


async def test_an_asker_that_fails_leaves_the_committer_running(committer: Committer) -> None:
    def fail(_result: object, _error: BaseException | None) -> None:
        raise RuntimeError("no longer there")

    committer.submit(lambda _work: None, context_for_units(), fail)
    assert await committer.run(lambda _work: "still here") == "still here"

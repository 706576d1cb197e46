"""Old frames and expired sign-ins go; the rest stays."""

from datetime import timedelta

import pytest
from sqlmodel import select

from csms.clock import ManualClock
from csms.config import Settings
from csms.jobs import retention
from csms.jobs.retention import Retention
from csms.work import Committer, Work
from models import Frame, SignInSession, User
from models.db import Database
from models.scope import platform_scope
from tests.tenancy import TwoTenants


async def test_what_is_old_goes(
    database: Database,
    committer: Committer,
    clock: ManualClock,
    two_tenants: TwoTenants,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retention, "FRAMES_PER_COMMIT", 2)
    now = clock.now()

    async def fill(work: Work) -> None:
        session = work.session()
        for days in (40, 35, 31, 29, 0):
            for tenant in (two_tenants.green, two_tenants.blue):
                session.add(
                    Frame(
                        tenant_id=tenant.id,
                        station_id=tenant.station.id,
                        at=now - timedelta(days=days),
                        from_station=True,
                        text=f"{days}",
                    )
                )
                await session.flush()
        user = User(email="a@b.c", name="A", password_hash="-", created_at=now)
        session.add(user)
        await session.flush()
        for name, hours in (("old", -1), ("new", 1)):
            expires_at = now + timedelta(hours=hours)
            session.add(SignInSession(token_hash=name, user_id=user.id or 0, created_at=now, expires_at=expires_at))

    with platform_scope():
        await committer.run(fill)
    assert await Retention(committer, clock, Settings(frame_retention_days=30)).sweep() == 6
    with platform_scope():
        async with database.reading() as session:
            assert sorted((await session.scalars(select(Frame.text))).all()) == ["0", "0", "29", "29"]
            assert (await session.scalars(select(SignInSession.token_hash))).all() == ["new"]


@pytest.mark.slow
async def test_the_frame_log_is_bounded_by_size_too(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants
) -> None:
    async def fill(work: Work) -> None:
        for number in range(3_000):
            work.session().add(
                Frame(
                    tenant_id=two_tenants.green.id,
                    station_id=two_tenants.green.station.id,
                    at=clock.now(),
                    from_station=True,
                    text=f"{number}".rjust(800),
                )
            )

    with platform_scope():
        await committer.run(fill)
    await Retention(committer, clock, Settings(frame_retention_mb=1)).sweep()
    with platform_scope():
        async with database.reading() as session:
            left = sorted(int(text) for text in (await session.scalars(select(Frame.text))).all())
    assert left == list(range(2_000, 3_000))

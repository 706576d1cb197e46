"""What has had its time goes, and nothing else."""

from datetime import timedelta

from sqlmodel import select

from csms.access.leftovers import delete_leftovers
from csms.clock import ManualClock
from csms.work import Committer, Work
from models import IdempotentRequest, RefreshToken, SigningKey
from models.db import Database
from models.scope import platform_scope
from tests.tenancy import TwoTenants


async def test_leftovers_go_when_their_time_is_over(
    database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants
) -> None:
    now = clock.now()

    def unit(work: Work) -> None:
        for number, age in enumerate((timedelta(hours=1), timedelta(days=40))):
            work.append(SigningKey, {"kid": f"k{number}", "sealed_key": "", "created_at": now - age})
            tenant_id = two_tenants.green.id
            token = {"tenant_id": tenant_id, "family": "f", "token_hash": f"t{number}", "created_at": now - age}
            work.append(RefreshToken, {**token, "expires_at": now - age + timedelta(days=30), "used_at": None})
            request = {"tenant_id": tenant_id, "caller": "key 1", "key": f"i{number}", "fingerprint": ""}
            answer = {"created_at": now - age, "status": None, "headers": {}, "body": ""}
            work.append(IdempotentRequest, request | answer)

    with platform_scope():
        await committer.run(unit)
        await committer.run(lambda work: delete_leftovers(work, now))
        async with database.reading() as session:
            assert (await session.scalars(select(SigningKey.kid))).all() == ["k0"]
            assert (await session.scalars(select(RefreshToken.token_hash))).all() == ["t0"]
            assert (await session.scalars(select(IdempotentRequest.key))).all() == ["i0"]

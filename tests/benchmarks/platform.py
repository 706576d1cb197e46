"""Voltdeck as it is measured: the real server on a database with enough stations."""

import asyncio
from pathlib import Path

from csms.access.service import create_user, hash_password
from csms.bus.bus import Bus
from csms.clock import SystemClock
from csms.stations.security import digest_password
from csms.work import Committer, Work
from models import ChargingStation, IdToken, Location, Membership, Role, Tariff, TariffVersion, Tenant, TenantHost
from models.db import Database
from models.scope import platform_scope
from tests.benchmarks.load import PASSWORD
from tests.processes import ServerProcess, Start, free_port, spawn

SECRET_KEY = "benchmark-secret-key-of-enough-length"  # pragma: allowlist secret
HOST = "bench.localhost"
EMAIL = "operator@bench.test"


async def furnish(url: str, stations: int) -> None:
    """One tenant with `stations` stations named BENCH-0, BENCH-1 …, a token and a tariff."""
    database = Database(url)
    await database.migrate()
    committer = Committer(database, Bus())
    committer.start()
    now = SystemClock().now()
    password_hash = await hash_password(PASSWORD)

    async def unit(work: Work) -> None:
        session = work.session()
        tenant = Tenant(key="bench", name="Bench", currency="EUR", time_zone="Europe/Berlin", created_at=now)
        session.add(tenant)
        await session.flush()
        tenant_id = tenant.id or 0
        location = Location(tenant_id=tenant_id, name="Yard", latitude=52.5, longitude=13.4, time_zone="Europe/Berlin")
        tariff = Tariff(tenant_id=tenant_id, name="Standard", currency="EUR", is_default=True)
        session.add_all([location, tariff, TenantHost(hostname=HOST, tenant_id=tenant_id)])
        user = await create_user(session, email=EMAIL, name="Operator", password_hash=password_hash, now=now)
        session.add(Membership(tenant_id=tenant_id, user_id=user.id or 0, role=Role.OPERATOR))
        await session.flush()
        session.add(
            TariffVersion(
                tenant_id=tenant_id,
                tariff_id=tariff.id or 0,
                number=1,
                valid_from=now.replace(year=2025),
                prices={"energy_per_kwh": "0.30", "per_minute": "0.05", "per_minute_after_min": 60},
            )
        )
        session.add(IdToken(tenant_id=tenant_id, value="BENCH", value_key="bench", created_at=now))
        digest = digest_password(SECRET_KEY.encode(), PASSWORD.encode())
        session.add_all(
            ChargingStation(
                tenant_id=tenant_id,
                location_id=location.id or 0,
                identity=f"BENCH-{n}",
                identity_key=f"bench-{n}",
                password_hash=digest,
            )
            for n in range(stations)
        )

    with platform_scope():
        await committer.run(unit)
    await committer.stop()
    await database.close()


def start_platform(url: str, data_dir: Path, stations: int) -> ServerProcess:
    """Furnish the database at `url` and serve it; returns once stations can connect."""
    asyncio.run(furnish(url, stations))
    return serve(url, data_dir)


def serve(url: str, data_dir: Path, ocpp_port: int | None = None, start: Start = spawn) -> ServerProcess:
    """The real server on a furnished database."""
    port, web_port = ocpp_port or free_port(), free_port()
    return ServerProcess(
        ["main.py", "serve"],
        port,
        {
            "VOLTDECK_DATABASE_URL": url,
            "VOLTDECK_DATA_DIR": str(data_dir),
            "VOLTDECK_SECRET_KEY": SECRET_KEY,
            "VOLTDECK_OCPP_PORT": str(port),
            "VOLTDECK_OCPP_HOST": "127.0.0.1",
            "VOLTDECK_WEB_PORT": str(web_port),
            "VOLTDECK_WEB_HOST": "127.0.0.1",
            "VOLTDECK_OCPP_MESSAGES_PER_S": "10000",
            "VOLTDECK_LOG_LEVEL": "WARNING",
        },
        web_port,
        start,
    )

"""A demo tenant's groups, cars and limits, and a card that nobody knows yet, so that no page is empty."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy.ext.asyncio import AsyncSession

from csms.authorization.keys import token_key
from csms.jobs.demo.identities import unknown_token
from csms.jobs.demo.scenery import TenantScene
from models import AuthorizationPolicy, Driver, IdToken, TokenGroup, TokenSighting, Vehicle

_CARS = (
    ("Volkswagen ID.3", 58_000),
    ("Renault Mégane E-Tech", 60_000),
    ("Tesla Model 3", 75_000),
    ("Hyundai Ioniq 5", 77_400),
    ("Kia EV6", 77_400),
    ("BYD Atto 3", 60_500),
    ("Fiat 500e", 42_000),
    ("Polestar 2", 82_000),
)
_FLEET, _HOUSEHOLD, _SERVICE = "FLEET", "HOUSEHOLD-12", "SERVICE"
_DAILY_WH, _LETTERS = 600_000, "ABCDEFGHKLMNPRSTUVWXYZ"


async def fill_wallets(
    session: AsyncSession, scene: TenantScene, drivers: Sequence[Driver], cards: Sequence[IdToken], now: datetime
) -> None:
    """Groups of the first cards, a car for most drivers, a limit for the fleet, and a card for service people."""
    rng = random.Random(f"{scene.key} wallets")
    opened_at = drivers[0].created_at
    session.add_all(
        [
            TokenGroup(value=_FLEET, name="Company fleet", max_energy_day_wh=_DAILY_WH, created_at=opened_at),
            TokenGroup(value=_HOUSEHOLD, name="Household, flat 12", created_at=opened_at),
            TokenGroup(value=_SERVICE, name="Service crew", created_at=opened_at),
            AuthorizationPolicy(master_pass_group=_SERVICE),
        ]
    )
    for card in cards[2:8]:
        card.group = _FLEET
    for card in cards[10:12]:
        card.group = _HOUSEHOLD
    value = f"{scene.key[:5]}-service-1".upper()
    session.add(IdToken(value=value, value_key=token_key(value), label="Service", group=_SERVICE, created_at=opened_at))
    drivers[1].max_energy_month_wh = 1_500_000
    for driver in drivers:
        if rng.random() < 0.8:
            session.add(_car(rng, cast(int, driver.id), scene, opened_at))
    await session.flush()


def sighting(scene: TenantScene, station_id: int, now: datetime) -> TokenSighting:
    """Somebody tried a new card a while ago."""
    value = unknown_token(scene)
    first, last = now - timedelta(hours=3, minutes=12), now - timedelta(hours=3, minutes=11)
    return TokenSighting(
        value=value,
        value_key=token_key(value),
        station_id=station_id,
        first_seen_at=first,
        last_seen_at=last,
        count=2,
    )


def _car(rng: random.Random, driver_id: int, scene: TenantScene, at: datetime) -> Vehicle:
    name, battery_wh = rng.choice(_CARS)
    letters = "".join(rng.choices(_LETTERS, k=2))
    plate = f"B-{letters} {rng.randrange(100, 10_000)}E"
    if scene.country == "SGP":
        plate = f"S{letters} {rng.randrange(1_000, 10_000)} {rng.choice(_LETTERS)}"
    mac = ":".join(f"{rng.randrange(256):02X}" for _ in range(6)) if rng.random() < 0.3 else ""
    return Vehicle(driver_id=driver_id, name=name, plate=plate, battery_wh=battery_wh, mac_address=mac, created_at=at)

"""Chargers of the two tenants, at eight in the morning."""

import pytest

from csms.clock import ManualClock
from csms.work import Committer
from models.db import Database
from tests.csms.transactions.charger import T0, Charger
from tests.tenancy import TwoTenants


@pytest.fixture
def charger(database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants) -> Charger:
    """A station of the green tenant (0.30 EUR per kWh)."""
    clock.forward((T0 - clock.now()).total_seconds())
    return Charger(database, committer, clock, two_tenants.green.station)


@pytest.fixture
def blue_charger(charger: Charger, two_tenants: TwoTenants) -> Charger:
    """A station of the blue tenant (0.60 SGD per kWh, 0.05 per minute after an hour)."""
    return Charger(charger.database, charger.committer, charger.clock, two_tenants.blue.station)

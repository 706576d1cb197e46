"""Starts, meter values and stops of 1.6, on both databases and for two tenants."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select

from csms.bus.events import Event, MessageParked, TransactionEnded, TransactionStarted, TransactionUpdated
from csms.clock import ManualClock
from csms.stations.ref import StationRef
from csms.transactions.meter import Moment, read_meter_values
from csms.transactions.reports import MeterReport, StartReport, StopReport, TokenRef
from csms.transactions.service import Transactions
from csms.work import Committer
from models import Command, CommandState, MeterValue, ParkedMessage, Transaction
from models.db import Database
from models.scope import tenant_scope
from tests.csms.transactions.charger import Charger
from tests.tenancy import TwoTenants

T0 = datetime(2026, 1, 1, 8, tzinfo=UTC)


@pytest.fixture
def charger(database: Database, committer: Committer, clock: ManualClock, two_tenants: TwoTenants) -> Charger:
    """A 1.6 station of the green tenant, at T0."""
    clock.forward((T0 - clock.now()).total_seconds())
    return Charger(database, committer, clock, two_tenants.green.station)


async def test_session_is_stored_priced_and_told(charger: Charger, told: list[Event], two_tenants: TwoTenants):
    green = two_tenants.green
    outcome = await charger.start(green.token, meter_wh=1000)
    charger.clock.forward(600)
    await charger.meter(outcome.transaction_id, energy_wh=3500, power_w=15_000)
    charger.clock.forward(600)
    await charger.stop(outcome.transaction_id, meter_wh=6000)
    row = await charger.transaction(outcome.transaction_id)
    assert outcome.decision.status == "Accepted"
    assert (row.energy_wh, row.energy_source, row.cost, row.currency) == (5000, "registers", Decimal("1.50"), "EUR")
    assert (row.is_open, row.ocpp_id, row.driver_id) == (False, str(row.id), green.driver_id)
    assert row.remarks == []
    assert [type(event) for event in told] == [TransactionStarted, TransactionUpdated, TransactionEnded]
    update = told[1]
    assert isinstance(update, TransactionUpdated)
    assert (update.energy_wh, update.power_w, update.cost) == (2500, 15_000, Decimal("0.75"))

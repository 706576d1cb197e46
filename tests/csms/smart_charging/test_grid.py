"""What OCPP 2.1 adds, on both databases, with two tenants: controls, dynamic values, rules, priority, signals."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from csms.smart_charging.bidirectional import controlled
from csms.smart_charging.der import DerMeant, DerTold, der_absent, der_cleared, der_controls, der_reported, der_set
from csms.smart_charging.dynamic import current_values, dynamic_updates, update_pulled, update_sent, with_update
from csms.smart_charging.energy_transfer import allowed_for_token, is_bidirectional, set_energy_transfer
from csms.smart_charging.installing import ProfileSent, profile_sent
from csms.smart_charging.priority import priorities, prioritised, priority_told
from csms.smart_charging.reconciling import Reported, differences
from csms.smart_charging.signals import frequency_signal, signal_answered
from csms.stations.batteries import SwapNews, batteries_inside, swap_told, swaps
from csms.stations.ref import StationRef
from csms.work import Committer, Work
from models import IdToken
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BIG = 2**70
Json = dict[str, Any]


def dynamic(number: int = 3, unit: str = "W", **values: Any) -> Json:
    period = {"startPeriod": 0} | (values or {"setpoint": 5000.0, "limit": 7000.0})
    schedule = {"id": 1, "chargingRateUnit": unit, "chargingSchedulePeriod": [period]}
    words = {"chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Dynamic"}
    return {"id": number, "stackLevel": 0, "chargingSchedule": [schedule], **words}


class Desk:
    """A station of Green's; Blue looks on."""

    def __init__(self, database: Database, committer: Committer, tenants: TwoTenants) -> None:
        self.database, self.committer, self.tenants = database, committer, tenants
        self.ref: StationRef = tenants.green.station

    async def do(self, verb: Any, *args: Any, **more: Any) -> Any:
        async def unit(work: Work) -> Any:
            return await verb(work, *args, **more)

        with tenant_scope(self.ref.tenant_id):
            return await self.committer.run(unit)

    async def ask(self, query: Any, *args: Any, blue: bool = False) -> Any:
        with tenant_scope(self.tenants.blue.id if blue else self.ref.tenant_id):
            async with self.database.reading() as session:
                return await query(session, *args)


@pytest.fixture
def desk(database: Database, committer: Committer, two_tenants: TwoTenants) -> Desk:
    return Desk(database, committer, two_tenants)


async def test_controls_of_energy(desk: Desk) -> None:
    ref = desk.ref
    for number, default in (("a", True), ("b", False), ("c", False)):
        told = DerTold(number, "FixedVar", default, {"fixedVar": {"setpoint": 1.5}})
        await desk.do(der_set, ref, told, ["a"] if number == "b" else [], NOW)
    rows = await desk.ask(der_controls, ref.id)
    assert [(row.control_id, row.state, row.superseded_by) for row in rows] == [
        ("a", "superseded", "b"),
        ("b", "installed", None),
        ("c", "installed", None),
    ]
    later = NOW + timedelta(hours=1)
    await desk.do(der_reported, ref, [DerTold("a", "FixedVar", True), DerTold("n", "Gradients")], later)
    await desk.do(der_absent, ref, DerMeant(control_type="FixedVar"), later, later)
    assert [row.control_id for row in await desk.ask(der_controls, ref.id)] == ["a", "n"]
    await desk.do(der_cleared, ref, DerMeant(is_default=True), later)
    assert [row.control_id for row in await desk.ask(der_controls, ref.id)] == ["n"]
    assert not await desk.ask(der_controls, ref.id, blue=True)


async def test_dynamic_values(desk: Desk) -> None:
    ref = desk.ref
    await desk.do(profile_sent, ref, ProfileSent(1, dynamic(), "Accepted", NOW))
    assert await desk.do(update_pulled, ref, 3, NOW) == {"setpoint": 5000.0, "limit": 7000.0}
    await desk.do(update_sent, ref, 3, {"setpoint": -100.5, "strange": 1}, "Accepted", NOW)
    await desk.do(update_sent, ref, 3, {"setpoint": 9.0}, "Rejected", NOW)
    assert await desk.do(update_pulled, ref, 3, NOW) == {"setpoint": -100.5, "limit": 7000.0}
    assert await desk.do(update_pulled, ref, BIG, NOW) is None
    told = await desk.ask(dynamic_updates, ref.id)
    assert [row.status for row in told] == ["Rejected", "Accepted", "Rejected", "Accepted", "Accepted"]
    assert not await desk.ask(dynamic_updates, ref.id, blue=True)


async def test_rules_for_tokens(desk: Desk) -> None:
    token = desk.tenants.green.token
    assert await desk.ask(allowed_for_token, token) is None

    async def find(session: Any) -> int:
        return (await session.execute(select(col(IdToken.id)).where(col(IdToken.value) == token))).scalar_one()

    await desk.do(set_energy_transfer, None, ["DC"])
    assert await desk.ask(allowed_for_token, token) == ["DC"]
    own = await desk.ask(find)
    await desk.do(set_energy_transfer, own, ["DC", "DC_BPT"])
    await desk.do(set_energy_transfer, None, ["AC_BPT"])
    assert await desk.ask(allowed_for_token, token.lower()) == ["DC", "DC_BPT"]
    assert await desk.ask(allowed_for_token, "stranger") == ["AC_BPT"]
    assert await desk.ask(allowed_for_token, desk.tenants.blue.token, blue=True) is None


async def test_priority_signals_and_batteries(desk: Desk) -> None:
    ref = desk.ref
    await desk.do(priority_told, ref, "t" * 50, is_active=True, at=NOW)
    assert await desk.ask(prioritised, ref.id, ["t" * 36, "u"]) == {"t" * 36}
    assert not await desk.ask(priorities, ref.id, blue=True)
    for signal in (BIG, -BIG, 5):
        await desk.do(signal_answered, ref, signal, NOW, "Accepted", NOW)
    newest = await desk.ask(frequency_signal, ref.id)
    assert (newest.signal, newest.count) == (5, 3)
    data = {"evseId": float(BIG), "serialNumber": "s" * 60, "soC": 10.5, "soH": 100}
    await desk.do(swap_told, ref, SwapNews(BIG, "BatteryIn", "x", "ISO14443", [data]), NOW)
    [inside] = await desk.ask(batteries_inside, ref.id)
    assert (inside.serial_number, inside.soc_percent) == ("s" * 50, 10.5)
    assert [row.state for row in await desk.ask(swaps, ref.id)] == ["partly"]
    assert not await desk.ask(batteries_inside, ref.id, blue=True)


@pytest.mark.parametrize(
    ("profile", "allowed", "told"),
    [
        (dynamic(setpoint=5.0, limit=7.0), "6", {"setpoint": 5.0, "limit": 6.0}),
        (dynamic(setpoint=-5.0, dischargeLimit=-9.0), "6", {"setpoint": -5.0, "dischargeLimit": -9.0}),
        (dynamic(limit=9.0, limit_L2=9.0), "6", {"limit": 9.0, "limit_L2": 9.0}),
        (dynamic(unit="A", limit=9.0, limit_L2=9.0), "6", {"limit": 6.0, "limit_L2": 6.0}),
        (dynamic(numberPhases=3), "6.4", {"limit": 6.4}),
        (dynamic(numberPhases=3), None, {}),
    ],
)
def test_current_values(profile: Json, allowed: str | None, told: Json) -> None:
    assert current_values(profile, None if allowed is None else Decimal(allowed)) == told


def test_values_that_change_by_design_are_no_difference() -> None:
    ours, theirs = dynamic(), with_update(dynamic(), {"setpoint": 1.0, "limit": 2.0}, NOW)
    assert not differences([Reported(1, "CSO", ours)], [Reported(1, "CSO", theirs)])


def test_setpoints_only_where_an_ev_names_a_control_mode() -> None:
    profile = dynamic(limit=5.0)
    assert controlled(profile, {"chargingNeeds": {}}, NOW, may_discharge=True) == profile
    both = {"maxDischargePower": 3, "maxDischargePower_L2": 4}
    needs = {"controlMode": "ScheduledControl", "v2xChargingParameters": both}
    [schedule] = controlled(profile, {"chargingNeeds": needs}, NOW, may_discharge=True)["chargingSchedule"]
    [period] = schedule["chargingSchedulePeriod"]
    assert (period["setpoint"], period["dischargeLimit"]) == (5.0, -7.0)


def test_ways_that_give_energy_back() -> None:
    assert [is_bidirectional(way) for way in ("DC", "AC_DER", "AC_BPT", "DC_ACDP_BPT")] == [False, False, True, True]

"""The store of profiles and limits, on both databases, with two tenants."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlmodel import col, select

from csms.bus.events import ChargingLimitChanged, ChargingProfilesReported, CompositeScheduleReceived, Event
from csms.smart_charging import queries
from csms.smart_charging.building import ProfilePlan, build_profile
from csms.smart_charging.profile import Period
from csms.smart_charging.service import (
    LimitNotice,
    ProfileSent,
    Reported,
    ScheduleAnswer,
    ToldSchedule,
    end_finished,
    ev_schedule_reported,
    limit_cleared,
    limit_notified,
    needs_reported,
    plan_charging,
    profile_sent,
    profiles_cleared,
    profiles_reported,
    report_asked,
    schedule_answered,
    transaction_began,
)
from csms.stations.ref import StationRef
from csms.work import Committer, Work
from models import ChargingProfile, Transaction
from models.db import Database
from models.scope import tenant_scope
from tests.tenancy import TwoTenants

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BIG = 2**40
Json = dict[str, Any]


def plan(profile_id: int, purpose: str = "TxDefaultProfile", limit: str = "6.0", **changes: Any) -> Json:
    values: Json = {"begins_at": NOW, "periods": [Period(0, Decimal(limit))], "unit": "A"}
    return build_profile(ProfilePlan(profile_id, purpose, **(values | changes)))


class Desk:
    """A station of Green's and the verbs on it."""

    def __init__(self, database: Database, committer: Committer, tenants: TwoTenants) -> None:
        self.database = database
        self.committer = committer
        self.tenants = tenants
        self.ref: StationRef = tenants.green.station

    async def do(self, verb: Any, *args: Any, **more: Any) -> Any:
        async def unit(work: Work) -> Any:
            return await verb(work, self.ref, *args, **more)

        with tenant_scope(self.ref.tenant_id):
            return await self.committer.run(unit)

    async def ask(self, query: Any, *args: Any, tenant_id: int | None = None, **more: Any) -> Any:
        with tenant_scope(tenant_id or self.ref.tenant_id):
            async with self.database.reading() as session:
                return await query(session, *args, **more)

    async def send(self, profile: Json, evse_number: int = 1, status: str | None = "Accepted", **more: Any) -> None:
        await self.do(profile_sent, ProfileSent(evse_number, profile, status, more.pop("at", NOW), **more))

    async def start(self, *, remote_start_id: int | None = None, is_open: bool = True, evse_number: int = 1) -> int:
        row = Transaction(
            station_id=self.ref.id,
            location_id=self.ref.location_id,
            evse_number=evse_number,
            ocpp_id=f"tx-{evse_number}-{is_open}",
            start_key=f"{evse_number}{is_open}",
            remote_start_id=remote_start_id,
            is_open=is_open,
            started_at=NOW,
            start_received_at=NOW,
        )

        async def unit(work: Work) -> int:
            work.session().add(row)
            await work.session().flush()
            return row.id or 0

        with tenant_scope(self.ref.tenant_id):
            return await self.committer.run(unit)

    async def states(self) -> list[tuple[int, str]]:
        async def rows(session: Any) -> Any:
            found = await session.execute(select(ChargingProfile).order_by(col(ChargingProfile.id)))
            return [(row.profile_id, row.state) for row in found.scalars()]

        return await self.ask(rows)


@pytest.fixture
def desk(database: Database, committer: Committer, two_tenants: TwoTenants) -> Desk:
    return Desk(database, committer, two_tenants)


async def test_a_profile_survives_whole_and_belongs_to_its_tenant(desk: Desk) -> None:
    told = plan(BIG, stack_level=BIG) | {"maxOfflineDuration": 60, "invalidAfterOfflineDuration": True}
    told["chargingSchedule"][0] |= {"randomizedDelay": 5, "useLocalTime": True, "limitAtSoC": {"soc": 80, "limit": 6.1}}
    told["chargingSchedule"][0]["chargingSchedulePeriod"][0] |= {
        "setpoint": -8.1,
        "limit_L2": 0.3,
        "operationMode": "Idle",
    }
    await desk.send(told, BIG)
    [row] = await desk.ask(queries.profiles_in_use, desk.ref.id)
    assert row.profile == told
    assert (row.profile_id, row.stack_level, row.evse_number, row.confirmed_at) == (BIG, BIG, BIG, NOW)
    assert await desk.ask(queries.profiles_in_use, desk.ref.id, tenant_id=desk.tenants.blue.id) == []
    assert await desk.ask(queries.profile_history, desk.ref.id) == [row]


async def test_an_answer_that_never_came_leaves_the_profile_in_doubt_until_it_does(desk: Desk) -> None:
    await desk.send(plan(1), status=None, asked_at=NOW)
    assert await desk.states() == [(1, "sent")]
    assert len(await desk.ask(queries.doubtful_profiles, desk.ref.id)) == 1
    await desk.send(plan(1), at=NOW + timedelta(seconds=40))  # it came late
    assert await desk.states() == [(1, "replaced"), (1, "installed")]
    await desk.send(plan(1), status=None, asked_at=NOW)  # and only then the time-out was noticed
    assert len(await desk.states()) == 2


async def test_only_what_is_meant_is_cleared_and_never_what_others_set(desk: Desk) -> None:
    await desk.send(plan(1))
    await desk.send(plan(2, stack_level=1))
    await desk.send(plan(3, "ChargingStationMaxProfile"), 0)
    imposed = Reported(0, "EMS", plan(9, "ChargingStationExternalConstraints"))
    await desk.do(profiles_reported, 1, [imposed], NOW, is_last=True)
    both = {"chargingProfileCriteria": {"chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 1}}
    await desk.do(profiles_cleared, both, "Accepted", NOW)
    assert [state for _, state in await desk.states()] == ["installed", "cleared", "installed", "installed"]
    await desk.do(profiles_cleared, {}, "Rejected", NOW)
    await desk.do(profiles_cleared, {"chargingProfileCriteria": {"evseId": 0}}, "Accepted", NOW)
    assert [state for _, state in await desk.states()] == ["installed", "cleared", "cleared", "installed"]


async def test_a_remote_starts_profile_follows_its_own_transaction(desk: Desk) -> None:
    await desk.send(plan(1, "TxProfile"), with_start=True, remote_start_id=7)
    other = await desk.start(remote_start_id=8, evse_number=1)
    await desk.do(transaction_began, other, 8, NOW)
    assert await desk.states() == [(1, "awaiting")]
    mine = await desk.start(remote_start_id=7, evse_number=2)
    await desk.do(transaction_began, mine, 7, NOW)
    [row] = await desk.ask(queries.profiles_in_use, desk.ref.id)
    assert (row.state, row.evse_number, row.transaction_ocpp_id) == ("installed", 2, "tx-2-True")


async def test_the_transaction_may_be_faster_than_the_answer_to_its_start(desk: Desk) -> None:
    await desk.start(remote_start_id=7)
    await desk.send(plan(1, "TxProfile"), with_start=True, remote_start_id=7)
    assert await desk.states() == [(1, "installed")]


async def test_tx_profiles_end_with_their_transaction_and_with_no_other(desk: Desk) -> None:
    await desk.start(is_open=False)
    await desk.start(is_open=True, evse_number=2)
    await desk.send(plan(1, "TxProfile", transaction_ocpp_id="tx-1-False"))
    await desk.send(plan(2, "TxProfile"), 2)  # 1.6: of whatever runs there
    await desk.send(plan(3, "TxProfile", transaction_ocpp_id="unheard-of"), 2)
    await desk.do(end_finished, NOW)
    assert await desk.states() == [(1, "ended"), (2, "installed"), (3, "installed")]


async def test_external_limits_replace_one_another_by_source_and_evse(desk: Desk, told: list[Event]) -> None:
    for evse_number, source, limit in ((0, "EMS", 9.0), (0, "SO", 8.0), (0, "EMS", 7.0), (BIG, "EMS", 6.0)):
        schedule = {"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": limit}]}
        notice = LimitNotice(evse_number, source, [schedule], {"chargingLimitSource": source}, NOW)
        await desk.do(limit_notified, notice)
    in_force = await desk.ask(queries.limits_in_force, desk.ref.id)
    assert [(row.evse_number, row.source) for row in in_force] == [(0, "SO"), (0, "EMS"), (BIG, "EMS")]
    [stretch] = await desk.ask(queries.expected_schedule, desk.ref.id, 1, NOW, 60, "A")
    assert stretch.allowed.limit == Decimal("7.0")
    await desk.do(limit_cleared, 0, "EMS", NOW)
    [stretch] = await desk.ask(queries.expected_schedule, desk.ref.id, 1, NOW, 60, "A")
    assert stretch.allowed.limit == Decimal("8.0")
    await desk.do(limit_cleared, None, "EMS", NOW)
    assert len(await desk.ask(queries.limits_in_force, desk.ref.id)) == 1
    changes = [event for event in told if isinstance(event, ChargingLimitChanged)]
    assert [event.cleared for event in changes] == [False] * 4 + [True] * 2


async def test_the_store_follows_a_report(desk: Desk, told: list[Event]) -> None:
    for number in (1, 2, 3):
        await desk.send(plan(number, stack_level=number))
    request = {"requestId": BIG, "chargingProfile": {"chargingProfilePurpose": "TxDefaultProfile"}}
    await desk.do(profiles_reported, BIG, [Reported(1, "CSO", plan(1, stack_level=1))], NOW, is_last=False)
    await desk.do(report_asked, request, "Accepted", NOW)
    newer = plan(2, limit="8.0", stack_level=2)
    part = [Reported(1, "CSO", newer), Reported(2, "CSO", plan(4))]
    await desk.do(profiles_reported, BIG, part, NOW, is_last=True)
    [report] = await desk.ask(queries.reports, desk.ref.id)
    assert (report.state, report.parts, report.answered) == ("complete", 2, True)
    kinds = [(entry["kind"], entry["profile_id"]) for entry in report.differences]
    assert kinds == [("different", 2), ("missing", 3), ("unknown", 4)]
    assert (await desk.states())[:3] == [(1, "installed"), (2, "replaced"), (3, "missing")]
    assert sorted((await desk.states())[3:]) == [(2, "installed"), (4, "installed")]
    [event] = [event for event in told if isinstance(event, ChargingProfilesReported)]
    assert (event.differences, event.missing, event.resend) == (3, 1, False)
    # A part after the last one, as stations send that end each EVSE's part: what seemed to be missing is there.
    await desk.do(profiles_reported, BIG, [Reported(1, "CSO", plan(3, stack_level=3))], NOW, is_last=True)
    assert (3, "installed") in await desk.states()


async def test_composite_schedules_are_kept_with_the_difference(desk: Desk, told: list[Event]) -> None:
    await desk.send(plan(1, limit="10.0"))
    answer = {"status": "Accepted", "anything": [1.1]}
    schedule = ToldSchedule("A", NOW, BIG, (Period(0, Decimal(10)), Period(60, Decimal(16))))
    await desk.do(schedule_answered, ScheduleAnswer(1, "A", BIG, "Accepted", answer, NOW, schedule))
    [row] = await desk.ask(queries.composite_schedules, desk.ref.id, 1)
    assert (row.duration_s, row.matches, row.answer) == (BIG, False, answer)
    assert [(piece["expected"], piece["told"], piece["difference"]) for piece in row.periods] == [
        ("10", "10", "0"),
        ("10", "16", "6"),
    ]
    assert await desk.ask(queries.composite_schedules, desk.ref.id, 2) == []
    [event] = [event for event in told if isinstance(event, CompositeScheduleReceived)]
    assert event.matches is False


async def test_needs_are_planned_within_every_limit_and_ev_schedules_judged(desk: Desk) -> None:
    needs = {
        "evseId": 1,
        "chargingNeeds": {
            "requestedEnergyTransfer": "AC_single_phase",
            "departureTime": (NOW + timedelta(hours=1)).isoformat(),
            "acChargingParameters": {"energyAmount": 1, "evMinCurrent": 6, "evMaxCurrent": 20, "evMaxVoltage": 230},
        },
    }
    assert await desk.do(needs_reported, needs, NOW) == "Processing"
    assert await desk.ask(plan_charging, desk.ref.id, 1, NOW) is None
    await desk.start()
    assert await desk.do(needs_reported, needs, NOW) == "Accepted"
    await desk.send(plan(1, "ChargingStationMaxProfile", "10.0"), 0)
    await desk.send(plan(2, "TxProfile", "12.0", transaction_ocpp_id="tx-1-True"))
    found = await desk.ask(plan_charging, desk.ref.id, 1, NOW)
    [schedule] = found.profile["chargingSchedule"]
    assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, "limit": 10.0, "numberPhases": 1}]
    assert (schedule["duration"], found.profile["stackLevel"]) == (3600, 1)
    latest = await desk.ask(queries.latest_needs, desk.ref.id, 1)
    assert (latest.transaction_ocpp_id, latest.departs_at) == ("tx-1-True", NOW + timedelta(hours=1))
    wish: Json = {
        "timeBase": NOW.isoformat(),
        "evseId": 1,
        "chargingSchedule": {
            "id": 1,
            "chargingRateUnit": "W",
            "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6900}, {"startPeriod": 60, "limit": 6901}],
        },
    }
    assert await desk.do(ev_schedule_reported, wish, NOW) is False
    [judged] = await desk.ask(queries.ev_schedules, desk.ref.id)
    assert judged.reason == "After 60 s it takes 6901, but only 6900.0 is allowed."

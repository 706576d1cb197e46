"""A fleet lives its day, repeats it for the same seed, and continues after a restart where it was."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from csms.clock import ManualClock, SystemClock
from csms.simulator.fleet import Fleet
from csms.simulator.plan import Behaviour, StationPlan
from csms.simulator.presets import plan_from, plans_for
from tests.csms.simulator.central import Central, central_system
from tests.csms.simulator.conftest import BuildStation

MONDAY = datetime(2026, 5, 4, tzinfo=UTC)


async def live(central: Central, clock: ManualClock, plans: list[StationPlan], seconds: float) -> Fleet:
    fleet = Fleet(plans, central.url, clock)
    for station in fleet.stations.values():
        station.start()
    await fleet.forward(seconds)
    return fleet


async def end(fleet: Fleet) -> None:
    for station in fleet.stations.values():
        await station.stop()


async def a_day(hours: float, count: int = 6, speed: float = 1.0) -> list[tuple[str, str, dict[str, Any]]]:
    """All that a fleet says in so many hours of a Monday."""
    clock = ManualClock(MONDAY)
    async with central_system(clock) as central:
        await end(await live(central, clock, plans_for(count, speed=speed, sample_interval_s=300), hours * 3600))
        return central.calls


def by_station(calls: list[tuple[str, str, dict[str, Any]]]) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    told: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for identity, action, payload in calls:
        told.setdefault(identity, []).append((action, payload))
    return told


@pytest.mark.slow
async def test_a_day_is_believable() -> None:
    calls = await a_day(24)
    said = Counter(action for _, action, _ in calls)
    started = said["StartTransaction"] + sum(p.get("eventType") == "Started" for _, _, p in calls)
    assert 15 < started < 80
    states = {p["status"] for _, a, p in calls if a == "StatusNotification" and "status" in p}
    assert {"Available", "Preparing", "Charging", "SuspendedEV", "Finishing"} <= states
    night = sum(p["timestamp"][11:13] in ("00", "01", "02", "23") for _, a, p in calls if a == "StartTransaction")
    assert night < said["StartTransaction"] / 2


@pytest.mark.slow
async def test_the_same_seed_lives_the_same_day() -> None:
    first, second = await a_day(6), await a_day(6)
    assert by_station(first) == by_station(second)


async def test_in_its_first_twenty_seconds_a_demo_is_lively(central: Central, clock: ManualClock) -> None:
    fleet = await live(central, clock, plans_for(24), 20)
    evses = [evse for station in fleet.stations.values() for evse in station.core.evses]
    assert fleet.charging >= 5
    assert any(evse.fault for evse in evses)
    assert any(not station.core.is_operative for station in fleet.stations.values())
    assert fleet.online < 24
    await end(fleet)


async def test_a_remote_start_brings_its_driver(central: Central, clock: ManualClock) -> None:
    quiet = Behaviour(lives=True, cars_per_day=0.0001, hours_between_drops=1e6, hours_between_faults=1e6)
    fleet = await live(central, clock, [StationPlan("ST-1", behaviour=quiet)], 10)
    await central.ask("RemoteStartTransaction", {"idTag": "APP-1", "connectorId": 1})
    await fleet.forward(30)
    assert central.said("StartTransaction")[0]["idTag"] == "APP-1"
    assert fleet.charging == 1
    await end(fleet)


async def test_faults_and_drops_come_and_go(central: Central, clock: ManualClock) -> None:
    restless = Behaviour(lives=True, hours_between_faults=1.0, hours_between_drops=1.0)
    fleet = await live(central, clock, [StationPlan("ST-1", behaviour=restless, sample_interval_s=0)], 12 * 3600)
    said = [payload["status"] for payload in central.said("StatusNotification")]
    assert "Faulted" in said[:-1]
    assert said[said.index("Faulted") + 1] != "Faulted"
    assert central.handshakes > 3
    assert central.actions().count("BootNotification") == 1
    await end(fleet)


# ---- memory


async def test_a_running_session_resumes_after_a_restart(
    build: BuildStation, central: Central, clock: ManualClock
) -> None:
    first = build(ocpp_version="1.6")
    await first.boot()
    await first.plug_in()
    await first.present_token(1, "CARD-1")
    await first.charge(60)
    await first.stop()
    memory = orjson.loads(orjson.dumps(first.as_json()))
    register_wh = first.core.evse(1).path.register.energy_wh
    central.calls.clear()
    clock.forward(120)

    second = build(stored=memory)
    await second.boot()
    await second.charge(30)
    assert second.core.evse(1).session is not None
    assert central.said("StartTransaction") == []
    values = central.said("MeterValues")
    assert {payload["transactionId"] for payload in values} == {101}
    assert int(values[0]["meterValue"][0]["sampledValue"][0]["value"]) >= register_wh
    await second.present_token(1, "CARD-1")
    assert central.said("StopTransaction")[0]["transactionId"] == 101


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_or_ends_with_power_loss(build: BuildStation, central: Central, clock: ManualClock, version: str) -> None:
    plan = {"ocpp_version": version, "behaviour": Behaviour(resumes_after_power_loss=False)}
    first = build(**plan)
    await first.boot()
    await first.plug_in()
    await first.present_token(1, "CARD-1")
    await first.charge(60)
    await first.stop()
    second = build(stored=orjson.loads(orjson.dumps(first.as_json())), **plan)
    await second.boot()
    if version == "1.6":
        assert central.said("StopTransaction")[0]["reason"] == "PowerLoss"
        assert central.said("StopTransaction")[0]["transactionId"] == 101
    else:
        ended = central.said("TransactionEvent")[-1]
        assert ended["transactionInfo"]["stoppedReason"] == "PowerLoss"
        assert ended["offline"] is True


async def test_what_was_queued_offline_survives_a_restart(
    build: BuildStation, central: Central, clock: ManualClock
) -> None:
    first = build(ocpp_version="2.0.1")
    await first.boot()
    await first.go_offline()
    await first.plug_in()
    await first.present_token(1, "CARD-1")
    await first.charge(30)
    await first.present_token(1, "CARD-1")
    await first.stop()
    second = build(stored=orjson.loads(orjson.dumps(first.as_json())), ocpp_version="2.0.1")
    assert central.said("TransactionEvent") == []
    await second.boot()
    events = central.said("TransactionEvent")
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    assert events[-1]["eventType"] == "Ended"


async def test_register_never_goes_back_after_a_crash(central: Central, clock: ManualClock, tmp_path: Path) -> None:
    plans = [replace(plan, current_type="DC") for plan in plans_for(3, speed=8, version="1.6", prefix="ST")]
    fleet = Fleet(plans, central.url, clock, tmp_path)
    for station in fleet.stations.values():
        station.start()
    await fleet.forward(60)
    fleet.save(clean=False)
    await fleet.forward(15)
    before = {i: [evse.path.register.energy_wh for evse in s.core.evses] for i, s in fleet.stations.items()}
    await end(fleet)  # the process dies: nothing more is saved

    again = Fleet(plans, central.url, clock, tmp_path)
    after = {i: [evse.path.register.energy_wh for evse in s.core.evses] for i, s in again.stations.items()}
    assert all(new >= old for identity in before for new, old in zip(after[identity], before[identity], strict=True))


async def test_fleet_on_a_running_clock_stops_cleanly_and_continues(tmp_path: Path) -> None:
    clock = SystemClock()
    async with central_system(clock) as central:
        plans = plans_for(4, version="mixed")
        fleet = Fleet(plans, central.url, clock, tmp_path)
        running = asyncio.create_task(fleet.run())
        await central.until(lambda: len({i for i, action, _ in central.calls if action == "StatusNotification"}) == 4)
        fleet.stop()
        await running
        assert not any(station.link.is_open for station in fleet.stations.values())
        stored = orjson.loads((tmp_path / "fleet.json").read_bytes())
        assert stored["clean"] is True
        again = Fleet(plans, central.url, clock, tmp_path)
        for identity, station in fleet.stations.items():
            before, after = station.core.evse(1), again.stations[identity].core.evse(1)
            assert (before.session and before.session.key) == (after.session and after.session.key)
            assert before.path.register.energy_wh == after.path.register.energy_wh


# ---- plans


def test_plans_for_mixes_versions_and_kinds() -> None:
    plans = plans_for(60)
    assert len({plan.identity for plan in plans}) == 60
    assert Counter(plan.ocpp_version for plan in plans) == {"1.6": 30, "2.0.1": 30}
    assert {plan.current_type for plan in plans} == {"AC", "DC"}
    assert {plan.ocpp_version for plan in plans_for(5, version="2.0.1")} == {"2.0.1"}


def test_plan_from_plain_values() -> None:
    plan = plan_from(
        {
            "identity": "DE-1",
            "password": "x",
            "ocpp_version": "1.6",
            "evses": [{"max_power_w": 11_000, "phases": 3, "connectors": [{"standard": "IEC_62196_T2"}]}],
            "tokens": ["A", "B"],
            "behaviour": {"lives": True},
        }
    )
    assert plan.evses[0].max_power_w == 11_000
    assert plan.behaviour.lives
    with pytest.raises(TypeError, match="colour"):
        plan_from({"identity": "X", "evses": [], "tokens": [], "colour": "red"})

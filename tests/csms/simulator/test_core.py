"""The core without a socket: missing answers, the cache, and what happens when memory is full."""

from datetime import UTC, datetime, timedelta

import pytest

from csms.simulator.core import StationCore
from csms.simulator.outbox import MAX_KEPT, Message
from csms.simulator.plan import Behaviour, ConnectorPlan, EvsePlan, StationPlan
from csms.simulator.vehicle import Vehicle

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def online(**plan: object) -> StationCore:
    """A registered station with nothing left to say."""
    core = StationCore(StationPlan("ST-1", **plan), NOON)  # type: ignore[arg-type]
    core.link_opened()
    core.boot_answered("Accepted", 300)
    while (message := core.next_message()) is not None:
        core.outbox.done(message)
    return core


def drain(core: StationCore) -> list[Message]:
    """Everything waiting, taken as acknowledged without an answer."""
    said = []
    while (message := core.next_message()) is not None:
        said.append(message)
        core.outbox.done(message)
    return said


def test_missing_answer_repeats_the_same_payload() -> None:
    core = online()
    core.evse(1).plug_in(Vehicle())
    drain(core)
    core.present_token(1, "CARD")
    authorize = core.next_message()
    assert authorize is not None
    core.answered(authorize, {"idTagInfo": {"status": "Accepted"}})
    first = core.next_message()
    assert first is not None
    assert first.action == "StartTransaction"
    assert core.next_message() is None  # one at a time
    core.unanswered(first)
    again = core.next_message()
    assert again is first


def test_unanswered_authorize_is_decided_offline() -> None:
    core = online(behaviour=Behaviour(accepts_unknown_offline=False))
    core.evse(1).plug_in(Vehicle())
    drain(core)
    core.present_token(1, "CARD")
    message = core.next_message()
    assert message is not None
    core.unanswered(message)
    assert core.evse(1).refused_token == "CARD"


def test_offline_only_known_tokens_charge_where_strangers_may_not() -> None:
    core = online(behaviour=Behaviour(accepts_unknown_offline=False))
    core.reader.known["friend"] = "Accepted"
    core.link_closed()
    core.evse(1).plug_in(Vehicle())
    core.present_token(1, "STRANGER")
    assert core.evse(1).session is None
    core.present_token(1, "FRIEND")
    assert core.evse(1).session is not None


def test_full_memory_drops_samples_and_never_starts_or_stops() -> None:
    core = online(ocpp_version="2.0.1", sample_interval_s=10)
    core.link_closed()
    core.evse(1).plug_in(Vehicle(battery_wh=10**9))
    core.present_token(1, "CARD")
    core.advance(NOON + timedelta(hours=8))
    core.present_token(1, "CARD")
    kept = core.outbox.kept
    assert len(kept) <= MAX_KEPT + 2
    assert [kept[0].payload["eventType"], kept[-1].payload["eventType"]] == ["Started", "Ended"]


def test_long_jump_samples_every_interval_at_its_own_time() -> None:
    core = online(sample_interval_s=15)
    core.link_closed()
    core.evse(1).plug_in(Vehicle())
    core.present_token(1, "CARD")
    core.advance(NOON + timedelta(minutes=10))
    times = [m.payload["meterValue"][0]["timestamp"] for m in core.outbox.kept if m.action == "MeterValues"]
    assert len(times) == 40
    assert times[0] == "2026-05-04T12:00:15.000Z"
    assert times[-1] == "2026-05-04T12:10:00.000Z"


def test_unknown_evse() -> None:
    with pytest.raises(LookupError, match="no EVSE 2"):
        online().evse(2)


def test_16_has_one_connector_per_evse() -> None:
    with pytest.raises(ValueError, match="one connector"):
        online(evses=(EvsePlan(connectors=(ConnectorPlan(), ConnectorPlan())),))


def test_plugging_in_twice() -> None:
    core = online()
    core.evse(1).plug_in(Vehicle())
    with pytest.raises(ValueError, match="already holds"):
        core.evse(1).plug_in(Vehicle())


def test_201_second_connector_is_the_one_in_use() -> None:
    core = online(ocpp_version="2.0.1", evses=(EvsePlan(connectors=(ConnectorPlan(), ConnectorPlan("CHADEMO"))),))
    core.evse(1).plug_in(Vehicle(), 2)
    said = [(m.payload["connectorId"], m.payload["connectorStatus"]) for m in drain(core)]
    assert said == [(2, "Occupied")]

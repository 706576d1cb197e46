"""A session from plug to unplug, as the central system hears it, in both versions."""

from itertools import pairwise

import pytest

from csms.clock import ManualClock
from csms.ocpp.timestamps import parse_timestamp
from csms.simulator.plan import Behaviour
from csms.simulator.station import SimulatedStation
from csms.simulator.vehicle import Vehicle
from tests.csms.simulator.central import Central
from tests.csms.simulator.conftest import BuildStation


def statuses(central: Central) -> list[str]:
    """What connector 1 said it was."""
    said = central.said("StatusNotification")
    return [payload.get("status") or payload["connectorStatus"] for payload in said if payload["connectorId"] == 1]


async def test_16_session(station_16: SimulatedStation, central: Central) -> None:
    await station_16.plug_in()
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(60)
    await station_16.present_token(1, "card-1")
    await station_16.unplug()

    assert statuses(central) == ["Available", "Preparing", "Charging", "Finishing", "Available"]
    (start,), (stop,) = central.said("StartTransaction"), central.said("StopTransaction")
    assert start["idTag"] == "CARD-1"
    assert stop["transactionId"] == 101
    assert stop["reason"] == "Local"
    assert stop["meterStop"] - start["meterStart"] == pytest.approx(11_000 * 57 / 3600, rel=0.12)
    assert [payload["transactionId"] for payload in central.said("MeterValues")] == [101] * 4


async def test_201_session(station_201: SimulatedStation, central: Central) -> None:
    await station_201.plug_in()
    await station_201.present_token(1, "CARD-1")
    await station_201.charge(60)
    await station_201.present_token(1, "CARD-1")
    await station_201.unplug()

    assert statuses(central) == ["Available", "Occupied", "Available"]
    events = central.said("TransactionEvent")
    assert [event["seqNo"] for event in events] == list(range(7))
    assert [event["eventType"] for event in events] == ["Started", *["Updated"] * 5, "Ended"]
    assert [event["triggerReason"] for event in events[:3]] == [
        "Authorized",
        "ChargingStateChanged",
        "MeterValuePeriodic",
    ]
    assert events[-1]["transactionInfo"]["stoppedReason"] == "Local"
    assert len({event["transactionInfo"]["transactionId"] for event in events}) == 1


async def test_201_starts_on_plug_and_authorizes_later(build: BuildStation, central: Central) -> None:
    station = build(ocpp_version="2.0.1", behaviour=Behaviour(starts_on_plug=True))
    await station.boot()
    await station.plug_in()
    await station.charge(10)
    await station.present_token(1, "CARD-1")
    events = central.said("TransactionEvent")
    assert [(event["eventType"], event["triggerReason"]) for event in events] == [
        ("Started", "CablePluggedIn"),
        ("Updated", "Authorized"),
    ]
    assert "idToken" not in events[0]
    assert events[1]["idToken"]["idToken"] == "CARD-1"


async def test_16_never_starts_without_a_token(build: BuildStation, central: Central) -> None:
    station = build(ocpp_version="1.6", behaviour=Behaviour(starts_on_plug=True))
    await station.boot()
    await station.plug_in()
    await station.charge(10)
    assert central.said("StartTransaction") == []
    await station.present_token(1, "CARD-1")
    assert [start["idTag"] for start in central.said("StartTransaction")] == ["CARD-1"]


async def test_token_before_plug(station_16: SimulatedStation, central: Central) -> None:
    await station_16.present_token(1, "CARD-1")
    assert central.said("StartTransaction") == []
    await station_16.plug_in()
    assert len(central.said("StartTransaction")) == 1


async def test_nobody_plugs_in(station_16: SimulatedStation, central: Central) -> None:
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(61)
    assert statuses(central) == ["Available", "Preparing", "Available"]
    await station_16.plug_in()
    assert central.said("StartTransaction") == []


async def test_blocked_token_does_not_charge(station_16: SimulatedStation, central: Central) -> None:
    central.blocked = frozenset({"LOST"})
    await station_16.plug_in()
    await station_16.present_token(1, "LOST")
    await station_16.charge(30)
    assert station_16.core.evse(1).refused_token == "LOST"
    assert central.said("StartTransaction") == []


@pytest.mark.parametrize("version", ["1.6", "2.0.1"])
async def test_token_refused_at_the_start_ends_the_session(build: BuildStation, central: Central, version: str) -> None:
    station = build(ocpp_version=version)
    await station.boot()
    await station.plug_in()
    await station.go_offline()
    central.blocked = frozenset({"LOST"})
    await station.present_token(1, "LOST")
    await station.charge(20)
    assert station.core.evse(1).session is not None
    await station.come_back()
    assert station.core.evse(1).session is None
    if version == "1.6":
        assert central.said("StopTransaction")[-1]["reason"] == "DeAuthorized"
    else:
        assert central.said("TransactionEvent")[-1]["transactionInfo"]["stoppedReason"] == "DeAuthorized"


async def test_full_car_suspends(station_16: SimulatedStation, central: Central) -> None:
    await station_16.plug_in(1, Vehicle(battery_wh=40_000, soc_percent=79.5, target_percent=80))
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(300)
    assert statuses(central)[-1] == "SuspendedEV"
    assert station_16.core.evse(1).path.power_w == 0


async def test_unplugging_ends_the_session(station_201: SimulatedStation, central: Central) -> None:
    await station_201.plug_in()
    await station_201.present_token(1, "CARD-1")
    await station_201.charge(20)
    await station_201.unplug()
    ended = central.said("TransactionEvent")[-1]
    assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"
    assert ended["triggerReason"] == "EVCommunicationLost"


async def test_fault_ends_the_session_and_clears(station_201: SimulatedStation, central: Central) -> None:
    await station_201.plug_in()
    await station_201.present_token(1, "CARD-1")
    await station_201.charge(20)
    await station_201.fault("ground")
    await station_201.clear_fault()
    assert central.said("TransactionEvent")[-1]["transactionInfo"]["stoppedReason"] == "GroundFault"
    assert statuses(central)[-2:] == ["Faulted", "Occupied"]
    told = [event["eventData"][0] for event in central.said("NotifyEvent")]
    assert [(event["actualValue"], event["cleared"]) for event in told] == [("true", False), ("false", True)]


async def test_16_fault_carries_its_error_code(station_16: SimulatedStation, central: Central) -> None:
    await station_16.fault("temperature")
    said = central.said("StatusNotification")[-1]
    assert (said["status"], said["errorCode"], said["vendorErrorCode"]) == ("Faulted", "HighTemperature", "E-0231")


async def test_register_and_times_only_grow(build: BuildStation, central: Central, clock: ManualClock) -> None:
    station = build(ocpp_version="1.6", current_type="DC")
    await station.boot()
    for _ in range(3):
        await station.plug_in()
        await station.present_token(1, "CARD-1")
        await station.charge(120)
        await station.unplug()
        await station.charge(30)
    values = [payload["meterValue"][0] for payload in central.said("MeterValues")]
    registers = [int(value["sampledValue"][0]["value"]) for value in values]
    times = [parse_timestamp(value["timestamp"]) for value in values]
    assert all(before <= after for before, after in pairwise(registers))
    assert all(before < after for before, after in pairwise(times) if before and after)
    assert {"SoC", "Temperature"} <= {sample["measurand"] for sample in values[0]["sampledValue"]}

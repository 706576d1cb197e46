"""Without a connection charging goes on, and everything is told afterwards, in order and with its own times."""

import pytest

from csms.clock import ManualClock
from csms.ocpp.timestamps import format_timestamp
from csms.simulator.station import SimulatedStation
from tests.csms.simulator.central import Central
from tests.csms.simulator.conftest import BuildStation


async def test_16_session_begun_and_ended_offline(
    station_16: SimulatedStation, central: Central, clock: ManualClock
) -> None:
    await station_16.go_offline()
    started_at = clock.now()
    await station_16.plug_in()
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(40)
    stopped_at = clock.now()
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(600)
    central.calls.clear()
    await station_16.come_back()

    kept = [action for action in central.actions() if action != "StatusNotification"]
    assert kept == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
    assert central.said("StartTransaction")[0]["timestamp"] == format_timestamp(started_at)
    assert central.said("StopTransaction")[0]["timestamp"] == format_timestamp(stopped_at)
    assert central.said("StopTransaction")[0]["transactionId"] == 101
    assert {payload["transactionId"] for payload in central.said("MeterValues")} == {101}
    assert "BootNotification" not in central.actions()


async def test_201_events_say_they_were_offline(station_201: SimulatedStation, central: Central) -> None:
    await station_201.plug_in()
    await station_201.present_token(1, "CARD-1")
    await station_201.charge(20)
    await station_201.go_offline()
    await station_201.charge(40)
    before = len(central.said("TransactionEvent"))
    await station_201.come_back()
    await station_201.charge(15)
    events = central.said("TransactionEvent")
    assert [event["seqNo"] for event in events] == list(range(len(events)))
    assert [event["offline"] for event in events] == [False] * before + [True] * 3 + [False]
    assert [event["timestamp"] for event in events] == sorted(event["timestamp"] for event in events)


async def test_reconnects_by_itself_after_the_other_side_hung_up(
    station_16: SimulatedStation, central: Central
) -> None:
    await central.hang_up()
    while station_16.link.is_open:  # until the close frame has arrived
        await central.lines["ST-1"].socket.wait_closed()
        await station_16.settled()
    await station_16.charge(10)
    assert station_16.link.is_open
    assert central.handshakes == 2


async def test_backs_off_while_nobody_answers(build: BuildStation, central: Central, clock: ManualClock) -> None:
    station = build()
    station.link._url = "ws://127.0.0.1:1/ocpp/ST-1"  # nobody listens on port 1
    with pytest.raises(ConnectionError, match="no connection"):
        await station.boot()
    waits = []
    for _ in range(8):
        waits.append((station.next_due() - clock.now()).total_seconds())
        await station.charge(waits[-1] + 0.1)
    assert waits[0] < 4
    assert 30 < waits[-1] < 90


async def test_refused_transaction_message_is_tried_again_in_order(
    station_16: SimulatedStation, central: Central
) -> None:
    central.refuse_transactions = 2
    await station_16.plug_in()
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(60)
    starts = central.said("StartTransaction")
    assert len(starts) == 3
    assert starts[0] == starts[1] == starts[2]
    said = central.actions()
    assert said.index("MeterValues") > len(said) - said[::-1].index("StartTransaction") - 1


async def test_refused_too_often_is_dropped(station_16: SimulatedStation, central: Central) -> None:
    central.refuse_transactions = 3
    await station_16.plug_in()
    await station_16.present_token(1, "CARD-1")
    await station_16.charge(60)
    assert len(central.said("StartTransaction")) == 3
    assert central.said("MeterValues")[0]["transactionId"] == -1


async def test_pending_station_says_nothing_but_boot(build: BuildStation, central: Central) -> None:
    central.registration = "Pending"
    station = build()
    with pytest.raises(ConnectionError, match="Pending"):
        await station.boot()
    await station.plug_in()
    await station.charge(290)
    assert central.actions() == ["BootNotification"]
    central.registration = "Accepted"
    await station.charge(20)
    assert central.actions()[:3] == ["BootNotification", "BootNotification", "StatusNotification"]

"""Data semantics of statuses: they suspend sessions, warn and contradict, and never open or close one."""

from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlmodel import col

from csms.clock import ManualClock
from csms.jobs.contradictions import Contradictions
from csms.transactions.contradictions import contradictions
from models import ChargingStation, Connector, StationEvent, Transaction
from models.scope import platform_scope, tenant_scope
from tests.certification.lab import Lab
from tests.certification.sessions import Sessions16, ago, moment
from tests.certification.station import BenchStation


async def connector(lab: Lab, station: BenchStation, evse: int = 1) -> Connector:
    return await lab.row(Connector, station_id=station.ref.id, evse_number=evse)


async def events(lab: Lab, station: BenchStation) -> list[StationEvent]:
    return await lab.rows(StationEvent, station_id=station.ref.id)


async def found(lab: Lab, station: BenchStation, minutes: float = 0) -> list[str]:
    """The contradictions at a station, as of some minutes from now."""
    with platform_scope():
        async with lab.platform.database.reading() as session:
            all_of_them = await contradictions(session, lab.platform.clock.now() + timedelta(minutes=minutes))
    return [each.source for each in all_of_them if each.station_id == station.ref.id]


@pytest.mark.quirk(41, 64)
@pytest.mark.case("DS_40")
async def test_ds_40_status_against_session(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        await said.status("Charging", 2)
        assert await said.rows() == []  # a status opens nothing
        transaction_id = await said.started(token, meter=0, minutes=30)
        await said.status("Available")
        assert (await said.row(transaction_id)).is_open  # and closes nothing
        assert await found(lab, station) == []  # the stop may be on its way
        free, charging = f"contradiction:session {transaction_id}", "contradiction:connector 2-1"
        assert await found(lab, station, minutes=6) == [free, charging]
        clock = ManualClock(lab.platform.clock.now() + timedelta(minutes=6))
        platform = lab.platform
        sweeper = Contradictions(platform.database, platform.committer, platform.commands, clock)
        station.answers["TriggerMessage"] = {"status": "Accepted"}
        await sweeper.sweep()
        await sweeper.sweep()
        asked = [frame for frame in station.raw if '"TriggerMessage"' in frame]
        assert len(asked) == 1
        alerts = [event for event in await events(lab, station) if event.kind == "device.alert"]
        assert {(alert.source, alert.severity) for alert in alerts} == {(free, "warning"), (charging, "warning")}
        assert all(alert.resolved_at is None for alert in alerts)
        await said.stop(transaction_id, meter=10)
        await said.status("Available", 2)
        await sweeper.sweep()
        alerts = [event for event in await events(lab, station) if event.kind == "device.alert"]
        assert len(alerts) == 2
        assert all(alert.resolved_at is not None for alert in alerts)


@pytest.mark.quirk(43)
@pytest.mark.case("DS_41")
async def test_ds_41_every_status_after_every_other(lab: Lab) -> None:
    words = [
        "Available",
        "Preparing",
        "Charging",
        "SuspendedEVSE",
        "SuspendedEV",
        "Finishing",
        "Reserved",
        "Unavailable",
        "Faulted",
    ]
    async with lab.station() as station:
        said, minutes = Sessions16(lab, station), 90.0
        for first in words:
            for second in words:
                for word in (first, second):
                    minutes -= 0.5
                    await said.status(word, minutes=minutes)
                row = await connector(lab, station)
                assert (row.status, row.status_at) == (second, moment(minutes))


@pytest.mark.case("DS_41", "DS_45")
async def test_ds_41_statuses_tell_how_a_session_fares(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        transaction_id = await said.started(token, minutes=30)
        for minutes, (word, state) in enumerate(
            (
                ("Charging", "Charging"),
                ("SuspendedEV", "SuspendedEV"),
                ("SuspendedEVSE", "SuspendedEVSE"),
                ("Faulted", "SuspendedEVSE"),
                ("Finishing", "EVConnected"),
            )
        ):
            await said.status(word, minutes=20 - minutes)
            assert (await said.row(transaction_id)).charging_state == state


@pytest.mark.quirk(62)
@pytest.mark.case("DS_43")
async def test_ds_43_an_error_beside_another_status_is_a_warning(lab: Lab) -> None:
    async with lab.station() as station:
        said = Sessions16(lab, station)
        more = {"errorCode": "HighTemperature", "vendorErrorCode": "T-7", "info": "fan", "vendorId": "acme"}
        await said.status("Charging", minutes=3, **more)
        row = await connector(lab, station)
        assert (row.status, row.error_code, row.vendor_error_code) == ("Charging", "HighTemperature", "T-7")
        assert (row.info, row.vendor_id) == ("fan", "acme")
        [warning] = await events(lab, station)
        assert (warning.kind, warning.severity) == ("connector.warning", "warning")
        await said.status("Charging", minutes=2)
        assert (await connector(lab, station)).error_code == ""
        assert (await events(lab, station))[0].resolved_at is not None
        await said.status("Finishing", minutes=1, errorCode="Error", info="null")
        row = await connector(lab, station)
        assert (row.status, row.error_code, row.info) == ("Finishing", "OtherError", "Error")


@pytest.mark.case("DS_44")
async def test_ds_44_both_messages_are_one_record(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:

        async def notify_event(word: str, minutes: float, number: int) -> None:
            data = {
                "eventId": number,
                "timestamp": ago(minutes),
                "trigger": "Delta",
                "actualValue": word,
                "eventNotificationType": "HardWiredNotification",
                "component": {"name": "Connector", "evse": {"id": 1, "connectorId": 1}},
                "variable": {"name": "AvailabilityState"},
            }
            payload = {"generatedAt": ago(minutes), "seqNo": 0, "eventData": [data]}
            assert await station.call("NotifyEvent", payload) == {}

        async def status(word: str, minutes: float) -> None:
            payload = {"timestamp": ago(minutes), "connectorStatus": word, "evseId": 1, "connectorId": 1}
            assert await station.call("StatusNotification", payload) == {}

        await status("Occupied", 9)
        await notify_event("Occupied", 9, 1)
        await notify_event("Unavailable", 5, 2)
        await status("Available", 7)  # older
        row = await connector(lab, station)
        assert (row.status, row.status_at) == ("Unavailable", moment(5))


@pytest.mark.case("DS_46")
async def test_ds_46_an_offline_station_keeps_its_last_status(lab: Lab) -> None:
    ref = await lab.register()
    async with lab.station(ref=ref) as station:
        await Sessions16(lab, station).status("Charging", minutes=3)

    async def is_away() -> bool:
        return not (await lab.row(ChargingStation, id=ref.id)).is_online

    await lab.until(is_away)
    row = await connector(lab, station)
    assert (row.status, row.status_at) == ("Charging", moment(3))
    station_row = await lab.row(ChargingStation, id=ref.id)
    assert station_row.disconnected_at is not None  # since when it is stale
    assert station_row.status == "Available"


@pytest.mark.case("DS_40")
async def test_ds_40_what_an_offline_station_said_last_contradicts_nothing(lab: Lab) -> None:
    async with lab.station() as station:
        said, token = Sessions16(lab, station), await lab.token()
        await said.started(token, minutes=30)
        await said.status("Available")
        assert len(await found(lab, station, minutes=6)) == 1
        with tenant_scope(lab.green.id):
            row = update(ChargingStation).where(col(ChargingStation.id) == station.ref.id)
            await lab.platform.committer.run(lambda work: work.session().execute(row.values(is_online=False)))
        assert await found(lab, station, minutes=6) == []
        assert len(await lab.rows(Transaction, station_id=station.ref.id, is_open=True)) == 1

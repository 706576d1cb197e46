"""OCPP 2.1, block E: limits of transactions, and transactions that go on after an interruption."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from models import ChargingProfile, StationTariff, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.test_21_c_authorization import meter
from tests.certification.test_201_c_authorization import Session


async def only(lab: Lab, station: BenchStation) -> Transaction:
    """The station's one transaction."""
    return await lab.row(Transaction, station_id=station.ref.id)


@pytest.mark.case("TC_E_102_CSMS")
async def test_tc_e_102_both_have_limits(lab: Lab) -> None:
    token = await lab.token(max_cost=Decimal("12.34"), max_energy_wh=20_000, max_time_s=7200)
    async with lab.station("2.1") as station:
        session = Session(station)
        answer = await session.start(token, info={"transactionLimit": {"maxEnergy": 30_000}})
        assert answer["transactionLimit"] == {"maxCost": 12.34, "maxEnergy": 20_000, "maxTime": 7200}
        told = {"transactionLimit": {"maxCost": 12.34, "maxEnergy": 20_000, "maxTime": 7200}}
        assert "idTokenInfo" not in await session.tell("Updated", "LimitSet", info=told)
        row = await only(lab, station)
        assert row.station_limit == told["transactionLimit"]
        assert row.own_limit == {"max_cost": "12.34", "max_energy_wh": 20_000, "max_time_s": 7200}
        assert row.is_open


@pytest.mark.parametrize(
    ("limit", "reached", "stopped"),
    [
        pytest.param(
            {"maxEnergy": 5000.5},
            "EnergyLimitReached",
            "EnergyLimitReached",
            marks=pytest.mark.case("TC_E_106_CSMS"),
        ),
        pytest.param({"maxTime": 600}, "TimeLimitReached", "TimeLimitReached", marks=pytest.mark.case("TC_E_107_CSMS")),
        pytest.param({"maxCost": 3.3}, "CostLimitReached", "Other", marks=pytest.mark.case("TC_E_108_CSMS")),
    ],
)
async def test_tc_e_106_to_108_limits_of_the_station(lab: Lab, limit: Json, reached: str, stopped: str) -> None:
    async with lab.station("2.1") as station:
        if "maxCost" in limit:
            tariff = {"tariffId": "LOCAL", "currency": "EUR", "energy": {"prices": [{"priceKwh": 0.3}]}}
            payload = {"evseId": 0, "tariff": tariff}
            await lab.operate(station, "SetDefaultTariff", payload, {"status": "Accepted"})
            assert (await lab.row(StationTariff, station_id=station.ref.id)).document == tariff
        session = Session(station)
        answer = await session.start(await lab.token(), meterValue=meter(0, "Transaction.Begin"))
        assert "transactionLimit" not in answer
        await session.tell("Updated", "LimitSet", info={"transactionLimit": limit})
        assert (await only(lab, station)).station_limit == limit
        await session.tell("Updated", reached, info={"chargingState": "SuspendedEVSE"})
        row = await only(lab, station)
        assert (row.is_open, row.charging_state, row.own_limit) == (True, "SuspendedEVSE", None)
        await session.tell("Ended", reached, info={"stoppedReason": stopped}, meterValue=meter(5000, "Transaction.End"))
        row = await only(lab, station)
        assert (row.is_open, row.stop_reason, row.cost, row.station_limit) == (False, stopped, Decimal("1.50"), limit)


@pytest.mark.parametrize(
    ("columns", "limit", "reached"),
    [
        pytest.param(
            {"max_cost": Decimal("0.60")}, {"maxCost": 0.6}, "CostLimitReached", marks=pytest.mark.case("TC_E_109_CSMS")
        ),
        pytest.param(
            {"max_energy_wh": 2000},
            {"maxEnergy": 2000},
            "EnergyLimitReached",
            marks=pytest.mark.case("TC_E_110_CSMS"),
        ),
        pytest.param(
            {"max_time_s": 900}, {"maxTime": 900}, "TimeLimitReached", marks=pytest.mark.case("TC_E_111_CSMS")
        ),
    ],
)
async def test_tc_e_109_to_111_limits_of_ours(lab: Lab, columns: Json, limit: Json, reached: str) -> None:
    token = await lab.token(**columns)
    async with lab.station("2.1") as station:
        session = Session(station)
        at = datetime.now(UTC).isoformat()
        answer = await session.start(token, meterValue=meter(0, "Transaction.Begin"), timestamp=at)
        assert answer["transactionLimit"] == limit
        again = await session.start(token, timestamp=at, seqNo=0)  # repeated under a new message id
        assert again["transactionLimit"] == limit
        await session.tell("Updated", "LimitSet", info={"transactionLimit": limit})
        if "maxCost" in limit:
            payload = {"totalCost": 0.6, "transactionId": session.id}
            asked, result = await lab.operate(station, "CostUpdated", payload, {})
            assert (asked.payload, result.succeeded) == (payload, True)
        await session.tell("Ended", reached, info={"stoppedReason": "Other"}, meterValue=meter(2000, "Transaction.End"))
        row = await only(lab, station)
        assert (row.is_open, row.cost, row.station_limit) == (False, Decimal("0.60"), limit)


async def test_the_tightest_limit_holds_and_that_of_other_money_does_not(lab: Lab) -> None:
    tight = await lab.token(credit=Decimal("2"), credit_currency="EUR", max_cost=Decimal("3"), max_time_s=60)
    other = await lab.token(credit=Decimal("2"), credit_currency="SGD")
    async with lab.station("2.1") as station:
        answer = await Session(station).start(tight)
        assert answer["transactionLimit"] == {"maxCost": 2, "maxTime": 60}
        assert "transactionLimit" not in await Session(station, 2).start(other)
    async with lab.station("2.0.1") as older:  # it has no word for limits
        assert set(await Session(older).start(await lab.token(max_time_s=60))) == {"totalCost", "idTokenInfo"}


async def resume(lab: Lab, station: BenchStation, session: Session) -> None:
    """The station boots in the middle, and the transaction goes on."""
    assert (await station.boot(reason="Watchdog"))["status"] == "Accepted"
    assert (await only(lab, station)).is_open
    answer = await session.tell(
        "Updated", "TxResumed", info={"chargingState": "Charging"}, meterValue=meter(1500, "Interruption.End")
    )
    assert "idTokenInfo" not in answer


@pytest.mark.case("TC_E_113_CSMS")
async def test_tc_e_113_resume(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station("2.1") as station:
        session = Session(station)
        await session.start(token, meterValue=meter(1000, "Transaction.Begin"))
        await session.tell(
            "Updated",
            "ChargingStateChanged",
            info={"chargingState": "SuspendedEVSE"},
            meterValue=meter(1500, "Interruption.Begin"),
        )
    async with lab.station("2.1", ref=station.ref, boot=False) as station:
        session.station = station
        await resume(lab, station, session)
        row = await only(lab, station)
        assert (row.is_open, row.charging_state, row.remarks) == (True, "Charging", [])
        await session.tell("Updated", "MeterValuePeriodic", meterValue=meter(2000, "Sample.Periodic"))
        await session.tell(
            "Ended", "StopAuthorized", token, info={"stoppedReason": "Local"}, meterValue=meter(3000, "Transaction.End")
        )
        row = await only(lab, station)
        assert (row.is_open, row.energy_wh, row.cost, row.remarks) == (False, 2000, Decimal("0.60"), [])


def profile_for(session: Session) -> dict[str, Any]:
    """A TxProfile of 6 A."""
    schedule = {
        "id": 1,
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
    }
    return {
        "id": 501,
        "stackLevel": 1,
        "chargingProfilePurpose": "TxProfile",
        "chargingProfileKind": "Relative",
        "transactionId": session.id,
        "chargingSchedule": [schedule],
    }


@pytest.mark.case("TC_E_117_CSMS")
async def test_tc_e_117_resume_with_profile(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station("2.1") as station:
        session = Session(station)
        await session.start(token, meterValue=meter(1000, "Transaction.Begin"))
        payload = {"evseId": 1, "chargingProfile": profile_for(session)}
        asked, result = await lab.operate(station, "SetChargingProfile", payload, {"status": "Accepted"})
        assert (asked.payload, result.succeeded) == (payload, True)
    async with lab.station("2.1", ref=station.ref, boot=False) as station:
        station.answers["GetChargingProfiles"] = {"status": "NoProfiles"}
        session.station = station
        await resume(lab, station, session)
        again = await station.expect("SetChargingProfile")  # nobody has to remember it
        assert again.payload == payload
        await station.answer(again, {"status": "Accepted"})
        row = await only(lab, station)
        assert (row.is_open, row.charging_state) == (True, "Charging")

        async def is_restored() -> bool:
            rows = await lab.rows(ChargingProfile, station_id=station.ref.id, removed_at=None)
            return [(kept.profile_id, kept.state) for kept in rows] == [(501, "installed")]

        await lab.until(is_restored)
        await session.tell("Ended", "StopAuthorized", token, info={"stoppedReason": "Local"})
        assert not (await only(lab, station)).is_open

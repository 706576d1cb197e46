"""OCPP 2.1, block I: tariffs in stations, and what they calculate."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from csms.commands.service import CommandResult
from models import Location, StationTariff, StationVariable, Tariff, TariffVersion, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.test_21_c_authorization import meter
from tests.certification.test_201_c_authorization import Session, token_of
from tests.tenancy import LONG_AGO

NIGHT = {"startTimeOfDay": "22:00", "endTimeOfDay": "06:00"}
VALID_FROM = "2026-01-01T00:00:00Z"


def tariff(tariff_id: str, **more: Any) -> Json:
    """A tariff that is cheaper at night."""
    prices = [{"priceKwh": 0.25, "conditions": NIGHT}, {"priceKwh": 0.45}]
    return {"tariffId": tariff_id, "currency": "EUR", "validFrom": VALID_FROM, "energy": {"prices": prices}} | more


async def set_default(
    lab: Lab, station: BenchStation, document: Json, evse: int = 0, status: str = "Accepted"
) -> CommandResult:
    """SetDefaultTariff; what goes over the wire is what was asked."""
    payload = {"evseId": evse, "tariff": document}
    asked, result = await lab.operate(station, "SetDefaultTariff", payload, {"status": status})
    assert asked.payload == payload
    return result


async def held(lab: Lab, station: BenchStation) -> list[tuple[int, str]]:
    """What we believe the station holds."""
    rows = await lab.rows(StationTariff, station_id=station.ref.id, removed_at=None)
    return [(row.evse_number, row.tariff_id) for row in rows]


@pytest.mark.case("TC_I_101_CSMS")
async def test_tc_i_101_time_of_day(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        document = tariff("TIME-OF-DAY")
        assert (await set_default(lab, station, document)).succeeded
        row = await lab.row(StationTariff, station_id=station.ref.id)
        assert (row.evse_number, row.tariff_id, row.kind, row.currency) == (0, "TIME-OF-DAY", "DefaultTariff", "EUR")
        assert (row.document, row.state, row.answer_status) == (document, "installed", "Accepted")
        assert row.valid_from == datetime(2026, 1, 1, tzinfo=UTC)
        assert row.tenant_id == lab.green.id


@pytest.mark.parametrize(
    ("status", "word"),
    [
        pytest.param("TooManyElements", "more elements", marks=pytest.mark.case("TC_I_102_CSMS")),
        pytest.param("ConditionNotSupported", "conditions", marks=pytest.mark.case("TC_I_105_CSMS")),
        ("DuplicateTariffId", "id of its own"),
    ],
)
async def test_tc_i_102_tc_i_105_default_refused(lab: Lab, status: str, word: str) -> None:
    async with lab.station("2.1") as station:
        await set_default(lab, station, tariff("FIRST"))
        result = await set_default(lab, station, tariff("SECOND"), status=status)
        assert (result.answer_status, result.succeeded) == (status, False)
        assert word in (result.error or "")
        assert await held(lab, station) == [(0, "FIRST")]
        refused = await lab.row(StationTariff, station_id=station.ref.id, tariff_id="SECOND")
        assert (refused.state, refused.answer_status) == ("rejected", status)


@pytest.mark.case("TC_I_106_CSMS")
async def test_tc_i_106_validations(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        await set_default(lab, station, tariff("OLD"))
        await set_default(lab, station, tariff("ALL"))
        await set_default(lab, station, tariff("ONE"), evse=1)
        assert await held(lab, station) == [(0, "ALL"), (1, "ONE")]
        lines = [
            {"tariffId": "ALL", "tariffKind": "DefaultTariff", "validFrom": VALID_FROM, "evseIds": [2]},
            {"tariffId": "ELSEWHERE", "tariffKind": "DriverTariff", "idTokens": ["CARD"]},
        ]
        answer = {"status": "Accepted", "tariffAssignments": lines}
        asked, result = await lab.operate(station, "GetTariffs", {"evseId": 0}, answer)
        assert (asked.payload, result.answer_status) == ({"evseId": 0}, "Accepted")
        assert await held(lab, station) == [(0, "ALL"), (0, "ELSEWHERE")]
        rows = {row.tariff_id: row for row in await lab.rows(StationTariff, station_id=station.ref.id)}
        assert {name: row.state for name, row in rows.items()} == {
            "OLD": "replaced",
            "ALL": "installed",
            "ONE": "missing",
            "ELSEWHERE": "installed",
        }
        assert (rows["ELSEWHERE"].kind, rows["ELSEWHERE"].id_tokens) == ("DriverTariff", ["CARD"])
        assert rows["ALL"].reported_at is not None
        asked, result = await lab.operate(station, "GetTariffs", {"evseId": 0}, {"status": "NoTariff"})
        assert await held(lab, station) == []
        assert "holds no such tariff" in (result.error or "")


@pytest.mark.case("TC_I_109_CSMS")
async def test_tc_i_109_driver_tariff(lab: Lab) -> None:
    prices = {"energy_per_kwh": "0.3", "per_minute": "0.05", "per_minute_after_min": 60, "flat_fee": "1.25"}
    price_list = Tariff(name="Yard", currency="EUR")
    await lab.add(price_list)
    version = TariffVersion(tariff_id=price_list.id or 0, number=1, valid_from=LONG_AGO, prices=prices)
    yard = Location(name="Yard", latitude=50.0, longitude=8.0, time_zone="Europe/Berlin", tariff_id=price_list.id)
    await lab.add(version, yard)
    async with lab.station("2.1", location_id=yard.id) as station:
        request = {"idToken": token_of(await lab.token())}
        assert "tariff" not in await station.call("Authorize", request)  # it does not calculate
        enabled = {"component": "TariffCostCtrlr", "variable": "Enabled", "variable_instance": "Tariff"}
        at = datetime.now(UTC)
        await lab.add(StationVariable(station_id=station.ref.id, value="true", reported_at=at, **enabled))
        told = (await station.call("Authorize", request))["tariff"]
        taxes = [{"type": "VAT", "tax": 0}]
        minute = {"prices": [{"priceMinute": 0.05, "conditions": {"minTime": 3600}}], "taxRates": taxes}
        assert told == {
            "tariffId": f"VD-{version.id}",
            "currency": "EUR",
            "description": [{"format": "UTF8", "content": "Yard"}],
            "energy": {"prices": [{"priceKwh": 0.3}], "taxRates": taxes},
            "chargingTime": minute,
            "idleTime": minute,
            "fixedFee": {"prices": [{"priceFixed": 1.25}], "taxRates": taxes},
        }
        assert "tariff" not in await station.call("Authorize", {"idToken": token_of("NOBODY")})


@pytest.mark.case("TC_I_110_CSMS")
async def test_tc_i_110_clear_tariffs(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        for evse, name in enumerate(("A", "B", "C")):
            await set_default(lab, station, tariff(name), evse=evse)
        assert await held(lab, station) == [(0, "A"), (1, "B"), (2, "C")]
        results = [{"tariffId": "B", "status": "Accepted"}, {"tariffId": "NONE", "status": "NoTariff"}]
        asked, _ = await lab.operate(
            station, "ClearTariffs", {"tariffIds": ["B", "NONE"]}, {"clearTariffsResult": results}
        )
        assert asked.payload == {"tariffIds": ["B", "NONE"]}
        assert await held(lab, station) == [(0, "A"), (2, "C")]
        answer: Json = {"clearTariffsResult": [{"status": "Rejected"}]}
        _, result = await lab.operate(station, "ClearTariffs", {}, answer)
        assert (result.answer_status, result.succeeded) == ("Rejected", False)
        assert len(await held(lab, station)) == 2
        answer = {"clearTariffsResult": [{"status": "Accepted"}]}
        asked, result = await lab.operate(station, "ClearTariffs", {}, answer)
        assert (asked.payload, result.succeeded) == ({}, True)
        assert await held(lab, station) == []


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("TooManyElements", marks=pytest.mark.case("TC_I_113_CSMS")),
        pytest.param("ConditionNotSupported", marks=pytest.mark.case("TC_I_114_CSMS")),
        pytest.param("Accepted", marks=pytest.mark.case("TC_I_115_CSMS")),
    ],
)
async def test_tc_i_113_to_115_change_transaction_tariff(lab: Lab, status: str) -> None:
    async with lab.station("2.1") as station:
        await set_default(lab, station, tariff("DEFAULT"))
        session = Session(station)
        await session.start(await lab.token())
        payload = {"transactionId": session.id, "tariff": tariff("BETTER")}
        asked, result = await lab.operate(station, "ChangeTransactionTariff", payload, {"status": status})
        assert asked.payload == payload
        assert asked.payload["tariff"]["validFrom"] == VALID_FROM
        assert (result.answer_status, result.succeeded) == (status, status == "Accepted")
        row = await lab.row(StationTariff, station_id=station.ref.id, tariff_id="BETTER")
        assert (row.kind, row.transaction_ocpp_id, row.currency) == ("TransactionTariff", session.id, "EUR")
        assert (row.state, row.answer_status) == ("installed" if status == "Accepted" else "rejected", status)
        assert (0, "DEFAULT") in await held(lab, station)
        assert (await lab.row(Transaction, station_id=station.ref.id)).is_open


def cost_details(total: float, currency: str = "EUR", **more: Any) -> Json:
    """What a station calculated."""
    price = {"exclTax": 1.0, "inclTax": 1.0, "taxRates": [{"type": "VAT", "tax": 0}]}
    cost = {"currency": currency, "typeOfCost": "NormalCost", "energy": price, "fixed": price}
    cost["total"] = {"exclTax": total, "inclTax": total}
    usage = {"energy": 4.1, "chargingTime": 3600, "idleTime": 60}
    return {"totalCost": cost, "totalUsage": usage} | more


@pytest.mark.case("TC_I_122_CSMS")
@pytest.mark.parametrize(
    ("details", "remarks"),
    [
        (cost_details(1.23), []),
        (cost_details(1.24), []),
        (cost_details(1.25), ["cost_mismatch"]),
        (cost_details(1.23, "SGD"), ["cost_mismatch"]),
        (cost_details(0.0, failureToCalculate=True, failureReason="no clock"), ["cost_not_calculated"]),
    ],
)
async def test_tc_i_122_cost_details(lab: Lab, details: Json, remarks: list[str]) -> None:
    price = {"prices": [{"priceMinute": 0.0}]}
    whole = {
        "energy": {"prices": [{"priceKwh": 0.3}], "taxRates": [{"type": "VAT", "tax": 0}]},
        "chargingTime": price,
        "idleTime": price,
        "fixedFee": {"prices": [{"priceFixed": 0.0}]},
        "minCost": {"exclTax": 0.5},
        "maxCost": {"inclTax": 50.0},
    }
    async with lab.station("2.1") as station:
        document = {"tariffId": "WHOLE", "currency": "EUR", **whole}
        assert (await set_default(lab, station, document)).succeeded
        session = Session(station)
        await session.start(await lab.token(), meterValue=meter(0, "Transaction.Begin"))
        end = meter(4100, "Transaction.End")
        answer = await session.tell(
            "Ended", "EVDeparted", info={"stoppedReason": "EVDisconnected"}, meterValue=end, costDetails=details
        )
        assert answer["totalCost"] == 1.23
        row = await lab.row(Transaction, station_id=station.ref.id)
        told = details["totalCost"]
        assert (row.cost_details, row.cost, row.remarks) == (details, Decimal("1.23"), remarks)
        assert row.station_cost == Decimal(str(told["total"]["inclTax"]))
        assert row.station_cost_currency == told["currency"]

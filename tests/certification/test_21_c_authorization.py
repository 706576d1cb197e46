"""OCPP 2.1, block C: prepaid tokens, VAT numbers, payment terminals and ad hoc payment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from csms.commands.commands import RequestStart
from models import Command, IdToken, Settlement, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.certification.test_201_c_authorization import Session, token_of

LAST_DIGITS = {"additionalIdToken": "4711", "type": "CardLast4Digits"}


def meter(wh: int, context: str) -> list[Json]:
    """A register value as an event brings it."""
    sample = {"value": wh, "context": context, "measurand": "Energy.Active.Import.Register"}
    return [{"timestamp": datetime.now(UTC).isoformat(), "sampledValue": [sample]}]


@pytest.mark.case("TC_C_103_CSMS")
async def test_tc_c_103_prepaid(lab: Lab) -> None:
    token = await lab.token(credit=Decimal("5.10"), credit_currency="EUR")
    async with lab.station("2.1") as station:
        said = (await station.call("Authorize", {"idToken": token_of(token)}))["idTokenInfo"]
        assert said["status"] == "Accepted"
        assert datetime.fromisoformat(said["cacheExpiryDateTime"]) <= datetime.now(UTC)  # not to be remembered
        session = Session(station)
        answer = await session.start(token, meterValue=meter(1000, "Transaction.Begin"))
        assert answer["idTokenInfo"]["status"] == "Accepted"
        assert "cacheExpiryDateTime" in answer["idTokenInfo"]
        assert answer["transactionLimit"] == {"maxCost": 5.1}
        end: Json = {"info": {"stoppedReason": "Local"}, "meterValue": meter(5000, "Transaction.End"), "seqNo": 1}
        end["timestamp"] = datetime.now(UTC).isoformat()
        for _ in range(2):  # told twice, paid once
            info = dict(end["info"])
            answer = await session.tell("Ended", "StopAuthorized", token, **{**end, "info": info})
            assert answer["totalCost"] == 1.2
        row = await lab.row(IdToken, value=token)
        assert row.credit == Decimal("3.90")
        assert (await lab.row(Transaction, station_id=station.ref.id)).credit_taken == Decimal("1.20")


@pytest.mark.case("TC_C_104_CSMS")
async def test_tc_c_104_no_credit(lab: Lab) -> None:
    token = await lab.token(credit=Decimal(0), credit_currency="EUR")
    async with lab.station("2.1") as station:
        said = (await station.call("Authorize", {"idToken": token_of(token)}))["idTokenInfo"]
        assert said["status"] == "NoCredit"
        assert datetime.fromisoformat(said["cacheExpiryDateTime"]) <= datetime.now(UTC)
        answer = await Session(station).start(token)
        assert answer["idTokenInfo"]["status"] == "NoCredit"
        assert "transactionLimit" not in answer
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.authorization_status, row.remarks) == ("NoCredit", ["unauthorized"])


async def test_credit_is_spent_down_to_nothing_and_only_once_at_a_time(lab: Lab) -> None:
    token = await lab.token(credit=Decimal("1.00"), credit_currency="EUR")
    async with lab.station("2.1") as station:
        first = Session(station)
        await first.start(token, meterValue=meter(0, "Transaction.Begin"))
        assert (await Session(station, 2).start(token))["idTokenInfo"]["status"] == "ConcurrentTx"
        await first.tell("Ended", "StopAuthorized", info={}, meterValue=meter(4000, "Transaction.End"))
        assert (await lab.row(IdToken, value=token)).credit == Decimal("-0.20")
        said = (await station.call("Authorize", {"idToken": token_of(token)}))["idTokenInfo"]
        assert said["status"] == "NoCredit"


@pytest.mark.case("TC_C_108_CSMS")
@pytest.mark.parametrize(
    ("number", "evse", "status"),
    [
        ("DE136695976", 1, "Accepted"),
        ("NL004495445B01", None, "Accepted"),
        ("DE136695977", 2, "Rejected"),
        ("nonsense", None, "Rejected"),
    ],
)
async def test_tc_c_108_vat_number(lab: Lab, number: str, evse: int | None, status: str) -> None:
    async with lab.station("2.1") as station:
        request: Json = {"vatNumber": number} | ({} if evse is None else {"evseId": evse})
        answer = await station.call("VatNumberValidation", request)
        assert answer["status"] == status
        assert {name: answer.get(name) for name in request} == request
        assert ("evseId" in answer) == (evse is not None)


def settlement(psp_ref: str, status: str, amount: float, **more: Any) -> Json:
    """A NotifySettlement."""
    at = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    return {"pspRef": psp_ref, "status": status, "settlementAmount": amount, "settlementTime": at} | more


async def transacted(lab: Lab, station: BenchStation) -> Session:
    """A session that is over."""
    session = Session(station)
    await session.start(await lab.token())
    await session.end("StopAuthorized", "Local")
    return session


@pytest.mark.parametrize(
    ("status", "amount"),
    [
        pytest.param("Canceled", 0.0, marks=pytest.mark.case("TC_C_113_CSMS")),
        pytest.param("Settled", 12.35, marks=pytest.mark.case("TC_C_117_CSMS")),
        pytest.param("Failed", 8.1, marks=pytest.mark.case("TC_C_119_CSMS")),
        pytest.param("Rejected", 0.3, marks=pytest.mark.case("TC_C_120_CSMS")),
    ],
)
async def test_tc_c_113_to_120_settlement(lab: Lab, status: str, amount: float) -> None:
    async with lab.station("2.1") as station:
        session = None if status == "Canceled" else await transacted(lab, station)
        about = {} if session is None else {"transactionId": session.id}
        told = settlement("PSP-1", status, amount, statusInfo="as the bank says", **about)
        answers = [await station.call("NotifySettlement", told) for _ in range(2)]
        row = await lab.row(Settlement, station_id=station.ref.id)
        assert answers == [{"receiptId": f"VD-{row.id}"} if status == "Settled" else {}] * 2
        assert (row.psp_ref, row.status, row.amount) == ("PSP-1", status, Decimal(str(amount)))
        assert (row.status_info, row.tenant_id) == ("as the bank says", lab.green.id)
        if session is not None:
            transaction = await lab.row(Transaction, station_id=station.ref.id)
            assert (row.transaction_id, row.transaction_ocpp_id) == (transaction.id, session.id)


@pytest.mark.case("TC_C_118_CSMS")
async def test_tc_c_118_settled_by_the_station(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        session = await transacted(lab, station)
        receipt = {"receiptId": "R-1", "receiptUrl": "https://receipts.example/R-1", "vatNumber": "DE136695976"}
        told = settlement("PSP-9", "Settled", 12.35, transactionId=session.id, **receipt)
        assert await station.call("NotifySettlement", told) == {}
        row = await lab.row(Settlement, station_id=station.ref.id)
        assert (row.receipt_id, row.receipt_url, row.vat_number) == tuple(receipt.values())
        assert (row.amount, row.transaction_id is None) == (Decimal("12.35"), False)


async def test_a_payment_told_before_its_transaction_is_linked(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        session = Session(station)
        told = settlement("PSP-2", "Failed", 1.0, transactionId=session.id)
        assert await station.call("NotifySettlement", told) == {}
        assert (await lab.row(Settlement, station_id=station.ref.id)).transaction_id is None
        later = settlement("PSP-2", "Settled", 1.0, transactionId=session.id)
        assert "receiptId" in await station.call("NotifySettlement", later)
        await session.start(await lab.token())
        transaction = await lab.row(Transaction, station_id=station.ref.id)
        row = await lab.row(Settlement, station_id=station.ref.id)
        assert (row.transaction_id, row.status) == (transaction.id, "Settled")


async def started(station: BenchStation, remote_start_id: int, token: str, kind: str = "DirectPayment") -> Json:
    """The transaction of a remote start begins."""
    info = {"remoteStartId": remote_start_id, "chargingState": "EVConnected"}
    return await Session(station).tell("Started", "RemoteStart", info=info, idToken=token_of(token, kind))


@pytest.mark.case("TC_C_125_CSMS")
async def test_tc_c_125_ad_hoc_central_cost(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        order = RequestStart(1, "PSP-REF-77", "DirectPayment", 4711, None, (LAST_DIGITS,), Decimal("25.50"))
        asking = lab.ask(station, order)
        asked = await station.expect("RequestStartTransaction")
        assert asked.payload == {
            "evseId": 1,
            "remoteStartId": 4711,
            "idToken": {"idToken": "PSP-REF-77", "type": "DirectPayment", "additionalInfo": [LAST_DIGITS]},
        }
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert (await lab.row(Command, station_id=station.ref.id)).max_cost == Decimal("25.50")
        answer = await started(station, 4711, "PSP-REF-77")
        assert answer["idTokenInfo"] == {"status": "Accepted"}
        assert answer["transactionLimit"] == {"maxCost": 25.5}
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.remote_start_id, row.authorization_status, row.remarks) == (4711, "Accepted", [])
        assert row.own_limit == {"max_cost": "25.50"}


@pytest.mark.case("TC_C_126_CSMS")
async def test_tc_c_126_ad_hoc_local_cost(lab: Lab) -> None:
    async with lab.station("2.1") as station:
        token = {"idToken": "PSP-REF-78", "type": "DirectPayment", "additionalInfo": [LAST_DIGITS]}
        payload = {"evseId": 1, "remoteStartId": 4712, "idToken": token}
        asked, result = await lab.operate(station, "RequestStartTransaction", payload, {"status": "Accepted"})
        assert asked.payload == payload
        assert result.remote_start_id == 4712
        answer = await started(station, 4712, "PSP-REF-78")
        assert answer["idTokenInfo"] == {"status": "Accepted"}
        assert "transactionLimit" not in answer


async def test_nobody_pays_without_an_order(lab: Lab) -> None:
    async with lab.station("2.1") as station, lab.station("2.1", tenant=lab.blue) as elsewhere:
        order = lab.ask(station, RequestStart(1, "PSP-REF-79", "DirectPayment", 4713))
        await station.answer(await station.expect("RequestStartTransaction"), {"status": "Accepted"})
        await order
        for where, number, token, kind in (
            (station, 1, "PSP-REF-79", "DirectPayment"),
            (station, 4713, "PSP-REF-80", "DirectPayment"),
            (station, 4713, "PSP-REF-79", "Central"),
            (elsewhere, 4713, "PSP-REF-79", "DirectPayment"),
        ):
            assert (await started(where, number, token, kind))["idTokenInfo"]["status"] == "Invalid"

"""OCPP 1.6, Core: who may charge."""

from datetime import UTC, datetime, timedelta

import pytest

from models import Reservation, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.tenancy import LONG_AGO

NEXT_YEAR = datetime(2099, 1, 1, tzinfo=UTC)


async def start(station: BenchStation, id_tag: str, connector: int = 1, **more: object) -> Json:
    """StartTransaction; returns the answer."""
    at = datetime.now(UTC).isoformat()
    payload = {"connectorId": connector, "idTag": id_tag, "meterStart": 100, "timestamp": at}
    return await station.call("StartTransaction", payload | more)


async def stop(station: BenchStation, transaction_id: int, **more: object) -> Json:
    """StopTransaction; returns the answer."""
    payload = {"transactionId": transaction_id, "meterStop": 200, "timestamp": datetime.now(UTC).isoformat()}
    return await station.call("StopTransaction", payload | more)


async def authorize(station: BenchStation, id_tag: str) -> Json:
    """Authorize; returns what is said of the token."""
    return (await station.call("Authorize", {"idTag": id_tag}))["idTagInfo"]


@pytest.mark.case("TC_007_CSMS")
async def test_tc_007_start_with_a_cached_id(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station() as station:
        await station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Preparing"})
        answer = await start(station, token)
        assert answer["idTagInfo"]["status"] == "Accepted"
        await station.call("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"})
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.id, row.id_token, row.authorization_status) == (answer["transactionId"], token, "Accepted")
        assert row.charging_state == "Charging"


@pytest.mark.case("TC_023_1_CSMS")
async def test_tc_023_1_authorize_invalid(lab: Lab) -> None:
    async with lab.station() as station:
        assert await authorize(station, "NOBODYS-CARD") == {"status": "Invalid"}
        assert (await authorize(station, lab.blue.token))["status"] == "Invalid"


@pytest.mark.case("TC_023_2_CSMS")
async def test_tc_023_2_authorize_expired(lab: Lab) -> None:
    token = await lab.token(expires_at=LONG_AGO)
    async with lab.station() as station:
        info = await authorize(station, token)
        assert info["status"] == "Expired"
        assert datetime.fromisoformat(info["expiryDate"]) == LONG_AGO


@pytest.mark.case("TC_023_3_CSMS")
@pytest.mark.parametrize("expires_at", [None, LONG_AGO])
async def test_tc_023_3_authorize_blocked(lab: Lab, expires_at: datetime | None) -> None:
    token = await lab.token(status="Blocked", expires_at=expires_at)
    async with lab.station() as station:
        assert (await authorize(station, token))["status"] == "Blocked"


@pytest.mark.case("X16_09")
async def test_x16_09_concurrent_transactions(lab: Lab) -> None:
    single, several = await lab.token(allow_concurrent=False), await lab.token()
    async with lab.station() as here, lab.station() as there:
        for token, second in ((single, "ConcurrentTx"), (several, "Accepted")):
            assert (await start(here, token))["idTagInfo"]["status"] == "Accepted"
            assert (await authorize(there, token))["status"] == "Accepted"  # it may be meant to stop
            at = datetime.now(UTC).isoformat()
            answer = await start(there, token.lower(), timestamp=at)
            assert answer["idTagInfo"]["status"] == second
            assert answer["transactionId"] > 0
            row = await lab.row(Transaction, id=answer["transactionId"])
            assert (row.authorization_status, row.is_open) == (second, True)
            assert ("unauthorized" in row.remarks) is (second != "Accepted")
            assert await start(there, token.lower(), timestamp=at) == answer  # repeated, because its answer was lost
        answer = await start(here, single)
        assert answer["idTagInfo"]["status"] == "Accepted"  # on the same connector: the end of the first was lost


@pytest.mark.case("X16_09")
async def test_x16_09_as_the_tenant_says(lab: Lab) -> None:
    await lab.policy(lab.blue, allow_concurrent=False)
    async with lab.station(tenant=lab.blue) as here, lab.station(tenant=lab.blue) as there:
        first = await start(here, lab.blue.token)
        assert (await start(there, lab.blue.token))["idTagInfo"]["status"] == "ConcurrentTx"
        await stop(here, first["transactionId"])
        assert (await start(here, lab.blue.token))["idTagInfo"]["status"] == "Accepted"


@pytest.mark.case("X16_10")
@pytest.mark.quirk(32)
@pytest.mark.parametrize(("registered", "read"), [("AbCd-0815", "aBcD-0815"), ("2069C0E1", "20:69:c0:e1")])
async def test_x16_10_spellings_of_a_token(lab: Lab, registered: str, read: str) -> None:
    await lab.token(value=registered, expires_at=NEXT_YEAR)
    async with lab.station() as station:
        assert (await authorize(station, read))["status"] == "Accepted"
        answer = await start(station, read)
        assert answer["idTagInfo"]["status"] == "Accepted"
        row = await lab.row(Transaction, id=answer["transactionId"])
        assert row.id_token == read  # stored as received
        stopped = await stop(station, answer["transactionId"], idTag=registered)
        assert stopped["idTagInfo"]["status"] == "Accepted"


@pytest.mark.quirk(33)
async def test_a_station_that_names_itself_charges_for_everyone_where_it_may(lab: Lab) -> None:
    async with lab.station(serial_number="S-4711") as station:
        await station.boot(chargeBoxSerialNumber="BOX-4711")
        names = (station.ref.identity.lower(), "BOX-4711")
        for name in names:
            assert (await authorize(station, name))["status"] == "Invalid"
        await lab.policy(lab.green, free_vend=True)
        for name in names:
            assert (await authorize(station, name))["status"] == "Accepted"
        assert (await start(station, "BOX-4711"))["idTagInfo"]["status"] == "Accepted"
        async with lab.station() as other:
            assert (await authorize(other, station.ref.identity))["status"] == "Invalid"


@pytest.mark.quirk(34)
async def test_an_offline_start_with_an_unknown_token_is_kept_and_stopped_by_anything(lab: Lab) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    expired = await lab.token(expires_at=LONG_AGO)
    async with lab.station() as station:
        for n, stopper in enumerate(({"idTag": "NOBODY-2"}, {"idTag": expired}, {})):
            answer = await start(station, "NOBODY-1", timestamp=yesterday, meterStart=n)
            assert answer["idTagInfo"] == {"status": "Invalid"}
            stopped = await stop(station, answer["transactionId"], **stopper)
            assert ("idTagInfo" in stopped) is bool(stopper)
            row = await lab.row(Transaction, id=answer["transactionId"])
            assert (row.id_token, row.authorization_status, row.is_open) == ("NOBODY-1", "Invalid", False)
            assert {"offline", "unauthorized"} <= set(row.remarks)
            assert row.stop_id_token == stopper.get("idTag")


@pytest.mark.quirk(35)
async def test_reservation_0_is_none(lab: Lab) -> None:
    token = await lab.token()
    async with lab.station() as station:
        assert (await start(station, token, reservationId=0))["idTagInfo"]["status"] == "Accepted"
        assert await lab.rows(Reservation, station_id=station.ref.id) == []

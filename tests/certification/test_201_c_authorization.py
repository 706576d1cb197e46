"""OCPP 2.0.1, block C: who may charge."""

import itertools
from datetime import UTC, datetime
from typing import Any

import pytest

from models import IdToken, Transaction
from tests.certification.lab import Lab
from tests.certification.station import BenchStation, Json
from tests.tenancy import LONG_AGO

_numbers = itertools.count(1)


def token_of(value: str, kind: str = "ISO14443") -> Json:
    """An idToken."""
    return {"idToken": value, "type": kind}


def group_of(value: str) -> Json:
    """A groupIdToken."""
    return token_of(value, "Central")


async def authorize(station: BenchStation, value: str, kind: str = "ISO14443") -> Json:
    """Authorize; returns what is said of the token."""
    return (await station.call("Authorize", {"idToken": token_of(value, kind)}))["idTokenInfo"]


class Session:
    """A transaction as a 2.x station tells of it."""

    def __init__(self, station: BenchStation, evse: int = 1) -> None:
        self.station = station
        self.evse = evse
        self.id = f"TX-{next(_numbers)}-{station.ref.identity}"
        self._seq_no = itertools.count()

    async def tell(self, kind: str, trigger: str, token: str | None = None, **more: Any) -> Json:
        """TransactionEvent; returns the answer. `info` is added to the transactionInfo."""
        info = {"transactionId": self.id, **more.pop("info", {})}
        payload = {"eventType": kind, "timestamp": datetime.now(UTC).isoformat(), "triggerReason": trigger}
        payload |= {"seqNo": next(self._seq_no), "transactionInfo": info}
        payload |= {"evse": {"id": self.evse, "connectorId": 1}} if kind == "Started" else {}
        payload |= {"idToken": token_of(token)} if token else {}
        return await self.station.call("TransactionEvent", payload | more)

    async def start(self, token: str, **more: Any) -> Json:
        """Started, by this token."""
        info = {"chargingState": "Charging", **more.pop("info", {})}
        return await self.tell("Started", "Authorized", token, info=info, **more)

    async def end(self, trigger: str, reason: str, token: str | None = None) -> Json:
        """Ended."""
        return await self.tell("Ended", trigger, token, info={"stoppedReason": reason})


@pytest.mark.case("TC_C_02_CSMS")
async def test_tc_c_02_invalid_by_value_or_type(lab: Lab) -> None:
    card, key_code = await lab.token(), await lab.token(value="4711", type="KeyCode")
    async with lab.station("2.0.1") as station:
        for value, kind in (("NOBODY", "ISO14443"), (card, "KeyCode"), (key_code, "ISO14443"), (lab.blue.token, "")):
            info = await authorize(station, value, kind or "ISO14443")
            assert info["status"] in ("Invalid", "Unknown")
        assert (await authorize(station, card))["status"] == "Accepted"
        assert (await authorize(station, key_code, "KeyCode"))["status"] == "Accepted"
        assert (await authorize(station, "", "NoAuthorization"))["status"] == "Accepted"


@pytest.mark.case("TC_C_06_CSMS")
async def test_tc_c_06_blocked(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        assert (await authorize(station, await lab.token(status="Blocked")))["status"] == "Blocked"


@pytest.mark.case("TC_C_07_CSMS")
async def test_tc_c_07_expired(lab: Lab) -> None:
    async with lab.station("2.0.1") as station:
        info = await authorize(station, await lab.token(expires_at=LONG_AGO))
        assert info["status"] == "Expired"
        assert datetime.fromisoformat(info["cacheExpiryDateTime"]) == LONG_AGO


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        pytest.param({}, "Accepted", marks=pytest.mark.case("TC_C_08_CSMS")),
        pytest.param({"type": "KeyCode"}, "Invalid", marks=pytest.mark.case("TC_C_20_CSMS")),
    ],
)
async def test_tc_c_08_tc_c_20_started_by_the_cache(lab: Lab, columns: Json, status: str) -> None:
    token = await lab.token(**columns)
    async with lab.station("2.0.1") as station:
        session = Session(station)
        assert (await session.start(token))["idTokenInfo"]["status"] == status
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.ocpp_id, row.id_token, row.authorization_status) == (session.id, token, status)
        if status != "Accepted":
            await session.end("Deauthorized", "DeAuthorized")
            assert not (await lab.row(Transaction, station_id=station.ref.id)).is_open


@pytest.mark.parametrize(
    "status",
    [
        pytest.param("Accepted", marks=pytest.mark.case("TC_C_37_CSMS")),
        pytest.param("Rejected", marks=pytest.mark.case("TC_C_38_CSMS")),
    ],
)
async def test_tc_c_37_tc_c_38_clear_cache(lab: Lab, status: str) -> None:
    async with lab.station("2.0.1") as station:
        asked, result = await lab.operate(station, "ClearCache", {}, {"status": status})
        assert asked.payload == {}
        assert (result.answer_status, result.succeeded) == (status, status == "Accepted")


@pytest.mark.case("TC_C_39_CSMS")
async def test_tc_c_39_two_tokens_of_a_group(lab: Lab) -> None:
    starter, stopper = await lab.token(group="FAMILY"), await lab.token(group="FAMILY")
    wanted = {"status": "Accepted", "groupIdToken": group_of("FAMILY")}
    async with lab.station("2.0.1") as station:
        session = Session(station)
        assert await authorize(station, starter) == wanted
        assert (await session.start(starter))["idTokenInfo"] == wanted
        assert await authorize(station, stopper) == wanted
        assert (await session.tell("Updated", "StopAuthorized", stopper))["idTokenInfo"] == wanted
        assert (await session.end("EVCommunicationLost", "EVDisconnected", stopper))["idTokenInfo"] == wanted
        row = await lab.row(Transaction, station_id=station.ref.id)
        assert (row.id_token, row.stop_id_token, row.is_open) == (starter, stopper, False)


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        pytest.param({}, "Accepted", marks=pytest.mark.case("TC_C_40_CSMS")),
        pytest.param({"status": "Blocked"}, "Blocked", marks=pytest.mark.case("TC_C_43_CSMS")),
    ],
)
async def test_tc_c_40_tc_c_43_a_group_on_the_local_list(lab: Lab, columns: Json, status: str) -> None:
    starter, stopper = await lab.token(group="CREW"), await lab.token(group="CREW", **columns)
    async with lab.station("2.0.1") as station:
        station.answers["GetLocalListVersion"] = {"versionNumber": 0}
        station.answers["GetVariables"] = unknown_variables
        lists: list[Json] = []
        station.answers["SendLocalList"] = lambda payload: lists.append(payload) or {"status": "Accepted"}
        ids = [(await lab.row(IdToken, value=value)).id or 0 for value in (starter, stopper)]
        assert (await lab.platform.commands.update_local_list(lab.operator, station.ref.id, ids)).succeeded
        crew = group_of("CREW")
        assert lists[0]["localAuthorizationList"] == [
            {"idToken": token_of(starter), "idTokenInfo": {"status": "Accepted", "groupIdToken": crew}},
            {"idToken": token_of(stopper), "idTokenInfo": {"status": status, "groupIdToken": crew}},
        ]
        session = Session(station)
        assert (await session.start(starter))["idTokenInfo"] == {"status": "Accepted", "groupIdToken": crew}
        answer = await session.tell("Updated", "StopAuthorized", stopper)
        assert answer["idTokenInfo"] == {"status": status, "groupIdToken": crew}
        await session.end("EVCommunicationLost", "EVDisconnected")
        assert not (await lab.row(Transaction, station_id=station.ref.id)).is_open


@pytest.mark.parametrize(
    "variant",
    [
        pytest.param("all", marks=pytest.mark.case("TC_C_47_CSMS")),
        pytest.param("chosen", marks=pytest.mark.case("TC_C_48_CSMS")),
        pytest.param("no screen", marks=pytest.mark.case("TC_C_49_CSMS")),
    ],
)
async def test_tc_c_47_to_49_master_pass(lab: Lab, variant: str) -> None:
    await lab.policy(lab.green, master_pass_group="MASTERS", allow_concurrent=False)
    master, starter, other = await lab.token(group="MASTERS"), await lab.token(), await lab.token()
    async with lab.station("2.0.1") as station:
        sessions = [Session(station, 1), Session(station, 2)]
        for session, token in zip(sessions, (starter, other), strict=True):
            await session.start(token)
        wanted = {"status": "Accepted", "groupIdToken": group_of("MASTERS")}
        assert await authorize(station, master) == wanted
        ended = sessions[:1] if variant == "chosen" else sessions
        for session, token in zip(ended, (starter, other), strict=False):
            by = token if variant == "no screen" else master
            answer = await session.end("StopAuthorized", "MasterPass", by)
            assert answer["idTokenInfo"] == (wanted if by == master else {"status": "Accepted"})
        rows = await lab.rows(Transaction, station_id=station.ref.id)
        assert [row.is_open for row in rows] == [session not in ended for session in sessions]
        assert rows[0].stop_reason == "MasterPass"
        assert rows[0].id_token == starter
        assert rows[0].stop_id_token == (starter if variant == "no screen" else master)


async def test_a_second_transaction_of_a_token_that_may_have_one(lab: Lab) -> None:
    token = await lab.token(allow_concurrent=False)
    async with lab.station("2.0.1") as here, lab.station("2.0.1") as there:
        first, second = Session(here), Session(there)
        assert (await first.start(token))["idTokenInfo"]["status"] == "Accepted"
        assert (await authorize(there, token))["status"] == "Accepted"
        at = datetime.now(UTC).isoformat()
        assert (await second.start(token, timestamp=at))["idTokenInfo"]["status"] == "ConcurrentTx"
        again = await second.start(token, timestamp=at, seqNo=0)  # repeated, under a new message id
        assert again["idTokenInfo"]["status"] == "ConcurrentTx"
        assert (await second.end("Deauthorized", "DeAuthorized", token))["idTokenInfo"]["status"] == "Accepted"
        assert (await first.end("StopAuthorized", "Local", token))["idTokenInfo"]["status"] == "Accepted"
        assert (await Session(there).start(token))["idTokenInfo"]["status"] == "Accepted"


def unknown_variables(payload: Json) -> Json:
    """A station without any limits."""
    results = [
        {"attributeStatus": "UnknownVariable", "component": data["component"], "variable": data["variable"]}
        for data in payload["getVariableData"]
    ]
    return {"getVariableResult": results}

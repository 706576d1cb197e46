"""Authorization in every version: the rules of the result (DS_30)."""

from datetime import UTC, datetime
from typing import Any

import pytest

from csms.authorization.service import create_id_token, new_token_value
from csms.commands.commands import RequestStart
from models import IdToken, Transaction
from models.scope import tenant_scope
from tests.certification.lab import Lab
from tests.certification.test_16_authorization import authorize as authorize_16
from tests.certification.test_16_authorization import start, stop
from tests.certification.test_201_c_authorization import Session, group_of
from tests.certification.test_201_c_authorization import authorize as authorize_201
from tests.tenancy import LONG_AGO

NEXT_YEAR = datetime(2099, 1, 1, tzinfo=UTC)
EXPIRY = "2099-01-01T00:00:00.000Z"


@pytest.mark.case("DS_30")
@pytest.mark.parametrize(
    ("columns", "in_16", "in_201"),
    [
        ({}, "Accepted", "Accepted"),
        ({"status": "Blocked"}, "Blocked", "Blocked"),
        ({"status": "Blocked", "expires_at": LONG_AGO}, "Blocked", "Blocked"),
        ({"expires_at": LONG_AGO}, "Expired", "Expired"),
        ({"status": "NoCredit"}, "Invalid", "NoCredit"),
        ({"location_ids": []}, "Invalid", "NotAtThisLocation"),
        ({"type": "KeyCode"}, "Accepted", "Invalid"),
        ({"type": ""}, "Accepted", "Accepted"),
    ],
)
async def test_ds_30_the_states_of_a_token(lab: Lab, columns: dict[str, Any], in_16: str, in_201: str) -> None:
    token = await lab.token(**columns)
    async with lab.station() as old, lab.station("2.0.1") as new:
        assert (await authorize_16(old, token))["status"] == in_16
        assert (await start(old, token))["idTagInfo"]["status"] == in_16
        assert (await authorize_201(new, token))["status"] == in_201
        assert (await Session(new).start(token))["idTokenInfo"]["status"] == in_201
        kept = [
            *await lab.rows(Transaction, station_id=old.ref.id),
            *await lab.rows(Transaction, station_id=new.ref.id),
        ]
        assert [row.id_token for row in kept] == [token, token]  # always recorded
        assert kept[1].authorization_status == in_201


@pytest.mark.case("DS_30")
async def test_ds_30_expiry_and_group_in_every_answer(lab: Lab) -> None:
    token = await lab.token(expires_at=NEXT_YEAR, group="DEPOT")
    wanted_16 = {"expiryDate": EXPIRY, "parentIdTag": "DEPOT", "status": "Accepted"}
    wanted = {"status": "Accepted", "cacheExpiryDateTime": EXPIRY, "groupIdToken": group_of("DEPOT")}
    async with lab.station() as old, lab.station("2.0.1") as new:
        assert await authorize_16(old, token) == wanted_16
        begun = await start(old, token)
        assert begun["idTagInfo"] == wanted_16
        assert (await stop(old, begun["transactionId"], idTag=token))["idTagInfo"] == wanted_16
        session = Session(new)
        assert await authorize_201(new, token) == wanted
        assert (await session.start(token))["idTokenInfo"] == wanted
        assert (await session.tell("Updated", "StopAuthorized", token))["idTokenInfo"] == wanted
        assert (await session.end("EVDeparted", "EVDisconnected", token))["idTokenInfo"] == wanted


@pytest.mark.case("DS_30")
async def test_ds_30_good_at_its_own_site_only(lab: Lab) -> None:
    token = await lab.token(location_ids=[lab.green.location_id])
    async with lab.station("2.0.1") as station:
        assert (await authorize_201(station, token))["status"] == "Accepted"


@pytest.mark.case("DS_30")
@pytest.mark.parametrize(("policy", "status"), [(False, "Invalid"), (True, "Accepted")])
async def test_ds_30_without_a_database(lab: Lab, monkeypatch: pytest.MonkeyPatch, policy: bool, status: str) -> None:
    token = await lab.token()
    async with lab.station() as old, lab.station("2.0.1") as new:

        async def out_of_reach() -> None:
            raise ConnectionRefusedError("the database is down")

        with monkeypatch.context() as patch:
            patch.setattr(lab.platform.database, "writing", out_of_reach)
            patch.setattr(lab.platform.settings, "authorize_without_database", policy)
            assert await authorize_16(old, token) == {"status": status}
            assert await authorize_201(new, token) == {"status": status}
            start_of_one = {"connectorId": 1, "idTag": token, "meterStart": 0, "timestamp": "2026-01-01T00:00:00Z"}
            assert await old.refused("StartTransaction", start_of_one) == "InternalError"  # kept there, asked again
        assert (await authorize_16(old, token))["status"] == "Accepted"


@pytest.mark.quirk(31)
async def test_tokens_of_our_own_making_are_short(lab: Lab) -> None:
    with tenant_scope(lab.green.id):
        token: IdToken = await lab.platform.committer.run(
            lambda work: create_id_token(work.session(), None, now=LONG_AGO, type="Central")
        )
    assert len(token.value) <= 16
    assert token.value != new_token_value()
    async with lab.station() as station:
        asking = lab.ask(station, RequestStart(1, token.value, "Central", 1))
        asked = await station.expect("RemoteStartTransaction")
        assert asked.payload["idTag"] == token.value
        await station.answer(asked, {"status": "Accepted"})
        assert (await asking).succeeded
        assert (await start(station, token.value))["idTagInfo"]["status"] == "Accepted"


@pytest.mark.quirk(31)
async def test_a_start_with_an_overlong_token_is_kept_whole(lab: Lab) -> None:
    token = "A-TOKEN-ECHOED-WITH-RUBBISH-BEHIND-IT"
    async with lab.station() as station:
        answer = await start(station, token)
        assert answer["idTagInfo"] == {"status": "Invalid"}
        row = await lab.row(Transaction, id=answer["transactionId"])
        assert row.id_token == token

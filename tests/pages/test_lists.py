"""What the lists' addresses mean, periods, words, and what keeps a composed request from being sent."""

from datetime import UTC, datetime

import pytest

from components.data_table import Query
from csms.ocpp.version import OcppVersion
from pages.operator.address import ListAddress
from pages.operator.period import period_start
from pages.operator.remarks import remark_label, remark_sentence
from pages.operator.station_request import payload_problem
from pages.operator.words import (
    boot_reason_words,
    code_in,
    connector_words,
    error_words,
    event_words,
    readable,
    stop_reason_words,
    token_type_words,
)

ADDRESS = ListAddress("/stations", sort="identity", page_size=25)


@pytest.mark.parametrize(
    ("query", "parameters"),
    [
        (Query(sort="identity"), {}),
        (Query(search="a b", sort="identity", offset=50), {"q": "a b", "page": "3"}),
        (Query(filters=frozenset({"Faulted", "Charging"}), sort="identity"), {"show": "Charging,Faulted"}),
        (Query(sort="status", descending=True), {"sort": "-status"}),
        (Query(sort="identity", descending=True), {"sort": "-identity"}),
    ],
)
def test_a_query_survives_its_address(query: Query, parameters: dict[str, str]) -> None:
    assert ADDRESS.parameters(query) == parameters
    assert ADDRESS.query(**parameters) == query


@pytest.mark.parametrize("page", ["0", "-1", "x", "١", "99999999999999999999", ""])
def test_a_page_that_makes_no_sense_is_the_first(page: str) -> None:
    assert ADDRESS.query(page=page).offset == 0


def test_a_period_begins_at_midnight_where_the_chargers_stand() -> None:
    now = datetime(2026, 3, 30, 16, 30, tzinfo=UTC)  # half past midnight of the 31st in Singapore
    assert period_start("today", now, "Asia/Singapore") == datetime(2026, 3, 30, 16, 0, tzinfo=UTC)
    assert period_start("today", now, "Europe/Berlin") == datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
    # Two days before lies before the change to summer time.
    assert period_start("week", now, "Europe/Berlin") == datetime(2026, 3, 23, 23, 0, tzinfo=UTC)
    assert period_start("", now, "Europe/Berlin") is None


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('{"type": "Soft"}', None),
        ('{"type": ', "Line 1"),
        ("[]", "must be an object"),
        ("{}", "type is required"),
        ('{"type": "Gentle"}', "not one of the allowed values"),
        ('{"type": "Soft", "extra": 1}', "extra is not a known field"),
    ],
)
def test_a_payload_is_judged_in_words(text: str, problem: str | None) -> None:
    said = payload_problem(OcppVersion.V16, "Reset", text)
    assert (problem is None and said is None) or (problem is not None and said is not None and problem in said)


def test_only_requests_to_a_station_can_be_composed() -> None:
    assert "has no request BootNotification" in (payload_problem(OcppVersion.V201, "BootNotification", "{}") or "")
    assert payload_problem(OcppVersion.V16, "", "{}") == "Choose an action."


def test_unknown_terms_come_back_readable() -> None:
    assert readable("EVConnectTimeout") == "Ev connect timeout"
    assert stop_reason_words("SomethingNew") == "Something new"
    assert stop_reason_words(None) == "The station gave no reason"
    assert error_words("GroundFailure", "E-0104").endswith("code E-0104")
    assert error_words("") == ""
    assert remark_label("meter_on_fire") == "Meter on fire"
    assert remark_sentence("meter_on_fire") == ""
    assert [connector_words(0), connector_words(2), connector_words(2, 3)] == [
        "Station",
        "Connector 2",
        "EVSE 2, connector 3",
    ]


def test_codes_of_the_protocol_are_said_in_words() -> None:
    text = "Connector 1 is out of order: PowerSwitchFailure, vendor code E-0120"
    assert event_words(text) == "Connector 1 is out of order: the power contactor does not switch, vendor code E-0120"
    assert (code_in(text), code_in("Connection lost")) == ("PowerSwitchFailure", "")
    assert event_words("Connection lost: MyOtherErrors") == "Connection lost: MyOtherErrors"
    assert [boot_reason_words("PowerUp"), boot_reason_words("NewReason")] == ["power came on", "new reason"]
    assert [token_type_words("ISO14443"), token_type_words("NewType")] == ["RFID card", "New type"]

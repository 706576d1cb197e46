"""What a station can do, worked out from what it says of itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.stations.availability import fulfilment_of
from csms.stations.capabilities import Reading, capabilities_of
from csms.stations.limits import DEFAULT_ITEMS, Known, MessageLimits, limits_of
from csms.stations.steering import doubtful_settings
from csms.stations.values import list_in, number_in, rate_units_in, tidy_value, truth_in

texts = st.none() | st.text(max_size=20)


@given(texts)
def test_any_value_is_read_without_harm(value: str | None) -> None:
    number = number_in(value)
    assert number is None or number >= 0
    assert truth_in(value) in (None, True, False)
    assert all(word == tidy_value(word) for word in list_in(value))
    assert set(rate_units_in(value)) <= {"A", "W"}


@pytest.mark.quirk(25, 27)
@pytest.mark.parametrize(
    ("value", "number", "units"),
    [(" '30' ", 30, []), ('"W"', None, ["W"]), ("Power,Current", None, ["A", "W"]), ("", None, []), ("-1", None, [])],
)
def test_quirk_25_27_untidy_values(value: str, number: int | None, units: list[str]) -> None:
    assert (number_in(value), rate_units_in(value)) == (number, units)


readings = st.builds(
    Reading,
    st.sampled_from(["", "EVSE", "Connector", "OCPPCommCtrlr", "SmartChargingCtrlr", "DeviceDataCtrlr"]),
    st.sampled_from(["Available", "ItemsPerMessage", "RateUnit", "SupportedFeatureProfiles", "NumberOfConnectors"]),
    texts,
    st.sampled_from(["", "GetVariables"]),
    st.integers(0, 4),
    st.integers(0, 3),
)


@pytest.mark.quirk(28, 65)
@given(st.sampled_from(["1.6", "2.0.1", "2.1"]), st.lists(readings, max_size=20))
def test_whatever_is_told_capabilities_come_of_it(version: str, told: list[Reading]) -> None:
    found = capabilities_of(version, told)
    assert found["profiles"] is None or found["profiles"]
    assert all(limit >= 0 for limit in found["limits"].values())
    assert all(sorted(set(connectors)) == connectors for connectors in found["evses"].values())


def test_ds_63_missing_controllers_are_named() -> None:
    told = [Reading("OCPPCommCtrlr", "Enabled", "true"), Reading("ReservationCtrlr", "Available", "False")]
    found = capabilities_of("2.0.1", told, ["TxCtrlr", "ReservationCtrlr"])
    assert "ClockCtrlr" in found["missing"]
    assert "TxCtrlr" not in found["missing"]
    assert found["profiles"] == ["Core"]


def test_ds_64_limits_are_found_by_action() -> None:
    known = [
        Known("ItemsPerMessage", "GetVariables", "4"),
        Known("BytesPerMessage", "getvariables", " 2000"),
        Known("ItemsPerMessage", "SetVariables", "nonsense"),
        Known("GetConfigurationMaxKeys", "", "7"),
    ]
    assert limits_of("GetVariables", known) == MessageLimits(4, 2000)
    assert limits_of("SetVariables", known) == MessageLimits(DEFAULT_ITEMS)
    assert limits_of("GetConfiguration", known) == MessageLimits(7)
    assert limits_of("GetVariables", []) == MessageLimits(DEFAULT_ITEMS)


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 0),
        ({"TxCtrlr.TxStopPoint": "EVConnected,Authorized"}, 0),
        ({"TxCtrlr.TxStopPoint": "EnergyTransfer"}, 1),
        ({"TxCtrlr.TxStartPoint": "ParkingBayOccupancy", "TxCtrlr.TxStopPoint": "EVConnected"}, 1),
        ({"StopTransactionOnInvalidId": "false"}, 1),
        ({"StopTransactionOnInvalidId": "false", "MaxEnergyOnInvalidId": "500"}, 0),
        ({"OCPPCommCtrlr.MessageAttempts[TransactionEvent]": "0"}, 1),
        ({"TransactionMessageAttempts": "3"}, 0),
    ],
)
def test_ds_65_doubtful_settings(values: dict[str, str], count: int) -> None:
    assert len(doubtful_settings(values)) == count


@pytest.mark.parametrize(
    ("operative", "scheduled", "statuses", "word"),
    [
        (False, False, ["Unavailable", "Faulted"], "done"),
        (False, True, ["Unavailable", "Occupied"], "pending"),
        (False, False, ["Available"], "differs"),
        (True, False, ["Available", "Occupied"], "done"),
        (True, False, ["Available", "Unavailable"], "differs"),
        (True, False, [], "differs"),
    ],
)
def test_g_03_a_wish_is_compared_with_what_is_reported(
    operative: bool, scheduled: bool, statuses: list[str], word: str
) -> None:
    assert fulfilment_of(operative, scheduled, statuses) == word

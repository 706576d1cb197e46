"""Meter values read into moments (DS_01 to DS_09, quirks 52 to 57), and never an exception."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from csms.transactions.meter import Moment, read_meter_values

AT = "2026-01-01T08:00:00Z"
NOW = datetime(2026, 1, 1, 8, tzinfo=UTC)


def read(*samples: Any, at: Any = AT) -> Moment:
    [moment] = read_meter_values([{"timestamp": at, "sampledValue": list(samples)}], NOW)
    return moment


def test_one_moment_holds_the_usual_measurands_of_1_6():
    moment = read(
        {"value": "1234567", "unit": "Wh"},
        {"value": "7.36", "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "32", "measurand": "Power.Offered", "unit": "W"},
        {"value": "16.1", "measurand": "Current.Import", "phase": "L2", "unit": "A"},
        {"value": "32", "measurand": "Current.Offered"},
        {"value": "230.5", "measurand": "Voltage", "phase": "L3-N", "unit": "V"},
        {"value": "400", "measurand": "Voltage", "unit": "V"},
        {"value": "55", "measurand": "SoC", "unit": "Percent", "location": "EV"},
        {"value": "50.01", "measurand": "Frequency"},
        {"value": "12", "measurand": "Energy.Active.Import.Interval", "unit": "Wh"},
        {"value": "3", "measurand": "Energy.Active.Export.Register", "unit": "kWh"},
    )
    expected = Moment(
        NOW,
        energy_wh=1_234_567,
        power_w=7360.0,
        power_offered_w=32.0,
        current_l2_a=16.1,
        current_offered_a=32.0,
        voltage_l3_v=230.5,
        voltage_v=400.0,
        soc_percent=55.0,
        frequency_hz=50.01,
        energy_interval_wh=12,
        energy_export_wh=3000,
    )
    assert moment == expected


def test_2_x_numbers_have_units_and_multipliers():
    moment = read(
        {"value": 12.345, "unitOfMeasure": {"unit": "kWh"}},
        {"value": 7, "measurand": "Power.Active.Import", "unitOfMeasure": {"unit": "W", "multiplier": 3}},
    )
    assert (moment.energy_wh, moment.power_w) == (12_345, 7000.0)
    assert read({"value": 5, "unitOfMeasure": {"multiplier": 2}}).energy_wh == 500


@pytest.mark.parametrize(
    ("text", "unit", "energy_wh"),
    [
        ("12345", "Wh", 12_345),
        ("12.345", "kWh", 12_345),
        ("0.0005", "kWh", 1),
        ("4.10", "Wh", 4),
        ("12,5", "kWh", 12_500),
        ("1e3", "Wh", 1000),
        (" 5 ", "Wh", 5),
        ("-3", "Wh", -3),
        ("7", "", 7),
        ("7", None, 7),
        (8.0, "Wh", 8),
        ("99999999999999", "Wh", 99_999_999_999_999),
    ],
)
def test_energy_is_read_exactly(text: Any, unit: str | None, energy_wh: int):
    assert read({"value": text, "unit": unit}).energy_wh == energy_wh


@pytest.mark.parametrize("value", ["", "abc", "NaN", "Infinity", "1e999999", "9" * 5000, None, True, [], {}])
def test_what_cannot_be_read_is_kept_as_sent(value: Any):
    for measurand in ("Energy.Active.Import.Register", "Voltage"):
        sample = {"value": value, "measurand": measurand}
        if value is True and measurand == "Voltage":
            continue
        moment = read(sample)
        assert moment == Moment(NOW, other=[sample])


@pytest.mark.parametrize(
    ("unit", "celsius"), [("Celsius", 20), ("Celcius", 20), (None, 20), ("Fahrenheit", -6.67), ("K", -253.15)]
)
def test_temperature_in_any_unit_is_celsius(unit: str | None, celsius: float):
    assert read({"value": "20", "measurand": "Temperature", "unit": unit}).temperature_c == pytest.approx(celsius, 0.01)


@pytest.mark.parametrize(("measurand", "unit"), [("Current.Import", "Amp"), ("Voltage", "Volt")])
def test_units_of_1_5_are_understood(measurand: str, unit: str):
    assert read({"value": "1", "measurand": measurand, "unit": unit}).other is None


def test_phases_add_up_only_where_no_sum_was_sent():
    phases = [{"value": v, "measurand": "Power.Active.Import", "phase": p} for p, v in (("L1", "10"), ("L2-N", "20"))]
    alone = read(*phases)
    assert (alone.power_w, alone.other) == (30.0, phases)
    with_sum = read(*phases, {"value": "35", "measurand": "Power.Active.Import"})
    assert with_sum.power_w == 35.0


def test_neutral_and_line_to_line_do_not_overwrite():
    samples = [{"value": "1", "measurand": "Voltage", "phase": phase} for phase in ("N", "L1-L2")]
    assert read(*samples) == Moment(NOW, other=samples)


def test_the_outlet_is_what_an_evse_delivers():
    inlet = {"value": "900", "location": "Inlet"}
    assert read(inlet, {"value": "100", "location": "Outlet"}).energy_wh == 100
    assert read(inlet).energy_wh == 900


def test_net_energy_stands_in_for_the_register():
    net = {"value": 5, "measurand": "Energy.Active.Net"}
    assert read(net).energy_wh == 5
    assert read(net, {"value": 7}).energy_wh == 7


def test_signed_data_is_kept_byte_for_byte():
    blob = {"value": "OCMF|{}|{}", "format": "SignedData"}
    assert read(blob) == Moment(NOW, other=[blob])
    signed = {"value": 5, "signedMeterValue": {"signedMeterData": "AAEC"}}
    assert read(signed) == Moment(NOW, energy_wh=5, other=[signed])


def test_contexts_and_times_make_moments_of_their_own():
    values = [
        {"timestamp": AT, "sampledValue": [{"value": "1"}, {"value": "1", "context": "Sample.Clock"}]},
        {"timestamp": "2026-01-01T08:00:10Z", "sampledValue": [{"value": "2"}]},
        {"timestamp": AT, "sampledValue": [{"value": "3", "measurand": "SoC"}]},
    ]
    moments = read_meter_values(values, NOW)
    assert [(moment.context, moment.energy_wh, moment.soc_percent) for moment in moments] == [
        ("Sample.Periodic", 1, 3.0),
        ("Sample.Clock", 1, None),
        ("Sample.Periodic", 2, None),
    ]


@pytest.mark.parametrize("at", [None, "", "yesterday", "1970-01-01T00:00:00Z", "2031-01-01T00:00:00Z", 5])
def test_an_unbelievable_time_is_the_time_of_arrival(at: Any):
    assert read({"value": "1"}, at=at).sampled_at == NOW


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["value", "unit", "phase", "measurand", "context", "x"]), inner, max_size=4)
    ),
    max_leaves=8,
)
samples = st.fixed_dictionaries(
    {},
    optional={
        "value": json_values,
        "measurand": st.sampled_from(["Energy.Active.Import.Register", "SoC", "Power.Active.Import"]) | json_values,
        "phase": st.sampled_from(["L1", "L1-N", "N"]) | json_values,
        "unit": st.sampled_from(["Wh", "kWh", "W"]) | json_values,
        "unitOfMeasure": st.fixed_dictionaries({}, optional={"unit": json_values, "multiplier": json_values}),
        "context": st.sampled_from(["Sample.Clock", "Other"]) | json_values,
        "location": json_values,
        "format": json_values,
    },
)
meter_values = st.lists(
    st.fixed_dictionaries({"timestamp": json_values, "sampledValue": st.lists(samples, max_size=4)}), max_size=3
)


@given(meter_values | json_values)
def test_nothing_a_station_sends_raises(values: Any):
    for moment in read_meter_values(values, NOW):
        assert isinstance(moment.context, str)
        for column in ("energy_wh", "energy_interval_wh"):
            number = getattr(moment, column)
            assert number is None or (type(number) is int and abs(number) < 10**15)
        assert moment.power_w is None or abs(moment.power_w) < 1e13

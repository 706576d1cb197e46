"""What was odd about a session, as a short label and as a sentence that says what it means for energy and price."""

from typing import Final

from pages.operator.words import readable

_REMARKS: Final[dict[str, tuple[str, str]]] = {
    "offline": (
        "Recorded offline",
        "The station had no connection for a while and told of it afterwards; energy and times are its own record.",
    ),
    "partial_start": (
        "Start missing",
        "The first message that arrived was from the middle of the session; what was before it is not known.",
    ),
    "seq_gap": ("Messages missing", "Numbers in the station's messages are missing; some of them have not arrived."),
    "meter_went_back": (
        "Meter went back",
        "The meter counted less than before; only what it counted forward is charged for.",
    ),
    "meter_jumped": ("Meter jumped", "The meter counted more than the connector can deliver; the jump is left out."),
    "meter_negative": (
        "Meter below zero",
        "The meter stood below zero at the start; the session counts from what came after.",
    ),
    "connector_unknown": (
        "No connector",
        "The start named no possible connector; the session is kept with the station alone.",
    ),
    "meter_recovered": (
        "Meter recovered",
        "The meter fell back and then went on from its old count; the energy is what it counted in all.",
    ),
    "samples_from_zero": (
        "Counted from zero",
        "The station's samples count from zero in each session, its start and stop by the meter; both were understood.",
    ),
    "conflicting_end": ("Two ends", "The station told two different ends; the first one holds."),
    "conflicting_start": ("Two starts", "The station told two different starts; the first one holds."),
    "closed_by_operator": (
        "Closed by hand",
        "Its end never arrived; it was closed at the last that was heard. If the end comes after all, that holds.",
    ),
    "placed_by_operator": ("Repaired", "A message that could not be placed was given to this session by hand."),
    "recorded_by_operator": ("Recorded by hand", "Only its stop arrived; the session was recorded from that."),
    "meter_gap": ("Meter moved on", "The meter counted on between the session before and this one."),
    "unit_doubtful": (
        "Unit in doubt",
        "Energy or power seems to be in another unit than the station says; nothing was changed.",
    ),
    "ended_before_start": (
        "Clock was wrong",
        "By the station's clock it ended before it began; the length is taken as zero.",
    ),
    "energy_mismatch": (
        "Energy disagrees",
        "Samples and meter readings disagree by more than 1 %; the readings at start and stop are used.",
    ),
    "cost_mismatch": (
        "Cost disagrees",
        "The station calculated another price, by more than a cent; ours holds. Check the tariff that it holds.",
    ),
    "cost_not_calculated": (
        "Station could not calculate",
        "The station could not work out the price itself, and the driver may have seen none; ours holds.",
    ),
    "evse_changed": ("EVSE changed", "The station named another EVSE in the middle of the session."),
    "superseded": (
        "Not ended",
        "A newer session began at the connector while this one was still open; its stop has not arrived.",
    ),
    "placed_by_guess": (
        "Stop matched",
        "The stop named no known session; it was matched by connector, token and meter.",
    ),
    "clock_wrong": ("Clock was wrong", "The station's clock was not set; the time of arrival is used instead."),
    "unauthorized": ("Not authorized", "Energy flowed although the token was not accepted."),
}


def remark_label(remark: str) -> str:
    """Two or three words for a table."""
    return _REMARKS[remark][0] if remark in _REMARKS else readable(remark)


def remark_sentence(remark: str) -> str:
    """What it means; empty for a remark that has no more to say than its label."""
    return _REMARKS[remark][1] if remark in _REMARKS else ""

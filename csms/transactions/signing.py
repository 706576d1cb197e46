"""Whether a meter has signed the register of a moment (DS_08, DS_11)."""

from typing import Any, cast

from csms.transactions.meter import Moment


def is_signed(moment: Moment) -> bool:
    """Whether the register of this moment was signed, number and signature in one sample (2.x)."""
    return any(_signs_register(sample) for sample in moment.other or ())


def _signs_register(sample: Any) -> bool:
    if not isinstance(sample, dict):
        return False
    told = cast(dict[str, Any], sample)
    is_register = told.get("measurand", "Energy.Active.Import.Register") == "Energy.Active.Import.Register"
    return is_register and "value" in told and bool(told.get("signedMeterValue"))

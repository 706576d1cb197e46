"""How much was delivered, followed sample by sample: registers first, else intervals, else power over time (DS_11)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from csms.quick import quick
from csms.transactions.meter import Moment

COUNTING = frozenset(
    (
        "Sample.Periodic",
        "Sample.Clock",
        "Transaction.Begin",
        "Transaction.End",
        "Interruption.Begin",
        "Interruption.End",
    )
)
"""Contexts that move energy. Trigger and Other are somebody's question and never bill (DS_06)."""

SIGNED, REGISTERS, SAMPLES, INTERVALS, POWER = "signed", "registers", "samples", "intervals", "power"
"""Sources of a transaction's energy, best first: begin and end register, signed by the meter or not; samples between;
summed; integrated."""

MAX_POWER_W = 1_500_000
"""More than any EVSE delivers."""
SLACK_WH = 1000
DOUBTED_WH = 2500
"""A register that has hardly moved while power tells of so much is in another unit; the coarsest counts kWh."""
LARGEST_SESSION_WH = 200_000
"""More than a vehicle's battery holds; a first sample above it is a meter's life, not a session counted from zero."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Where a register stood before it broke off, in case it comes back as if nothing had been."""

    register_wh: int
    energy_wh: int


@quick
@dataclass(frozen=True, slots=True)
class Progress:
    """How far the energy of a transaction has come, as of the newest sample that counted."""

    energy_wh: int = 0
    register_wh: int | None = None
    at: datetime | None = None
    power_w: float | None = None
    soc_percent: float | None = None
    source: str = ""
    estimated: bool = False
    remainder_wh: float = 0.0
    """What integration has not yet made a whole watt-hour of; beside a register, what power tells and it does not."""
    drop: Drop | None = None
    remark: str | None = None
    """What was odd about the newest step."""


def measured(progress: Progress, moment: Moment, start_wh: int | None, started_at: datetime) -> Progress:
    """`progress` after `moment`. A moment not newer than the last one changes nothing: it was counted, or came late."""
    if progress.at is not None and moment.sampled_at <= progress.at:
        return progress
    if moment.context not in COUNTING:
        return _shown(progress, moment)
    if moment.energy_wh is not None:
        return _by_register(progress, moment, moment.energy_wh, start_wh, started_at)
    if progress.register_wh is not None:
        return _shown(progress, moment)
    if moment.energy_interval_wh is not None:
        energy_wh = progress.energy_wh + max(0, moment.energy_interval_wh)
        return _next(progress, moment, energy_wh, INTERVALS)
    if moment.power_w is not None and progress.source in ("", POWER):
        return _by_power(progress, moment, moment.power_w)
    return _shown(progress, moment)


def _shown(progress: Progress, moment: Moment) -> Progress:
    """Power and state of charge are news even where energy is not said."""
    if moment.power_w is None and moment.soc_percent is None:
        return progress
    power_w = progress.power_w if moment.power_w is None else moment.power_w
    soc_percent = progress.soc_percent if moment.soc_percent is None else moment.soc_percent
    return replace(progress, power_w=power_w, soc_percent=soc_percent, remark=None)


def _next(
    progress: Progress,
    moment: Moment,
    energy_wh: int,
    source: str,
    *,
    register_wh: int | None = None,
    power_w: float | None = None,
    estimated: bool | None = None,
    remainder_wh: float = 0.0,
    drop: Drop | None = None,
    remark: str | None = None,
) -> Progress:
    soc_percent = progress.soc_percent if moment.soc_percent is None else moment.soc_percent
    return Progress(
        energy_wh,
        register_wh,
        moment.sampled_at,
        moment.power_w if moment.power_w is not None else power_w,
        soc_percent,
        source,
        progress.estimated if estimated is None else estimated,
        remainder_wh,
        drop,
        remark,
    )


def _by_register(
    progress: Progress, moment: Moment, register_wh: int, start_wh: int | None, started_at: datetime
) -> Progress:
    if progress.register_wh is None:
        return _first_register(progress, moment, register_wh, start_wh, started_at)
    step_wh = register_wh - progress.register_wh
    elapsed = moment.sampled_at - (progress.at or started_at)
    if (step_wh < 0 or step_wh > SLACK_WH + most_wh(elapsed)) and progress.drop is not None:
        since_drop_wh = register_wh - progress.drop.register_wh
        if since_drop_wh >= 0 and not is_absurd(since_drop_wh, moment.sampled_at - started_at):
            return _recovered(progress, moment, register_wh, progress.drop.energy_wh + since_drop_wh, start_wh)
    if step_wh < 0:
        return _broke_off(progress, moment, register_wh, progress.register_wh, "meter_went_back")
    if is_absurd(step_wh, elapsed):
        return _broke_off(progress, moment, register_wh, progress.register_wh, "meter_jumped")
    power_w, mean_w = moment.power_w, _mean_power(step_wh, elapsed)
    expected_wh, remark = 0.0, None
    if power_w is not None and mean_w is not None and not power_w <= mean_w * 100 <= power_w * 10_000:
        expected_wh, remark = _doubted(progress, power_w, mean_w, elapsed)
    return _next(
        progress,
        moment,
        progress.energy_wh + step_wh,
        SAMPLES,
        register_wh=register_wh,
        power_w=mean_w,
        remainder_wh=expected_wh,
        drop=progress.drop,
        remark=remark,
    )


def _doubted(progress: Progress, power_w: float, mean_w: float, elapsed: timedelta) -> tuple[float, str | None]:
    """What power says was delivered since the register last agreed with it, and the remark when it never will (DS_04).

    Off by a thousand, one of the two is in another unit than it says. A coarse register catches up; a car may pause.
    """
    before_w = progress.power_w or power_w
    if mean_w > power_w:
        most_w = max(before_w, power_w)
        return 0.0, "unit_doubtful" if most_w >= 1 and 300 * most_w <= mean_w <= 3000 * most_w else None
    expected_wh = progress.remainder_wh + min(before_w, power_w) * elapsed.total_seconds() / 3600
    return expected_wh, "unit_doubtful" if expected_wh >= DOUBTED_WH else None


def _recovered(progress: Progress, moment: Moment, register_wh: int, energy_wh: int, start_wh: int | None) -> Progress:
    """It had only read nonsense for a while: the register goes on from where it was before it broke off."""
    if start_wh is not None:  # which may have become known only after that
        energy_wh = max(energy_wh, register_wh - start_wh)
    remark = "meter_recovered"
    return _next(progress, moment, energy_wh, SAMPLES, register_wh=register_wh, estimated=False, remark=remark)


def _first_register(
    progress: Progress, moment: Moment, register_wh: int, start_wh: int | None, started_at: datetime
) -> Progress:
    if start_wh is None:  # what came before is not known, but for what power and intervals told
        return _next(progress, moment, progress.energy_wh, SAMPLES, register_wh=register_wh)
    if is_absurd(register_wh - start_wh, moment.sampled_at - started_at):
        return _broke_off(progress, moment, register_wh, start_wh, "meter_jumped")
    if register_wh >= start_wh:
        return _next(progress, moment, register_wh - start_wh, SAMPLES, register_wh=register_wh, estimated=False)
    if 0 <= register_wh <= min(LARGEST_SESSION_WH, SLACK_WH + most_wh(moment.sampled_at - started_at)):
        # Samples count from zero in each session while start and stop are cumulative (quirks 49, 50).
        remark = "samples_from_zero"
        return _next(progress, moment, register_wh, SAMPLES, register_wh=register_wh, remark=remark)
    return _broke_off(progress, moment, register_wh, start_wh, "meter_went_back")


def _broke_off(progress: Progress, moment: Moment, register_wh: int, from_wh: int, remark: str) -> Progress:
    """A new stretch begins at the register as it is now; what was counted stays (DS_10)."""
    return _next(
        progress,
        moment,
        progress.energy_wh,
        SAMPLES,
        register_wh=register_wh,
        estimated=True,
        drop=progress.drop or Drop(from_wh, progress.energy_wh),
        remark=remark,
    )


def _by_power(progress: Progress, moment: Moment, power_w: float) -> Progress:
    if progress.at is None or progress.power_w is None:
        return _next(progress, moment, progress.energy_wh, POWER, estimated=True)
    hours = (moment.sampled_at - progress.at).total_seconds() / 3600
    delivered_wh = max(0.0, (progress.power_w + power_w) / 2 * hours) + progress.remainder_wh
    whole = int(delivered_wh)
    return _next(progress, moment, progress.energy_wh + whole, POWER, estimated=True, remainder_wh=delivered_wh - whole)


def most_wh(elapsed: timedelta) -> int:
    """The most that could have been delivered in `elapsed`."""
    return int(max(0.0, elapsed.total_seconds()) * MAX_POWER_W / 3600)


def is_absurd(step_wh: int, elapsed: timedelta) -> bool:
    """Whether a register cannot have risen so far: it is left out. Generous, for clocks are wrong more often."""
    return step_wh > LARGEST_SESSION_WH and step_wh > most_wh(elapsed)


def _mean_power(step_wh: int, elapsed: timedelta) -> float | None:
    """Power as the register tells it, for stations that do not say it (quirk 56)."""
    seconds = elapsed.total_seconds()
    return round(step_wh * 3600 / seconds, 1) if seconds > 0 else None

"""When cars come, how long they stay: rush hours for AC, a broad day for DC, quiet nights."""

import random
from datetime import datetime, timedelta

_LOOK_AGAIN = timedelta(minutes=20)
_NIGHT_SHARE_OF_A_LIVELY_DEMO = 0.5

# Relative arrivals per hour of the local day; each row averages about 1.
_AC_WEEKDAY = (
    0.1,
    0.1,
    0.1,
    0.1,
    0.1,
    0.3,
    0.9,
    2.4,
    2.8,
    1.5,
    0.8,
    0.8,
    1.1,
    1.0,
    0.8,
    0.9,
    1.5,
    2.6,
    2.7,
    1.7,
    0.9,
    0.5,
    0.3,
    0.2,
)
_AC_WEEKEND = (
    0.2,
    0.1,
    0.1,
    0.1,
    0.1,
    0.1,
    0.2,
    0.4,
    0.9,
    1.5,
    1.9,
    1.9,
    1.7,
    1.6,
    1.6,
    1.6,
    1.5,
    1.4,
    1.3,
    1.0,
    0.8,
    0.6,
    0.4,
    0.3,
)
_DC_ANY_DAY = (
    0.2,
    0.1,
    0.1,
    0.1,
    0.2,
    0.4,
    0.8,
    1.2,
    1.3,
    1.3,
    1.4,
    1.5,
    1.6,
    1.5,
    1.5,
    1.6,
    1.8,
    2.0,
    1.8,
    1.4,
    1.0,
    0.7,
    0.5,
    0.3,
)


def arrivals_weight(local: datetime, *, dc: bool) -> float:
    """How busy this local hour is compared with the day's mean."""
    if dc:
        return _DC_ANY_DAY[local.hour]
    return (_AC_WEEKEND if local.weekday() >= 5 else _AC_WEEKDAY)[local.hour]


def next_arrival(
    rng: random.Random, now: datetime, local: datetime, cars_per_day: float, speed: float, *, dc: bool
) -> tuple[datetime, bool]:
    """When to look next, and whether a car comes then: arrivals are a Poisson process whose rate follows the day.

    A sped-up life is a demo, and a demo at night still shows something.
    """
    weight = arrivals_weight(local, dc=dc)
    if speed > 1:
        weight = max(weight, _NIGHT_SHARE_OF_A_LIVELY_DEMO)
    per_second = max(1e-9, weight * cars_per_day * speed / 86_400)
    gap = timedelta(seconds=min(86_400.0, rng.expovariate(per_second)))
    horizon = _LOOK_AGAIN / speed
    return (now + gap, True) if gap <= horizon else (now + horizon, False)


def stay_s(rng: random.Random, speed: float, *, dc: bool) -> float:
    """Seconds a car stays: hours on AC, about half an hour on DC; a sped-up life keeps some minutes at least."""
    usual_s, spread, least_s = (1_700.0, 0.35, 480.0) if dc else (10_800.0, 0.6, 420.0)
    stay = min(43_200.0, max(600.0, rng.lognormvariate(0, spread) * usual_s))
    return max(least_s * rng.uniform(0.85, 1.7), stay / speed) if speed > 1 else stay

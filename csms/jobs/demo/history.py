"""Past weeks of charging at one EVSE, as a random but repeatable tale: rush hours, weekends, growth."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from csms.jobs.demo.scenery import Hardware

WEEKS = 7
_CARS_PER_DAY = {"AC": 2.6, "DC": 5.2}
_GROWTH_FROM = 0.72
"""Share of today's business seven weeks ago."""

# Relative arrivals per hour of the local day.
_AC_WEEKDAY = (1, 1, 1, 1, 1, 3, 9, 24, 28, 15, 8, 8, 11, 10, 8, 9, 15, 26, 27, 17, 9, 5, 3, 2)
_AC_WEEKEND = (2, 1, 1, 1, 1, 1, 2, 4, 9, 15, 19, 19, 17, 16, 16, 16, 15, 14, 13, 10, 8, 6, 4, 3)
_DC_ANY_DAY = (2, 1, 1, 1, 2, 4, 8, 12, 13, 13, 14, 15, 16, 15, 15, 16, 18, 20, 18, 14, 10, 7, 5, 3)


@dataclass(frozen=True, slots=True)
class PastSession:
    """One session. Power flowed for the first `charging_s` seconds of it."""

    started_at: datetime
    duration_s: int
    charging_s: int
    energy_wh: int
    token: str
    stop_reason: str
    soc_from: float
    soc_to: float

    @property
    def ended_at(self) -> datetime:
        """When it was stopped."""
        return self.started_at + timedelta(seconds=self.duration_s)


def past_sessions(
    rng: random.Random,
    hardware: Hardware,
    popularity: float,
    tokens: Sequence[str],
    time_zone: str,
    now: datetime,
) -> list[PastSession]:
    """Sessions of the past weeks at one EVSE, oldest first, one after the other, all over before `now`."""
    sessions: list[PastSession] = []
    free_from = now - timedelta(weeks=WEEKS)
    for arrival in _arrivals(rng, hardware, popularity, ZoneInfo(time_zone), now):
        if arrival < free_from:
            continue
        session = _session(rng, hardware, arrival, rng.choice(tokens))
        if session.ended_at > now - timedelta(minutes=3):
            break
        sessions.append(session)
        free_from = session.ended_at + timedelta(minutes=rng.uniform(2, 12))
    return sessions


def _arrivals(
    rng: random.Random, hardware: Hardware, popularity: float, zone: ZoneInfo, now: datetime
) -> Iterator[datetime]:
    days = WEEKS * 7
    today = now.astimezone(zone).date()
    for age in range(days, -1, -1):
        day = today - timedelta(days=age)
        is_weekend = day.weekday() >= 5
        growth = _GROWTH_FROM + (1 - _GROWTH_FROM) * (days - age) / days
        mean = _CARS_PER_DAY[hardware.current_type] * popularity * growth * (0.75 if is_weekend else 1.08)
        weights = _DC_ANY_DAY if hardware.is_dc else (_AC_WEEKEND if is_weekend else _AC_WEEKDAY)
        hours = rng.choices(range(24), weights, k=max(0, round(rng.gauss(mean, mean**0.5))))
        for seconds in sorted(hour * 3600 + rng.randrange(3600) for hour in hours):
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            yield (midnight + timedelta(seconds=seconds)).astimezone(UTC)


def _session(rng: random.Random, hardware: Hardware, started_at: datetime, token: str) -> PastSession:
    battery_wh = rng.choice((37_000, 52_000, 58_000, 77_000, 77_000, 82_000, 93_000))
    soc_from = min(70.0, max(6.0, rng.gauss(34, 14)))
    soc_to = rng.choice((80.0, 80.0, 90.0, 100.0)) if not hardware.is_dc else min(96.0, max(50.0, rng.gauss(79, 7)))
    mean_w = _mean_power_w(rng, hardware)
    wanted_wh = max(1_500.0, battery_wh * (max(soc_to, soc_from + 8) - soc_from) / 100)
    stay_s = _stay_s(rng, hardware, wanted_wh / mean_w * 3600)
    charging_s = int(min(stay_s, wanted_wh / mean_w * 3600))
    energy_wh = int(mean_w * charging_s / 3600)
    return PastSession(
        started_at=started_at,
        duration_s=int(stay_s),
        charging_s=charging_s,
        energy_wh=energy_wh,
        token=token,
        stop_reason=rng.choices(("Local", "EVDisconnected", "Remote", "Other"), (64, 28, 7, 1))[0],
        soc_from=round(soc_from),
        soc_to=round(min(100.0, soc_from + 100 * energy_wh * 0.95 / battery_wh)),
    )


def _mean_power_w(rng: random.Random, hardware: Hardware) -> float:
    if hardware.is_dc:
        car_w = rng.choice((50_000, 85_000, 120_000, 135_000, 220_000, 268_000))
        return min(hardware.max_power_w * 0.94, car_w * rng.uniform(0.52, 0.66))
    car_w = rng.choices((3_600, 7_200, 11_000, 22_000), (12, 26, 52, 10))[0]
    return min(hardware.max_power_w, car_w) * rng.uniform(0.93, 0.985)


def _stay_s(rng: random.Random, hardware: Hardware, wanted_s: float) -> float:
    """On DC drivers wait for the car; on AC the car waits for its driver, or is fetched before it is full."""
    if hardware.is_dc:
        return max(240.0, wanted_s * rng.uniform(0.85, 1.0) + rng.uniform(20, 240))
    return min(43_200.0, max(900.0, rng.lognormvariate(0, 0.55) * 9_800))

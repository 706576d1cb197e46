"""The power curve of a past session, and the meter values it would have left."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from csms.jobs.demo.history import PastSession
from csms.jobs.demo.scenery import Hardware

_DC_SHAPE = ((0.0, 0.0), (0.03, 1.0), (0.45, 0.97), (0.75, 0.62), (1.0, 0.28))
_AC_SHAPE = ((0.0, 0.0), (0.005, 1.0), (0.94, 1.0), (1.0, 0.35))
"""Share of the session's peak power by share of its charging time."""


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What the meter showed at one moment; energy since the start of the session."""

    at: datetime
    energy_wh: int
    power_w: float
    soc_percent: float | None


def curve_of(session: PastSession, hardware: Hardware, interval_s: int, most_points: int) -> list[CurvePoint]:
    """Points every `interval_s` seconds, or as far apart as `most_points` makes them; the last is at the end.

    Energy is the integral of power and ends at the session's energy.
    """
    step_s = max(interval_s, math.ceil(session.duration_s / most_points))
    seconds = [*range(step_s, session.duration_s, step_s), session.duration_s]
    return [_point(session, hardware, second) for second in seconds]


def _point(session: PastSession, hardware: Hardware, second: int) -> CurvePoint:
    shape = _DC_SHAPE if hardware.is_dc else _AC_SHAPE
    share = min(1.0, second / max(1, session.charging_s))
    done = _area(shape, share) / _area(shape, 1.0)
    peak_w = session.energy_wh * 3600 / max(1, session.charging_s) / _area(shape, 1.0)
    flows = second < session.charging_s
    soc = session.soc_from + (session.soc_to - session.soc_from) * done if hardware.is_dc else None
    return CurvePoint(
        at=session.started_at + timedelta(seconds=second),
        energy_wh=round(session.energy_wh * done),
        power_w=round(peak_w * _height(shape, share), 1) if flows else 0.0,
        soc_percent=None if soc is None else float(int(soc)),
    )


def _height(shape: tuple[tuple[float, float], ...], share: float) -> float:
    for (left, low), (right, high) in pairwise(shape):
        if share <= right:
            return low + (high - low) * (share - left) / (right - left)
    return shape[-1][1]


def _area(shape: tuple[tuple[float, float], ...], share: float) -> float:
    total = 0.0
    for (left, low), (right, _) in pairwise(shape):
        end = min(right, share)
        if end <= left:
            break
        total += (low + _height(shape, end)) / 2 * (end - left)
    return total

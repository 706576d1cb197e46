"""When a charging profile limits what, by itself; pure. How profiles combine is csms.smart_charging.composite."""

from bisect import bisect_right
from collections.abc import Iterator

from csms.smart_charging.profile import Period, Profile


def period_at(profile: Profile, at_s: int, began_at_s: int) -> Period | None:
    """The period of `profile` at a moment, or None when it says nothing then: not valid, not begun, or over.

    `began_at_s` is when charging began, for schedules relative to that.
    """
    if not _is_valid(profile, at_s):
        return None
    schedule = profile.schedule
    offset_s = at_s - start_of(profile, began_at_s)
    if offset_s < 0:
        return None
    if profile.recurrence_s is not None and schedule.starts_at_s is not None:
        offset_s %= profile.recurrence_s
    if schedule.duration_s is not None and offset_s >= schedule.duration_s:
        return None
    place = bisect_right(schedule.periods, offset_s, key=lambda period: period.start_s)
    return schedule.periods[place - 1] if place else None


def start_of(profile: Profile, began_at_s: int) -> int:
    """When its schedule begins: at its startSchedule, or when charging begins where it has none."""
    starts_at_s = profile.schedule.starts_at_s
    return began_at_s if starts_at_s is None else starts_at_s


def turning_points(profile: Profile, from_s: int, to_s: int, began_at_s: int) -> Iterator[int]:
    """Every moment after `from_s` and before `to_s` at which what `period_at` says may change."""
    bounds = (profile.valid_from_s, profile.valid_to_s)
    points = [bound for bound in bounds if bound is not None]
    offsets = _offsets(profile)
    for start_s in _occurrences(profile, from_s, to_s, began_at_s):
        points.extend(start_s + offset_s for offset_s in offsets)
    return (point for point in points if from_s < point < to_s)


def _is_valid(profile: Profile, at_s: int) -> bool:
    if profile.valid_from_s is not None and at_s < profile.valid_from_s:
        return False
    return profile.valid_to_s is None or at_s < profile.valid_to_s


def _offsets(profile: Profile) -> list[int]:
    schedule = profile.schedule
    offsets = [0, *(period.start_s for period in schedule.periods)]
    return offsets if schedule.duration_s is None else [*offsets, schedule.duration_s]


def _occurrences(profile: Profile, from_s: int, to_s: int, began_at_s: int) -> range | tuple[int]:
    start_s = start_of(profile, began_at_s)
    if profile.recurrence_s is None or profile.schedule.starts_at_s is None:
        return (start_s,)
    passed = max(0, (from_s - start_s) // profile.recurrence_s)
    return range(start_s + passed * profile.recurrence_s, to_s, profile.recurrence_s)

"""Our own store against what a station reports it has (DS_53); pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from csms.smart_charging.profile import Profile, Schedule, read_profile

MISSING, UNKNOWN, DIFFERENT = "missing", "unknown", "different"


@dataclass(frozen=True, slots=True)
class Reported:
    """A profile as a station told of it."""

    evse_number: int
    source: str
    profile: dict[str, Any]

    @property
    def profile_id(self) -> int:
        """OCPP's id."""
        return int(self.profile.get("id", 0))

    @property
    def key(self) -> tuple[int, str]:
        """What tells profiles of a station apart: id and source."""
        return self.profile_id, self.source


@dataclass(frozen=True, slots=True)
class Difference:
    """`missing`: the station does not have it. `unknown`: only the station has it. `different`: both, not the same."""

    kind: str
    profile_id: int
    source: str
    evse_number: int
    purpose: str
    ours: dict[str, Any] | None = None
    theirs: dict[str, Any] | None = None

    @property
    def key(self) -> tuple[int, str]:
        """What tells profiles of a station apart: id and source."""
        return self.profile_id, self.source

    def as_json(self) -> dict[str, Any]:
        """As stored."""
        return {name: getattr(self, name) for name in self.__slots__}


def differences(ours: Iterable[Reported], theirs: Sequence[Reported]) -> list[Difference]:
    """What one side has and the other has not, or not so. `ours` is only what was asked for."""
    by_key = {reported.key: reported for reported in theirs}
    found: list[Difference] = []
    known: set[tuple[int, str]] = set()
    for own in ours:
        known.add(own.key)
        reported = by_key.get(own.key)
        if reported is None:
            found.append(_difference(MISSING, own, None))
        elif _essence(own) != _essence(reported):
            found.append(_difference(DIFFERENT, own, reported))
    return found + [_difference(UNKNOWN, None, reported) for key, reported in by_key.items() if key not in known]


def _difference(kind: str, ours: Reported | None, theirs: Reported | None) -> Difference:
    one = theirs or ours
    assert one is not None  # noqa: S101 - either side has it
    purpose = str(one.profile.get("chargingProfilePurpose", ""))
    return Difference(
        kind,
        one.profile_id,
        one.source,
        one.evse_number,
        purpose,
        None if ours is None else ours.profile,
        None if theirs is None else theirs.profile,
    )


def _essence(reported: Reported) -> Profile:
    """What it says, without what stations fill in by themselves: three phases, a period's end, a start for Relative."""
    profile = read_profile(reported.profile, reported.evse_number)
    periods = tuple(replace(period, phases=period.phases or 3) for period in profile.schedule.periods)
    if profile.kind == "Dynamic":  # its values change on the way, and each change is kept
        periods = tuple(replace(period, limit=None) for period in periods[:1])
    schedule = profile.schedule
    return replace(profile, schedule=Schedule(schedule.unit, periods, schedule.starts_at_s, schedule.duration_s))

"""What a station should do under the profiles installed in it (DS_51, K08); pure. docs/smart-charging.md explains it.

At each instant: the highest valid stack level of each purpose; a TxProfile in place of the TxDefaultProfile; and the
least of that and of what ChargingStationMaxProfile and external constraints allow, at the EVSE and at the station.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from csms.smart_charging.profile import DEFAULT, EXTERNAL, MAX, TX, Profile
from csms.smart_charging.timeline import period_at, turning_points

NOMINAL_V = Decimal(230)
"""Volts from phase to neutral, unless the station says otherwise."""
ALL_PHASES = 3
"""What an absent numberPhases means."""
_TENTH = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Running:
    """A transaction that runs at an EVSE. `began_at_s`: seconds since 1970."""

    transaction_ocpp_id: str
    began_at_s: int


@dataclass(frozen=True, slots=True)
class Installed:
    """All that decides what a station may do. `profiles` has those of others (external constraints) too."""

    profiles: tuple[Profile, ...]
    evses: tuple[int, ...] = ()
    """The numbers of the station's EVSEs; the station as a whole takes what they take together."""
    running: Mapping[int, Running] = field(default_factory=dict[int, Running])
    """Transactions by EVSE."""
    nominal_v: Decimal = NOMINAL_V


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be taken at an instant: A a phase or W in all; `limit` None where nothing limits it."""

    limit: Decimal | None
    phases: int = ALL_PHASES


UNLIMITED = Allowed(None)


@dataclass(frozen=True, slots=True)
class Stretch:
    """`allowed` from `start_s` seconds after the beginning of the composite schedule on, for `duration_s`."""

    start_s: int
    duration_s: int
    allowed: Allowed


def composite_schedule(
    installed: Installed, evse_number: int, from_s: int, duration_s: int, unit: str
) -> tuple[Stretch, ...]:
    """The schedule for an EVSE, or the whole station (0), in A or W. Stretches touch, and neighbours differ."""
    to_s = from_s + duration_s
    points = {from_s}
    for profile in installed.profiles:
        points.update(turning_points(profile, from_s, to_s, _began(installed, profile, from_s)))
        for running in installed.running.values():
            points.update(turning_points(profile, from_s, to_s, running.began_at_s))
    at = sorted(points)
    found = ((point, allowed_at(installed, evse_number, point, unit, from_s)) for point in at)
    return _joined(found, to_s, from_s) if duration_s > 0 else ()


def allowed_at(installed: Installed, evse_number: int, at_s: int, unit: str, from_s: int) -> Allowed:
    """What may be taken at one moment. `from_s` stands in for the beginning of charging where nothing charges."""
    look = _Look(installed, at_s, unit, from_s)
    if evse_number == 0:
        return least((_together([look.of_evse(number) for number in installed.evses]), *look.caps(0)))
    return least((look.of_evse(evse_number), *look.caps(0)))


def convert(limit: Decimal, phases: int, unit: str, to_unit: str, nominal_v: Decimal = NOMINAL_V) -> Decimal:
    """A limit in the other unit, to a tenth, rounded down so that a limit never grows."""
    if unit == to_unit:
        return limit
    whole = limit * nominal_v * phases if unit == "A" else limit / (nominal_v * phases)
    return whole.quantize(_TENTH, ROUND_DOWN)


def least(choices: Iterable[Allowed]) -> Allowed:
    """The strictest of them, on as few phases as any of them allows."""
    bounded = [(choice.limit, choice.phases) for choice in choices if choice.limit is not None]
    if not bounded:
        return UNLIMITED
    return Allowed(min(limit for limit, _ in bounded), min(phases for _, phases in bounded))


class _Look:
    """One look at the installed profiles, at one moment, in one unit."""

    def __init__(self, installed: Installed, at_s: int, unit: str, from_s: int) -> None:
        self._installed = installed
        self._at_s = at_s
        self._unit = unit
        self._from_s = from_s

    def of_evse(self, number: int) -> Allowed:
        """What the EVSE may take, whatever the station as a whole may."""
        running = self._installed.running.get(number)
        began_at_s = self._from_s if running is None else running.began_at_s
        own = None
        if running is not None:
            wanted = running.transaction_ocpp_id
            own = self._highest(
                lambda p: p.purpose == TX and p.evse_number == number and p.transaction_ocpp_id == wanted, began_at_s
            )
        if own is None:
            own = self._highest(lambda p: p.purpose == DEFAULT and p.evse_number in (0, number), began_at_s)
        return least((own or UNLIMITED, *self.caps(number)))

    def caps(self, number: int) -> list[Allowed]:
        """What the maximum and each source of external constraints leave to an EVSE, or to the station (0)."""
        running = self._installed.running.get(number)
        began_at_s = self._from_s if running is None else running.began_at_s
        caps = [self._highest(lambda p: p.purpose == MAX and p.evse_number == number, began_at_s)]
        external = [p for p in self._installed.profiles if p.purpose == EXTERNAL and p.evse_number == number]
        caps.extend(
            self._highest(lambda p, s=source: p in external and p.source == s, began_at_s)
            for source in {profile.source for profile in external}
        )
        return [cap for cap in caps if cap is not None]

    def _highest(self, belongs: Callable[[Profile], bool], began_at_s: int) -> Allowed | None:
        """By the highest stack level that says something now; at the same level the EVSE's own wins (DS_50)."""
        for profile in sorted(self._installed.profiles, key=lambda p: (-p.stack_level, p.evse_number == 0)):
            period = period_at(profile, self._at_s, began_at_s) if belongs(profile) else None
            if period is not None and period.limit is not None:
                phases = period.phases or ALL_PHASES
                unit = profile.schedule.unit
                return Allowed(convert(period.limit, phases, unit, self._unit, self._installed.nominal_v), phases)
        return None


def _together(shares: list[Allowed]) -> Allowed:
    """What the EVSEs may take in all; one without a limit leaves the sum without one."""
    limits = [share.limit for share in shares if share.limit is not None]
    if not limits or len(limits) < len(shares):
        return UNLIMITED
    return Allowed(sum(limits, Decimal(0)), max(share.phases for share in shares))


def _began(installed: Installed, profile: Profile, from_s: int) -> int:
    running = installed.running.get(profile.evse_number)
    return from_s if running is None else running.began_at_s


def _joined(found: Iterable[tuple[int, Allowed]], to_s: int, from_s: int) -> tuple[Stretch, ...]:
    starts: list[tuple[int, Allowed]] = []
    for at_s, allowed in found:
        if not starts or starts[-1][1] != allowed:
            starts.append((at_s, allowed))
    ends = [at_s for at_s, _ in starts[1:]] + [to_s]
    return tuple(
        Stretch(at_s - from_s, end_s - at_s, allowed) for (at_s, allowed), end_s in zip(starts, ends, strict=True)
    )

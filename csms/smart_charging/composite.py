"""What a station should do under the profiles installed in it (DS_51, K08); pure. docs/smart-charging.md explains it.

At each instant: the highest valid stack level of each purpose; a TxProfile in place of the TxDefaultProfile; and the
least of that and of what ChargingStationMaxProfile and external constraints allow, at the EVSE and at the station.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal

from csms.smart_charging.profile import DEFAULT, EXTERNAL, MAX, PRIORITY, TX, Profile
from csms.smart_charging.timeline import period_at, turning_points

NOMINAL_V = Decimal(230)
"""Volts from phase to neutral, unless the station says otherwise."""
ALL_PHASES = 3
"""What an absent numberPhases means."""
_TENTH = Decimal("0.1")
_ABSURD = Decimal(10) ** 20


@dataclass(frozen=True, slots=True)
class Running:
    """A transaction that runs at an EVSE. `began_at_s`: seconds since 1970."""

    transaction_ocpp_id: str
    began_at_s: int
    has_priority: bool = False
    """It charges by PriorityCharging profiles, where they say something (K21)."""


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
    if duration_s <= 0:
        return ()
    to_s = from_s + duration_s
    points = {from_s}
    for profile in installed.profiles:
        for began_at_s in (from_s, *(running.began_at_s for running in installed.running.values())):
            points.update(turning_points(profile, from_s, to_s, began_at_s))
    site = _Site(installed, unit, from_s)
    return _joined(((point, site.allowed_at(evse_number, point)) for point in sorted(points)), to_s, from_s)


def allowed_at(installed: Installed, evse_number: int, at_s: int, unit: str, from_s: int) -> Allowed:
    """What may be taken at one moment. `from_s` stands in for the beginning of charging where nothing charges."""
    return _Site(installed, unit, from_s).allowed_at(evse_number, at_s)


def convert(limit: Decimal, phases: int, unit: str, to_unit: str, nominal_v: Decimal = NOMINAL_V) -> Decimal:
    """A limit in the other unit, to a tenth, rounded down so that a limit never grows."""
    if unit == to_unit:
        return limit
    return in_tenths(limit * nominal_v * phases if unit == "A" else limit / (nominal_v * phases))


def in_tenths(limit: Decimal) -> Decimal:
    """A limit with one decimal, rounded down; as it is where it is absurdly large, for JSON knows no bounds."""
    return limit.quantize(_TENTH, ROUND_DOWN) if limit < _ABSURD else limit


def least(choices: Iterable[Allowed]) -> Allowed:
    """The strictest of them, on as few phases as any of them allows."""
    bounded = [(choice.limit, choice.phases) for choice in choices if choice.limit is not None]
    if not bounded:
        return UNLIMITED
    return Allowed(min(limit for limit, _ in bounded), min(phases for _, phases in bounded))


class _Site:
    """The installed profiles in the order in which they are asked, and what they say in one unit."""

    def __init__(self, installed: Installed, unit: str, from_s: int) -> None:
        self._installed = installed
        self._unit = unit
        self._from_s = from_s
        # By the highest stack level that says something; at the same level the EVSE's own goes first (DS_50).
        ranked = sorted(installed.profiles, key=lambda profile: (-profile.stack_level, profile.evse_number == 0))
        numbers = (0, *installed.evses, *(profile.evse_number for profile in ranked))
        self._own = {number: self._own_of(number, ranked) for number in numbers if number != 0}
        self._caps = {number: self._caps_of(number, ranked) for number in numbers}
        self._defaults = [profile for profile in ranked if profile.purpose == DEFAULT and profile.evse_number == 0]

    def allowed_at(self, evse_number: int, at_s: int) -> Allowed:
        """What the EVSE, or the whole station (0), may take at a moment."""
        if evse_number == 0:
            together = _together([self._share(number, at_s) for number in self._installed.evses])
            return least((together, *self._capped(0, at_s)))
        return least((self._share(evse_number, at_s), *self._capped(0, at_s)))

    def _share(self, number: int, at_s: int) -> Allowed:
        """What the EVSE may take, whatever the station as a whole may."""
        own = UNLIMITED
        for group in self._own.get(number) or [self._defaults]:
            found = self._first(group, number, at_s)
            if found is not None:
                own = found
                break
        return least((own, *self._capped(number, at_s)))

    def _capped(self, number: int, at_s: int) -> list[Allowed]:
        """What the maximum and each source of external constraints leave to an EVSE, or to the station (0)."""
        found = (self._first(group, number, at_s) for group in self._caps.get(number, ()))
        return [allowed for allowed in found if allowed is not None]

    def _first(self, ranked: list[Profile], number: int, at_s: int) -> Allowed | None:
        running = self._installed.running.get(number)
        began_at_s = self._from_s if running is None else running.began_at_s
        for profile in ranked:
            period = period_at(profile, at_s, began_at_s)
            if period is not None and period.limit is not None:
                phases, unit = period.phases or ALL_PHASES, profile.schedule.unit
                return Allowed(convert(period.limit, phases, unit, self._unit, self._installed.nominal_v), phases)
        return None

    def _own_of(self, number: int, ranked: list[Profile]) -> list[list[Profile]]:
        """PriorityCharging profiles if it has priority; the TxProfiles of what runs there; the TxDefaultProfiles."""
        running = self._installed.running.get(number)
        of_transaction = [
            profile
            for profile in ranked
            if profile.purpose == TX
            and profile.evse_number == number
            and running is not None
            and profile.transaction_ocpp_id == running.transaction_ocpp_id
        ]
        defaults = [p for p in ranked if p.purpose == DEFAULT and p.evse_number in (0, number)]
        has_priority = running is not None and running.has_priority
        first = [p for p in ranked if has_priority and p.purpose == PRIORITY and p.evse_number in (0, number)]
        return [first, of_transaction, defaults]

    def _caps_of(self, number: int, ranked: list[Profile]) -> list[list[Profile]]:
        here = [profile for profile in ranked if profile.evse_number == number]
        external = [profile for profile in here if profile.purpose == EXTERNAL]
        sources = {profile.source for profile in external}
        by_source = [[profile for profile in external if profile.source == source] for source in sources]
        return [[profile for profile in here if profile.purpose == MAX], *by_source]


def _together(shares: list[Allowed]) -> Allowed:
    """What the EVSEs may take in all; one without a limit leaves the sum without one."""
    limits = [share.limit for share in shares if share.limit is not None]
    if not limits or len(limits) < len(shares):
        return UNLIMITED
    return Allowed(sum(limits, Decimal(0)), max(share.phases for share in shares))


def _joined(found: Iterable[tuple[int, Allowed]], to_s: int, from_s: int) -> tuple[Stretch, ...]:
    starts: list[tuple[int, Allowed]] = []
    for at_s, allowed in found:
        if not starts or starts[-1][1] != allowed:
            starts.append((at_s, allowed))
    ends = [at_s for at_s, _ in starts[1:]] + [to_s]
    return tuple(
        Stretch(at_s - from_s, end_s - at_s, allowed) for (at_s, allowed), end_s in zip(starts, ends, strict=True)
    )

"""DS_51 written down once more, as slowly and literally as it reads, on the JSON itself: one second at a time."""

from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

Json = dict[str, Any]
VOLTS = 230


def limit_of(schedule: Json, since_s: int) -> tuple[Fraction, int] | None:
    """What a schedule says so many seconds after its start: limit and phases."""
    if since_s < 0 or ("duration" in schedule and since_s >= schedule["duration"]):
        return None
    found = None
    for period in schedule["chargingSchedulePeriod"]:
        if period["startPeriod"] <= since_s:
            found = period
    return None if found is None else (Fraction(str(found["limit"])), found.get("numberPhases", 3))


def says(profile: Json, at: datetime, began: datetime) -> tuple[Fraction, int] | None:
    """What a profile says at a moment."""
    if "validFrom" in profile and at < datetime.fromisoformat(profile["validFrom"]):
        return None
    if "validTo" in profile and at >= datetime.fromisoformat(profile["validTo"]):
        return None
    schedule = profile["chargingSchedule"][0]
    kind = profile["chargingProfileKind"]
    start = began if kind == "Relative" else datetime.fromisoformat(schedule["startSchedule"])
    if at < start:
        return None
    if kind == "Recurring":
        step = timedelta(days=7 if profile["recurrencyKind"] == "Weekly" else 1)
        while start + step <= at:
            start += step
    return limit_of(schedule, int((at - start).total_seconds()))


def in_unit(limit: Fraction, phases: int, unit: str, wanted: str) -> Fraction:
    """A to W and back, rounded down to a tenth."""
    if unit == wanted:
        return limit
    whole = limit * VOLTS * phases if unit == "A" else limit / (VOLTS * phases)
    return Fraction(int(whole * 10), 10)


def top(profiles: list[Json], evse: int, at: datetime, began: datetime, unit: str) -> tuple[Fraction, int] | None:
    """The highest stack level that says something; at the same level the EVSE's own before the station's."""
    best = None
    for profile in profiles:
        said = says(profile, at, began)
        rank = (profile["stackLevel"], profile["evse"] == evse and evse != 0)
        if said is not None and (best is None or rank > best[0]):
            limit = in_unit(said[0], said[1], profile["chargingSchedule"][0]["chargingRateUnit"], unit)
            best = (rank, (limit, said[1]))
    return None if best is None else best[1]


def allowed(
    profiles: list[Json], evse: int, at: datetime, unit: str, start: datetime, running: dict[int, tuple[str, datetime]]
) -> Fraction | None:
    """The limit of one EVSE at one moment; None: no limit."""
    transaction, began = running.get(evse, (None, start))

    def of(purpose: str, *evses: int) -> list[Json]:
        return [p for p in profiles if p["chargingProfilePurpose"] == purpose and p["evse"] in evses]

    own = None
    if transaction is not None:
        mine = [p for p in of("TxProfile", evse) if p["transactionId"] == transaction]
        own = top(mine, evse, at, began, unit)
    if own is None:
        own = top(of("TxDefaultProfile", 0, evse), evse, at, began, unit)
    limits = [own]
    for place, since in ((evse, began), (0, start)):
        limits.append(top(of("ChargingStationMaxProfile", place), place, at, since, unit))
        limits.append(top(of("ChargingStationExternalConstraints", place), place, at, since, unit))
    return min((limit for limit, _ in filter(None, limits)), default=None)


def allowed_station(
    profiles: list[Json],
    evses: list[int],
    at: datetime,
    unit: str,
    start: datetime,
    running: dict[int, tuple[str, datetime]],
) -> Fraction | None:
    """The limit of the whole station: what its EVSEs may take together, and what is set for it."""
    caps = []
    for purpose in ("ChargingStationMaxProfile", "ChargingStationExternalConstraints"):
        here = [p for p in profiles if p["chargingProfilePurpose"] == purpose and p["evse"] == 0]
        caps.append(top(here, 0, at, start, unit))
    limits = [cap[0] for cap in caps if cap is not None]
    without_caps = [p for p in profiles if p["evse"] != 0 or p["chargingProfilePurpose"] == "TxDefaultProfile"]
    shares = [allowed(without_caps, evse, at, unit, start, running) for evse in evses]
    if None not in shares:
        limits.append(sum(shares, Fraction(0)))
    return min(limits, default=None)

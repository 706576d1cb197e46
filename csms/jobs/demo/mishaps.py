"""Past troubles of a station, all of them over: faults that cleared and connections that came back."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from csms.jobs.demo.history import WEEKS
from models import Severity

_FAULTS = (
    ("GroundFailure", "E-0104", "Residual current detected"),
    ("HighTemperature", "E-0231", "Cabinet temperature above limit"),
    ("ConnectorLockFailure", "E-0312", "Plug lock did not engage"),
    ("PowerMeterFailure", "E-0410", "Energy meter does not answer"),
)


@dataclass(frozen=True, slots=True)
class Mishap:
    """One trouble. EVSE 0: of the station as a whole."""

    at: datetime
    resolved_at: datetime
    kind: str
    severity: str
    text: str
    evse_number: int = 0


def past_mishaps(rng: random.Random, evse_count: int, now: datetime) -> list[Mishap]:
    """Two or three a month, oldest first."""
    return sorted((*_faults(rng, evse_count, now), *_lost_connections(rng, now)), key=lambda mishap: mishap.at)


def _faults(rng: random.Random, evse_count: int, now: datetime) -> Iterator[Mishap]:
    for _ in range(rng.choice((0, 1, 1, 2, 3))):
        at = _some_time(rng, now)
        code, vendor_code, words = rng.choice(_FAULTS)
        evse_number = rng.randint(1, evse_count)
        yield Mishap(
            at,
            at + timedelta(minutes=rng.uniform(4, 190)),
            "connector.faulted",
            Severity.PROBLEM,
            f"Connector {evse_number} is out of order: {code}, vendor code {vendor_code}, {words}",
            evse_number,
        )


def _lost_connections(rng: random.Random, now: datetime) -> Iterator[Mishap]:
    for _ in range(rng.choice((1, 2, 2, 3, 4))):
        at = _some_time(rng, now)
        back_at = at + timedelta(minutes=rng.uniform(1, 45))
        yield Mishap(at, back_at, "station.offline", Severity.WARNING, "Connection lost: no close frame received")


def _some_time(rng: random.Random, now: datetime) -> datetime:
    return now - timedelta(hours=rng.uniform(5, WEEKS * 7 * 24))

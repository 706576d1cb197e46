"""What the demo consists of, for whoever starts it: stations to simulate, people who sign in."""

from dataclasses import dataclass
from typing import Any

from csms.jobs.demo.scenery import PersonScene


@dataclass(frozen=True, slots=True)
class DemoStation:
    """A station to simulate. `plan` holds plain values by the field names of the simulator's StationPlan."""

    tenant_key: str
    identity: str
    plan: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoTenant:
    """A tenant as the notes at the start show it. `own_charger`: identity and password kept for the reader's own."""

    id: int
    key: str
    name: str
    hostname: str
    people: tuple[PersonScene, ...]
    own_charger: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """Both tenants and every simulated station."""

    tenants: tuple[DemoTenant, ...]
    stations: tuple[DemoStation, ...]

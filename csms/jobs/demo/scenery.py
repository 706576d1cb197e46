"""The shape of a demo tenant as plain data: places, hardware, prices, people."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Hardware:
    """A model of station. One connector per EVSE."""

    vendor: str
    model: str
    firmware_version: str
    current_type: str
    evse_count: int
    max_power_w: int
    phases: int = 3

    @property
    def standard(self) -> str:
        """OCPI's ConnectorType."""
        return "IEC_62196_T2_COMBO" if self.is_dc else "IEC_62196_T2"

    @property
    def is_dc(self) -> bool:
        """Whether it feeds the battery directly."""
        return self.current_type == "DC"


@dataclass(frozen=True, slots=True)
class Place:
    """A location at its true coordinates. `code` goes into identities; `tariff` None means the default."""

    code: str
    name: str
    address: str
    postal_code: str
    city: str
    latitude: float
    longitude: float
    tariff: str | None = None


@dataclass(frozen=True, slots=True)
class StationScene:
    """One station: where, what, how popular (1 is usual), and what it is found doing at its very first start."""

    place: str
    hardware: Hardware
    ocpp_version: str
    popularity: float = 1.0
    opening: str = "charging"


@dataclass(frozen=True, slots=True)
class TariffScene:
    """A tariff. `earlier` are the prices before the change three weeks ago, if there was one."""

    name: str
    prices: Mapping[str, str | int]
    is_default: bool = False
    for_power_from_w: int | None = None
    """Assigned to every DC connector of at least this power."""
    earlier: Mapping[str, str | int] | None = None


@dataclass(frozen=True, slots=True)
class PersonScene:
    """Somebody who signs in. The password is the demo's, printed at every start."""

    name: str
    email: str
    role: str
    password: str


@dataclass(frozen=True, slots=True)
class TenantScene:
    """Everything of a demo tenant. `country` ISO 3166-1 alpha-3, `party` as eMI3 writes it: DE*GEN."""

    key: str
    name: str
    hostname: str
    currency: str
    time_zone: str
    locale: str
    country: str
    party: str
    map_centre: tuple[float, float, int]
    places: tuple[Place, ...]
    stations: tuple[StationScene, ...]
    tariffs: tuple[TariffScene, ...]
    people: tuple[PersonScene, ...]
    drivers: tuple[str, ...]
    own_charger: str | None = None
    """Identity of a station that is registered for a charger the reader brings along."""


POST_7 = Hardware("Nordlade", "Pfosten 7", "4.2.1", "AC", 1, 7_400, phases=1)
POST_11 = Hardware("Nordlade", "Pfosten 11", "4.2.1", "AC", 1, 11_000)
POST_22 = Hardware("Nordlade", "Pfosten 22 Duo", "4.3.0", "AC", 2, 22_000)
WALL_7 = Hardware("Merlion Power", "Wallpoint 7", "1.18.3", "AC", 1, 7_400, phases=1)
WALL_22 = Hardware("Merlion Power", "Wallpoint 22", "1.18.3", "AC", 1, 22_000)
RAPID_50 = Hardware("Ampere Werk", "Rapid 50", "2.11.0", "DC", 1, 50_000)
RAPID_150 = Hardware("Ampere Werk", "Rapid 150", "2.11.4", "DC", 2, 150_000)
HYPER_300 = Hardware("Ampere Werk", "Hyper 300", "3.0.2", "DC", 2, 300_000)

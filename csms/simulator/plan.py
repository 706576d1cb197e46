"""What a simulated station is: its nameplate, its plugs and its habits, as plain data."""

from dataclasses import dataclass, field

from csms.ocpp.version import OcppVersion

NOMINAL_VOLTAGE_V = 230.0


@dataclass(frozen=True, slots=True)
class ConnectorPlan:
    """A plug. `standard` is OCPI's ConnectorType; only a socket (no cable of its own) can be unlocked."""

    standard: str = "IEC_62196_T2"
    has_cable: bool = False


@dataclass(frozen=True, slots=True)
class EvsePlan:
    """One charging place. `phases` counts for AC only; `register_wh` is the meter at its first start, None any."""

    max_power_w: int = 22_000
    connectors: tuple[ConnectorPlan, ...] = (ConnectorPlan(),)
    phases: int = 3
    register_wh: int | None = None


@dataclass(frozen=True, slots=True)
class Behaviour:
    """How the station and the people around it behave.

    lives: cars come and go by themselves. speed: how many times faster people come and go than in reality; the
    physics of charging are never sped up. opening: what the station is found doing at its very first start.
    """

    lives: bool = False
    speed: float = 1.0
    opening: str = ""
    """"", charging, faulted, offline or unavailable."""
    cars_per_day: float = 4.0
    """Per EVSE, on a weekday, at speed 1."""
    hours_between_faults: float = 90.0
    hours_between_drops: float = 45.0
    resumes_after_power_loss: bool = True
    """Whether running sessions go on after a power cut, or end with PowerLoss."""
    starts_on_plug: bool = False
    """2.x TxStartPoint EVConnected instead of Authorized."""
    accepts_unknown_offline: bool = True
    """AllowOfflineTxForUnknownId."""


@dataclass(frozen=True, slots=True)
class StationPlan:
    """Everything needed to build one station. `password` None connects without Basic auth."""

    identity: str
    password: str | None = None
    ocpp_version: str = "1.6"
    current_type: str = "AC"
    evses: tuple[EvsePlan, ...] = (EvsePlan(),)
    vendor: str = "Voltdeck"
    model: str = "Twin AC22"
    serial_number: str = "SIM-0001"
    firmware_version: str = "1.0.0"
    tokens: tuple[str, ...] = ("04A1B2C3D4E5F6",)
    time_zone: str = "UTC"
    seed: int = 1
    sample_interval_s: int = 15
    behaviour: Behaviour = field(default_factory=Behaviour)

    @property
    def version(self) -> OcppVersion:
        """The protocol version as the protocol's own type. Raises ValueError for an unknown one."""
        return OcppVersion(self.ocpp_version)

    @property
    def is_dc(self) -> bool:
        """Whether the vehicle's battery is fed directly."""
        return self.current_type == "DC"

    @property
    def starts_on_plug(self) -> bool:
        """Whether a session begins with the cable, before anyone is known; 1.6 always starts with a token."""
        return self.behaviour.starts_on_plug and self.version is not OcppVersion.V16

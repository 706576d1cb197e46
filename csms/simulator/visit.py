"""One car's visit to an EVSE, step by step."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from csms.simulator.vehicle import Vehicle


@dataclass(slots=True)
class Visit:
    """`stage` names what happens next, at `at`: arrive, identify, look, charge, resume, leave."""

    stage: str
    at: datetime
    leaves_at: datetime
    vehicle: Vehicle
    token: str | None = None
    spare_token: str | None = None
    pauses_at: datetime | None = None

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        pauses_at = self.pauses_at.isoformat() if self.pauses_at else None
        times = {"at": self.at.isoformat(), "leaves_at": self.leaves_at.isoformat(), "pauses_at": pauses_at}
        return asdict(self) | times

    @staticmethod
    def from_json(stored: dict[str, Any]) -> "Visit":
        """Back from the state file."""
        pauses_at = stored["pauses_at"]
        values: dict[str, Any] = stored | {
            "at": datetime.fromisoformat(stored["at"]),
            "leaves_at": datetime.fromisoformat(stored["leaves_at"]),
            "pauses_at": datetime.fromisoformat(pauses_at) if pauses_at else None,
            "vehicle": Vehicle(**stored["vehicle"]),
        }
        return Visit(**values)

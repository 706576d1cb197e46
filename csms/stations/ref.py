"""A station in a few words: what every handler needs to know of the one it serves."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StationRef:
    """Identity of a station and whose it is; cheap to pass around, never stale."""

    id: int
    tenant_id: int
    location_id: int
    identity: str

"""Which installed profiles a new one replaces, and which a ClearChargingProfile means (DS_50, K01, K10); pure."""

from collections.abc import Mapping
from typing import Any, Protocol

from csms.smart_charging.profile import TX


class Placed(Protocol):
    """A profile and where it is: a row of the store will do."""

    @property
    def evse_number(self) -> int: ...
    @property
    def profile_id(self) -> int: ...
    @property
    def stack_level(self) -> int: ...
    @property
    def purpose(self) -> str: ...
    @property
    def transaction_ocpp_id(self) -> str | None: ...


def replaces(new: Placed, old: Placed) -> bool:
    """Whether a station that accepts `new` forgets `old`.

    An id is unique in a station, so the same id always replaces. So does the same purpose and stack level at the same
    EVSE; for a TxProfile in the same transaction too. A TxDefaultProfile on one EVSE does not remove the one on 0 of
    the same level: it goes before it, there and while it says something (csms.smart_charging.composite).
    """
    if new.profile_id == old.profile_id:
        return True
    same_place = (new.purpose, new.stack_level, new.evse_number) == (old.purpose, old.stack_level, old.evse_number)
    if not same_place or new.purpose != TX:
        return same_place
    return new.transaction_ocpp_id == old.transaction_ocpp_id


def is_cleared(placed: Placed, request: Mapping[str, Any]) -> bool:
    """Whether a ClearChargingProfile request (2.x words) means this profile: its id, else all criteria given.

    Without either, everything that we set. The EVSE 0 means what was set for the station as a whole.
    """
    profile_id = request.get("chargingProfileId")
    if profile_id is not None:
        return placed.profile_id == profile_id
    criteria: Mapping[str, Any] = request.get("chargingProfileCriteria") or {}
    return all(
        (
            criteria.get("evseId") in (None, placed.evse_number),
            criteria.get("chargingProfilePurpose") in (None, placed.purpose),
            criteria.get("stackLevel") in (None, placed.stack_level),
        )
    )


def is_asked_for(placed: Placed, source: str, request: Mapping[str, Any]) -> bool:
    """Whether a GetChargingProfiles request means this profile (K09); every criterion given must fit."""
    criteria: Mapping[str, Any] = request.get("chargingProfile") or {}
    ids, sources = criteria.get("chargingProfileId"), criteria.get("chargingLimitSource")
    return all(
        (
            request.get("evseId") in (None, placed.evse_number),
            criteria.get("chargingProfilePurpose") in (None, placed.purpose),
            criteria.get("stackLevel") in (None, placed.stack_level),
            ids is None or placed.profile_id in ids,
            sources is None or source in sources,
        )
    )

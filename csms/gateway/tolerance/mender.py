"""Repairs the calls of one station and remarks on it."""

from collections.abc import Callable
from dataclasses import replace

from csms.gateway.context import Services, Station
from csms.gateway.tolerance.repair import repair
from csms.ocpp.frames import Call


def mender_for(station: Station, services: Services) -> Callable[[Call], Call | None] | None:
    """For RpcPeer: a served copy of a call that breaks its schema, or None. None for a strict station (TR_50)."""
    if station.is_strict:
        return None

    def mend(call: Call) -> Call | None:
        repaired = repair(station.version, call.action, call.payload)
        if repaired is None:
            return None
        services.remarks.note(station.ref, *repaired.remarks)
        return replace(call, payload=repaired.payload)

    return mend

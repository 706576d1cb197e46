"""Believable stations in any number, for load and for looking at: `plans_for` and `plan_from`."""

import random
from dataclasses import fields
from typing import Any

from csms.simulator.plan import Behaviour, ConnectorPlan, EvsePlan, StationPlan

SAMPLE_INTERVAL_S = 12
_SPEED = 8.0

_CABLE_CCS = ConnectorPlan("IEC_62196_T2_COMBO", has_cable=True)
_SOCKET = ConnectorPlan("IEC_62196_T2")

_MODELS: tuple[tuple[str, str, str, tuple[EvsePlan, ...]], ...] = (
    ("Nordlade", "Pfosten 7", "AC", (EvsePlan(7_400, (_SOCKET,), phases=1),)),
    ("Nordlade", "Pfosten 11", "AC", (EvsePlan(11_000, (_SOCKET,)),)),
    ("Nordlade", "Pfosten 22 Duo", "AC", (EvsePlan(22_000, (_SOCKET,)), EvsePlan(22_000, (_SOCKET,)))),
    ("Ampere Werk", "Rapid 50", "DC", (EvsePlan(50_000, (_CABLE_CCS,)),)),
    ("Ampere Werk", "Rapid 150", "DC", (EvsePlan(150_000, (_CABLE_CCS,)), EvsePlan(150_000, (_CABLE_CCS,)))),
    ("Ampere Werk", "Hyper 300", "DC", (EvsePlan(300_000, (_CABLE_CCS,)),)),
)
_OPENINGS = ("charging", "", "charging", "faulted", "charging", "", "charging", "unavailable", "charging", "offline")


def plans_for(
    count: int,
    *,
    prefix: str = "SIM",
    version: str = "mixed",
    password: str | None = None,
    tokens: tuple[str, ...] = ("SIM-TOKEN-1", "SIM-TOKEN-2", "SIM-TOKEN-3"),
    lives: bool = True,
    speed: float = _SPEED,
    sample_interval_s: int = SAMPLE_INTERVAL_S,
    time_zone: str = "Europe/Berlin",
) -> list[StationPlan]:
    """Plans of `count` stations named SIM-0001 and so on; version is 1.6, 2.0.1 or mixed.

    lives=False makes idle stations that only keep their connection, for memory tests.
    """
    versions = ("1.6", "2.0.1") if version == "mixed" else (version,)
    plans: list[StationPlan] = []
    for number in range(1, count + 1):
        vendor, model, current_type, evses = _MODELS[(number - 1) % len(_MODELS)]
        behaviour = Behaviour(
            lives=lives,
            speed=speed,
            opening=_OPENINGS[(number * 7 + number // 10) % len(_OPENINGS)] if lives else "",
            starts_on_plug=number % 4 == 0,
            resumes_after_power_loss=number % 5 != 0,
        )
        plans.append(
            StationPlan(
                identity=f"{prefix}-{number:04d}",
                password=password,
                ocpp_version=versions[number % len(versions)],
                current_type=current_type,
                evses=evses,
                vendor=vendor,
                model=model,
                serial_number=f"{prefix}{random.Random(number).randrange(10**8):08d}",
                firmware_version="4.2.1" if current_type == "AC" else "2.11.0",
                tokens=tokens,
                time_zone=time_zone,
                seed=number,
                sample_interval_s=sample_interval_s,
                behaviour=behaviour,
            )
        )
    return plans


def plan_from(values: dict[str, Any]) -> StationPlan:
    """A plan from plain values, such as the demo's seed gives; keys are the plans' field names.

    `evses` is a list of {"max_power_w", "phases", "register_wh", "connectors": [{"standard", "has_cable"}]},
    `behaviour` a dict of Behaviour's fields.
    Raises TypeError for a key that no plan has.
    """
    known = {field.name for field in fields(StationPlan)}
    unknown = set(values) - known
    if unknown:
        raise TypeError(f"a station plan has no {', '.join(sorted(unknown))}")
    built: dict[str, Any] = values | {
        "evses": tuple(_evse_from(evse) for evse in values["evses"]),
        "tokens": tuple(values["tokens"]),
        "behaviour": Behaviour(**values.get("behaviour", {})),
    }
    return StationPlan(**built)


def _evse_from(values: dict[str, Any]) -> EvsePlan:
    connectors = tuple(ConnectorPlan(**connector) for connector in values["connectors"])
    return EvsePlan(values["max_power_w"], connectors, values.get("phases", 3), values.get("register_wh"))

"""Transactions, profiles and needs of EVs as stations of OCPP 2.1 and their operators write them."""

import itertools
from datetime import timedelta
from typing import Any

from csms.ocpp.timestamps import format_timestamp
from models import ChargingProfile
from tests.certification.lab import Lab
from tests.certification.station import BenchStation

Json = dict[str, Any]
_numbers = itertools.count(1)


async def begin(lab: Lab, station: BenchStation, token: str | None = None) -> str:
    """Begin a transaction at EVSE 1; returns its id."""
    ocpp_id = f"tx21-{next(_numbers)}"
    event: Json = {
        "eventType": "Started",
        "timestamp": format_timestamp(lab.platform.clock.now()),
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": ocpp_id, "chargingState": "Charging"},
        "evse": {"id": 1, "connectorId": 1},
        "idToken": {"idToken": token or await lab.token(), "type": "ISO14443"},
    }
    answer = await station.call("TransactionEvent", event)
    assert answer["idTokenInfo"]["status"] == "Accepted"
    return ocpp_id


async def take_profile(lab: Lab, station: BenchStation) -> Json:
    """Accept the SetChargingProfile that comes next, wait until that is kept, and return the profile."""
    asked = await station.expect("SetChargingProfile")
    profile: Json = asked.payload["chargingProfile"]
    await station.answer(asked, {"status": "Accepted"})

    async def kept() -> bool:
        rows = await lab.rows(ChargingProfile, station_id=station.ref.id, state="installed")
        return profile in [row.profile for row in rows]

    await lab.until(kept)
    return profile


def profile_of(lab: Lab, number: int, limit: float = 4000.0, schedule: Json | None = None, **fields: Any) -> Json:
    """A profile in W for the next hour; `schedule` and `fields` are added to it."""
    now = lab.platform.clock.now()
    timeless = fields.get("chargingProfileKind") == "Dynamic"
    times = {} if timeless else {"startSchedule": format_timestamp(now - timedelta(minutes=1)), "duration": 3600}
    period = {"startPeriod": 0, "limit": limit}
    whole = {"id": number, "chargingRateUnit": "W", "chargingSchedulePeriod": [period], **times, **(schedule or {})}
    return {
        "id": number,
        "stackLevel": 0,
        "chargingProfilePurpose": "TxDefaultProfile",
        "chargingProfileKind": "Absolute",
        "chargingSchedule": [whole],
        **fields,
    }


def needs_of(transfer: str, mode: str, power: float = 11_000, **more: Any) -> Json:
    """NotifyEVChargingNeeds of an EV of ISO 15118-20 that takes `power` W and can give 7 kW back."""
    both = {"maxChargePower": power, "minChargePower": 100, "maxDischargePower": 7000, "evTargetEnergyRequest": 20000}
    needs = {"requestedEnergyTransfer": transfer, "controlMode": mode, "v2xChargingParameters": both, **more}
    return {"evseId": 1, "maxScheduleTuples": 12, "chargingNeeds": needs}

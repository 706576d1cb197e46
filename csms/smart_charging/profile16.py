"""Charging profiles of OCPP 1.6 in the shape of 2.x, which is ours, and back; pure."""

from typing import Any, cast

from csms.errors import InvalidInputError

Json = dict[str, Any]
_TO_2 = {"ChargePointMaxProfile": "ChargingStationMaxProfile"}
_TO_16 = {new: old for old, new in _TO_2.items()}
_PERIOD_FIELDS = ("startPeriod", "limit", "numberPhases")
_SCHEDULE_FIELDS = ("duration", "startSchedule", "chargingRateUnit", "minChargingRate")


def profile_in_2(profile: Json) -> Json:
    """A charging profile of 1.6 in the shape of 2.x; its schedule is numbered like the profile."""
    profile_id = profile.get("chargingProfileId")
    transaction = profile.get("transactionId")
    schedule = cast(Json, profile.get("chargingSchedule") or {})
    return _without_none(
        id=profile_id,
        stackLevel=profile.get("stackLevel"),
        chargingProfilePurpose=purpose_in_2(profile.get("chargingProfilePurpose")),
        chargingProfileKind=profile.get("chargingProfileKind"),
        recurrencyKind=profile.get("recurrencyKind"),
        validFrom=profile.get("validFrom"),
        validTo=profile.get("validTo"),
        chargingSchedule=[{"id": profile_id, **schedule}],
        transactionId=None if transaction is None else str(transaction),
    )


def profile_in_16(profile: Json) -> Json:
    """A charging profile of 2.x in the shape of 1.6. Raises InvalidInputError for what 1.6 cannot say."""
    schedules = cast(list[Json], profile.get("chargingSchedule") or [])
    if len(schedules) != 1:
        raise InvalidInputError("A charging profile of OCPP 1.6 has exactly one schedule")
    return _without_none(
        chargingProfileId=profile.get("id"),
        transactionId=_number(profile.get("transactionId")),
        stackLevel=profile.get("stackLevel"),
        chargingProfilePurpose=purpose_in_16(profile.get("chargingProfilePurpose")),
        chargingProfileKind=profile.get("chargingProfileKind"),
        recurrencyKind=profile.get("recurrencyKind"),
        validFrom=profile.get("validFrom"),
        validTo=profile.get("validTo"),
        chargingSchedule=_schedule_in_16(schedules[0]),
    )


def purpose_in_2(purpose: str | None) -> str | None:
    """The purpose in 2.x words."""
    return None if purpose is None else _TO_2.get(str(purpose), purpose)


def purpose_in_16(purpose: str | None) -> str | None:
    """The purpose in 1.6 words."""
    return None if purpose is None else _TO_16.get(str(purpose), purpose)


def _schedule_in_16(schedule: Json) -> Json:
    periods = cast(list[Json], schedule.get("chargingSchedulePeriod") or [])
    kept: Json = {name: schedule[name] for name in _SCHEDULE_FIELDS if name in schedule}
    kept["chargingSchedulePeriod"] = [
        {name: period[name] for name in _PERIOD_FIELDS if name in period} for period in periods
    ]
    return kept


def _number(transaction_id: str | None) -> int | None:
    try:
        return None if transaction_id is None else int(transaction_id)
    except ValueError:
        raise InvalidInputError(f"A transaction id of OCPP 1.6 is a number, not {transaction_id!r}") from None


def _without_none(**fields: Any) -> Json:
    return {name: value for name, value in fields.items() if value is not None}

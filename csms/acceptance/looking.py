"""Steps that only look: boot, connectors, settings, heartbeat, meter interval, clock. No driver notices them."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any, cast

from sqlalchemy import select
from sqlmodel import col

from csms.acceptance.steps import FailedError, SkippedError
from csms.acceptance.trial import Trial, payload_of, place_words
from csms.bus.events import FrameLogged, StationBooted
from csms.commands.commands import VariableName
from csms.ocpp.timestamps import parse_timestamp
from models import Frame, Registration

CLOCK_TOLERANCE_S = 60
LONGEST_METER_INTERVAL_S = 900
_EVIDENCE = 60
_MOMENTS = ("timestamp", "generatedAt")
_SETTINGS_16 = ("HeartbeatInterval", "MeterValueSampleInterval", "NumberOfConnectors", "SupportedFeatureProfiles")
_SETTINGS_2X = (
    ("OCPPCommCtrlr", "HeartbeatInterval"),
    ("SampledDataCtrlr", "TxUpdatedInterval"),
    ("ClockCtrlr", "DateTime"),
)


async def look_at_boot(trial: Trial) -> str:
    """It said what it is on this connection, or does so now (B01)."""
    station = await trial.station()
    has_booted = station.booted_at is not None and station.connected_at is not None
    if not (has_booted and cast(datetime, station.booted_at) >= cast(datetime, station.connected_at)):
        since = trial.watch.now
        result = await trial.commands.trigger_message(trial.actor, trial.ref.id, "BootNotification")
        if result.error is not None:
            raise FailedError(f"It has sent no BootNotification on this connection. {result.error}")
        if await trial.watch.wait(StationBooted, lambda _: True, trial.limits.boot_s, since=since) is None:
            raise FailedError("It was asked for a BootNotification and agreed, but sent none. Restart it by hand.")
        station = await trial.station()
    if station.registration != Registration.ACCEPTED:
        raise FailedError(
            f"It is registered as {station.registration}, so it may not charge yet. Accept it on its page, under Edit."
        )
    firmware = f", firmware {station.firmware_version}" if station.firmware_version else ""
    return f"{station.vendor} {station.model}{firmware}; registered as Accepted."


async def look_at_status(trial: Trial) -> str:
    """Each connector says what it is doing (G01), asked for it now (F06)."""
    version = (await trial.station()).ocpp_version
    known = {(row.evse_number, row.number) for row in await trial.connectors()}
    since, asked = trial.watch.now, True
    if version == "1.6" or not known:
        asked = (await trial.commands.trigger_message(trial.actor, trial.ref.id, "StatusNotification")).error is None
    else:
        for evse_number, number in sorted(known):
            result = await trial.commands.trigger_message(
                trial.actor, trial.ref.id, "StatusNotification", evse_number, number
            )
            asked = asked and result.error is None
    if asked:
        await trial.watch.until(lambda: bool(known) and known <= _reported(trial, since), trial.limits.message_s)
    return await _judge_status(trial, _reported(trial, since) if asked else None)


async def _judge_status(trial: Trial, reported: set[tuple[int, int]] | None) -> str:
    """`reported` are those that answered just now; None where it cannot be asked for statuses."""
    rows = await trial.connectors()
    if not rows:
        raise FailedError("It has reported no connector at all. Without one, nobody can charge.")
    counts = Counter(row.evse_number for row in rows)
    words = {
        (row.evse_number, row.number): place_words(row.evse_number, row.number, counts[row.evse_number]) for row in rows
    }
    silent = [words[key] for key in words if reported is not None and key not in reported]
    never = [words[row.evse_number, row.number] for row in rows if row.status == "Unknown"]
    if missing := never or silent:
        raise FailedError(
            f"No status of {', '.join(missing)}. If it has no such connector, remove it under Edit; else look at the "
            "station."
        )
    broken = [
        f"{words[row.evse_number, row.number]} reports {_trouble(row)}" for row in rows if row.status == "Faulted"
    ]
    if broken:
        raise FailedError(f"{'; '.join(broken)}. Nobody can charge there until that is mended.")
    said = "; ".join(f"{words[row.evse_number, row.number]}: {row.status}" for row in rows)
    return said + "." if reported is not None else f"{said} (as reported earlier: it cannot be asked for statuses)."


def _reported(trial: Trial, since: int) -> set[tuple[int, int]]:
    found: set[tuple[int, int]] = set()
    for event in trial.watch.heard(FrameLogged, since):
        if event.frame.get("action") == "StatusNotification" and event.frame.get("from_station"):
            payload = payload_of(str(event.frame.get("text", "")))
            evse, connector = payload.get("evseId"), payload.get("connectorId")
            if isinstance(connector, int):
                found.add((evse, connector) if isinstance(evse, int) else (connector, 1))
    return found


def _trouble(row: Any) -> str:
    return f"Faulted ({row.error_code})" if row.error_code and row.error_code != "NoError" else "Faulted"


async def look_at_configuration(trial: Trial) -> str:
    """A few settings that every station has can be read (B06; 1.6 GetConfiguration)."""
    if (await trial.station()).ocpp_version == "1.6":
        names = tuple(VariableName(name) for name in _SETTINGS_16)
    else:
        names = tuple(VariableName(name, component) for component, name in _SETTINGS_2X)
    result = await trial.commands.get_variables(trial.actor, trial.ref.id, *names)
    if result.error is not None and result.answer is None:
        raise FailedError(f"Its settings cannot be read. {result.error}")
    values = [await trial.value_of(name.component, name.variable) for name in names]
    if not any(value is not None for value in values):
        raise FailedError("It answered, but told none of the settings that every station has.")
    return f"{sum(value is not None for value in values)} of {len(values)} settings asked for were told."


async def look_at_heartbeat(trial: Trial) -> str:
    """How often it says that it lives (G02)."""
    seconds = await _seconds(trial, "HeartbeatInterval", "OCPPCommCtrlr", "HeartbeatInterval")
    if seconds <= 0:
        raise FailedError("Its heartbeat is off (0). Set HeartbeatInterval under Settings, such as 300.")
    return f"Every {seconds} s."


async def look_at_meter(trial: Trial) -> str:
    """How often it meters a running session (J02)."""
    seconds = await _seconds(trial, "MeterValueSampleInterval", "SampledDataCtrlr", "TxUpdatedInterval")
    if seconds <= 0:
        raise FailedError(
            "It sends no meter values during a session (0): power and price would stand still until its end. Set it "
            "under Settings, such as 60."
        )
    if seconds > LONGEST_METER_INTERVAL_S:
        raise FailedError(f"It sends meter values every {seconds} s only; power and price would seem to stand still.")
    return f"Every {seconds} s."


async def _seconds(trial: Trial, key_16: str, component: str, variable: str) -> int:
    is_16 = (await trial.station()).ocpp_version == "1.6"
    value = await (trial.value_of("", key_16) if is_16 else trial.value_of(component, variable))
    if value is None:
        raise SkippedError("It does not tell.")
    try:
        return round(float(value))
    except ValueError:
        raise FailedError(f"It told “{value[:40]}”, which is no number of seconds.") from None


async def look_at_clock(trial: Trial) -> str:
    """Its times are near ours. A message may come late, never early: the newest time it sent tells the most."""
    deviation = await _deviation(trial)
    if deviation is None or abs(deviation) > CLOCK_TOLERANCE_S:
        since = trial.watch.now
        await trial.commands.trigger_message(trial.actor, trial.ref.id, "MeterValues", 1)
        await trial.watch.wait(
            FrameLogged,
            lambda event: event.frame.get("action") in ("MeterValues", "TransactionEvent"),
            trial.limits.message_s / 2,
            since=since,
        )
        deviation = await _deviation(trial)
    if deviation is None:
        raise SkippedError("It has sent no message with a time in it yet.")
    words = (
        "in step with ours"
        if abs(deviation) < 1
        else f"{abs(deviation):.0f} s {'ahead' if deviation > 0 else 'behind'}"
    )
    if abs(deviation) > CLOCK_TOLERANCE_S:
        raise FailedError(
            f"Its clock is {words}. Sessions would have wrong times. It sets its clock by our answers; restart it, and "
            "look at its time server and time zone settings if that does not help."
        )
    return f"Its clock is {words}."


async def _deviation(trial: Trial) -> float | None:
    """By how many seconds its clock is ahead (or behind, if negative), as the best evidence has it."""
    connected_at = (await trial.station()).connected_at
    query = (
        select(col(Frame.text), col(Frame.at))
        .where(col(Frame.station_id) == trial.ref.id, col(Frame.from_station).is_(True))
        .order_by(col(Frame.at).desc())
        .limit(_EVIDENCE)
    )
    if connected_at is not None:
        query = query.where(col(Frame.at) >= connected_at)
    async with trial.database.reading() as session:
        frames = (await session.execute(query)).all()
    found = [
        (moment - at).total_seconds()
        for text, at in frames
        for moment in _moments(payload_of(text))
        if moment is not None
    ]
    return max(found, default=None)


def _moments(payload: Any) -> Iterator[datetime | None]:
    if isinstance(payload, dict):
        for key, value in cast(dict[str, Any], payload).items():
            if key in _MOMENTS and isinstance(value, str):
                yield parse_timestamp(value)
            else:
                yield from _moments(value)
    elif isinstance(payload, list):
        for item in cast(list[Any], payload):
            yield from _moments(item)

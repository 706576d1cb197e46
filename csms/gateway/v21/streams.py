"""OCPP 2.1: periodic event streams (N11 to N15)."""

from datetime import timedelta
from typing import Any, cast

from csms.gateway.asking import Asked
from csms.gateway.dispatch import Exchange, Payload, Route
from csms.gateway.wire import moment_of
from csms.stations.streams import (
    StreamedValue,
    StreamReport,
    adjust_stream,
    close_stream,
    open_stream,
    replace_streams,
    take_values,
)
from csms.work import Work


async def on_open_periodic_event_stream(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """A stream begins (N11); we take whatever comes."""
    await open_stream(work, ctx.ref, _stream_in(payload["constantStreamData"]), ctx.received_at)
    return {"status": "Accepted"}


async def on_close_periodic_event_stream(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """A stream ends (N13)."""
    await close_stream(work, ctx.ref, payload["id"], ctx.received_at)
    return {}


async def on_notify_periodic_event_stream(ctx: Exchange, payload: Payload, work: Work) -> Payload:
    """Values of a stream (N15); it travels as SEND, so nobody hears the answer (TR_53)."""
    base = moment_of(payload["basetime"], ctx.received_at)
    values = [_value_in(entry, base) for entry in cast(list[dict[str, Any]], payload["data"])]
    await take_values(work, ctx.ref, payload["id"], values, payload["pending"], ctx.received_at)
    return {}


async def learn_adjusted(work: Work, asked: Asked) -> None:
    """N14: other parameters hold once accepted."""
    if asked.answer.get("status") == "Accepted":
        await adjust_stream(work, asked.ref, _stream_in(asked.payload))


async def learn_listed(work: Work, asked: Asked) -> None:
    """N12: the answer names every open stream."""
    listed = [_stream_in(entry) for entry in cast(list[dict[str, Any]], asked.answer.get("constantStreamData") or [])]
    await replace_streams(work, asked.ref, listed, asked.at)


def _stream_in(entry: dict[str, Any]) -> StreamReport:
    params: dict[str, Any] = entry.get("params") or {}
    return StreamReport(entry["id"], entry.get("variableMonitoringId"), params.get("interval"), params.get("values"))


def _value_in(entry: dict[str, Any], base: Any) -> StreamedValue:
    try:
        at = base + timedelta(seconds=entry["t"])
    except OverflowError:
        at = base
    return StreamedValue(at, entry["v"])


ROUTES = {
    "ClosePeriodicEventStream": Route(on_close_periodic_event_stream),
    "NotifyPeriodicEventStream": Route(on_notify_periodic_event_stream),
    "OpenPeriodicEventStream": Route(on_open_periodic_event_stream),
}

LESSONS = {"AdjustPeriodicEventStream": learn_adjusted, "GetPeriodicEventStream": learn_listed}

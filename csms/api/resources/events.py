"""What happens, as it happens: server-sent events."""

from collections.abc import AsyncGenerator
from typing import Annotated, Final

import orjson
from fastapi import Header, Query
from sqlalchemy import select
from sqlmodel import col
from starlette.responses import StreamingResponse

from csms.access.policy import Permission, allowed
from csms.api.call import Call, SignedIn
from csms.api.feed import Listener, Told
from csms.api.routing import new_router
from csms.bus.outside import BY_NAME, OUTSIDE, said
from csms.errors import InvalidInputError
from models import ChargingStation

router = new_router("events", "/events")
HEARTBEAT_S: Final = 15.0
_KIND: Final = "text/event-stream"
_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


@router.get(
    "",
    response_class=StreamingResponse,
    responses={200: {"content": {_KIND: {"schema": {"type": "string"}}}, "description": "Events until you leave"}},
)
async def stream_events(
    call: SignedIn,
    types: Annotated[
        str,
        Query(
            max_length=1000,
            pattern="^[a-z_.,]*$",
            description="Names of events, comma-separated, such as `transaction.ended`. Left out: all you may hear.",
        ),
    ] = "",
    last_event_id: Annotated[
        str, Header(max_length=100, description="Id of the last event that arrived: those since then come first.")
    ] = "",
) -> StreamingResponse:
    """Server-sent events of the tenant. A comment comes every 15 s; `stream.reset` says that some were missed."""
    call.require(Permission.STATIONS_VIEW)
    wanted = _wanted(call, types)
    return StreamingResponse(_stream(call, wanted, last_event_id), media_type=_KIND, headers=_HEADERS)


def _wanted(call: Call, types: str) -> frozenset[str]:
    """The names to tell of: those asked for, all of which the caller must be allowed to hear."""
    names = [name for name in types.split(",") if name]
    unknown = [name for name in names if name not in BY_NAME]
    if unknown:
        raise InvalidInputError(f"There is no event {unknown[0]!r}; there are: {', '.join(BY_NAME)}.")
    for name in names:
        call.require(Permission(BY_NAME[name].permission))
    mine = [name for name, one in BY_NAME.items() if allowed(call.actor, Permission(one.permission))]
    return frozenset(names or mine)


async def _stream(call: Call, wanted: frozenset[str], last_id: str) -> AsyncGenerator[bytes]:
    feed, speaker = call.services.feed, _Speaker(call, wanted)
    with feed.listening(call.tenant.id) as listener:
        yield b"retry: 3000\n: welcome\n\n"
        missed = feed.since(call.tenant.id, last_id) if last_id else []
        if missed is None:
            yield _RESET
        heard = 0
        for told in missed or ():
            heard = told.number
            if (text := await speaker.text(told)) is not None:
                yield text
        async for text in _live(call, listener, speaker, heard):
            yield text


async def _live(call: Call, listener: Listener, speaker: "_Speaker", heard: int) -> AsyncGenerator[bytes]:
    """Goes on until the program leaves, or its credential has ended."""
    clock = call.services.clock
    checked_at = clock.monotonic()
    while True:
        told = await listener.next(HEARTBEAT_S)
        if told is None or clock.monotonic() - checked_at > HEARTBEAT_S:
            if not await call.is_still_valid():
                return
            checked_at = clock.monotonic()
        if listener.has_lost:
            listener.has_lost = False
            yield _RESET
        if told is None:
            yield b": still here\n\n"
        elif told.number > heard and (text := await speaker.text(told)) is not None:
            yield text


class _Speaker:
    """Puts the events that somebody wants into words, with the identities of their stations."""

    def __init__(self, call: Call, wanted: frozenset[str]) -> None:
        self._call = call
        self._wanted = wanted
        self._stations: dict[int, str] = {}

    async def text(self, told: Told) -> bytes | None:
        """The event as it is sent; None for one that is not wanted."""
        event = told.event
        name = OUTSIDE[type(event)].name
        if name not in self._wanted:
            return None
        data = {"station": await self._identity(event.station_id), **said(event)}
        body = {"type": name, "timestamp": event.at.isoformat(), "cause": event.cause_id, "data": data}
        head = f"id: {self._call.services.feed.id_of(told)}\nevent: {name}\ndata: "
        return head.encode() + orjson.dumps(body) + b"\n\n"

    async def _identity(self, station_id: int) -> str:
        if station_id not in self._stations:
            query = select(col(ChargingStation.identity)).where(col(ChargingStation.id) == station_id)
            async with self._call.reading() as session:
                self._stations[station_id] = await session.scalar(query) or ""
        return self._stations[station_id]


_RESET: Final = b"event: stream.reset\ndata: {}\n\n"
"""Some events were not told: read again what matters."""

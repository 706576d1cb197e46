"""The raw OCPP messages that crossed the wire, secrets masked: searched, or taken away as JSON lines."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Listed, Moment, Shape
from csms.errors import InvalidInputError
from csms.stations.frames import FrameSearch, export_frames, frame_search
from models import Frame

router = new_router("frames", "/frames")
_ORDER = Ordering(col(Frame.id), {"at": Key(col(Frame.at), datetime), "id": Key(col(Frame.id), int)}, "-at")
_LINES = "application/jsonl"


class FrameShape(Shape):
    """One exchange: a frame, and the answer it got if it was a CALL."""

    id: int
    at: Moment
    from_station: bool
    message_id: str
    action: str = Field(examples=["BootNotification"])
    text: str
    answer_text: str | None
    outcome: str = Field(examples=["result"])
    latency_ms: float | None
    cause_id: str | None


class _Wanted:
    """Which frames: of a station, or around a session."""

    def __init__(
        self,
        station: Annotated[str, Query(max_length=255, description="Identity; needed without transactionId.")] = "",
        transaction_id: Annotated[
            int | None, Query(alias="transactionId", ge=1, le=2**31 - 1, description="What lies around this session.")
        ] = None,
        text: Annotated[str, Query(max_length=200, description="In frame or answer.")] = "",
        action: Annotated[str, Query(max_length=64)] = "",
        since: Annotated[Moment | None, Query()] = None,
        until: Annotated[Moment | None, Query()] = None,
    ) -> None:
        self.station, self.transaction_id = station, transaction_id
        self.text, self.action, self.since, self.until = text, action, since, until

    async def search(self, call: Call) -> FrameSearch:
        call.require(Permission.FRAMES_VIEW)
        if not self.station and self.transaction_id is None:
            raise InvalidInputError("Say which station or transactionId is meant.")
        async with call.reading() as session:
            found = await frame_search(session, self.station, self.transaction_id)
        return replace(
            found,
            text=self.text,
            action=self.action,
            since=self.since or found.since,
            until=self.until or found.until,
        )


@router.get("", response_model=Listed[FrameShape], responses={404: {}})
async def list_frames(
    call: SignedIn,
    wanted: Annotated[_Wanted, Depends()],
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
) -> Listed[FrameShape]:
    """Frames, newest first."""
    search = await wanted.search(call)
    query = select(Frame).where(col(Frame.station_id) == search.station_id)
    if search.since is not None:
        query = query.where(col(Frame.at) >= search.since)
    if search.until is not None:
        query = query.where(col(Frame.at) <= search.until)
    if search.action:
        query = query.where(col(Frame.action) == search.action)
    if search.text:
        found = col(Frame.text).icontains(search.text, autoescape=True)
        query = query.where(found | col(Frame.answer_text).icontains(search.text, autoescape=True))
    async with call.reading() as session:
        return await _ORDER.page(session, query, page, lambda row: FrameShape.model_validate(row[0]))


@router.get(
    "/export",
    response_class=StreamingResponse,
    responses={200: {"content": {_LINES: {"schema": {"type": "string"}}}, "description": "JSON lines"}, 404: {}},
)
async def export_frames_as_lines(call: SignedIn, wanted: Annotated[_Wanted, Depends()]) -> StreamingResponse:
    """The same frames, oldest first, as JSON lines: first whose they are, then one each. `frames replay` reads them."""
    search = await wanted.search(call)

    async def lines() -> AsyncGenerator[bytes]:
        async with call.reading() as session:
            async for line in export_frames(session, search):
                yield f"{line}\n".encode()

    return StreamingResponse(lines(), media_type=_LINES)

"""Keeps what the displays of stations show (O01 to O06)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, Table, delete
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col

from csms.stations.ref import StationRef
from csms.work import Work
from models import DisplayMessage

_TABLE: Table = getattr(DisplayMessage, "__table__")  # noqa: B009 - SQLModel's types do not know it
_KEY = ("station_id", "message_id")


@dataclass(frozen=True, slots=True)
class DisplayReport:
    """A message as set or reported; `details` is the whole of it."""

    message_id: int
    priority: str
    content: str
    format: str
    language: str = ""
    state: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    transaction_id: str = ""
    details: dict[str, Any] = field(default_factory=dict[str, Any])


async def store_messages(work: Work, ref: StationRef, messages: Sequence[DisplayReport], at: datetime) -> None:
    """Keep messages; the same number again replaces one (O_12)."""
    for message in messages:
        row = {name: getattr(message, name) for name in DisplayReport.__slots__}
        row |= {"tenant_id": ref.tenant_id, "station_id": ref.id, "confirmed_at": at}
        work.append(_upsert(work.dialect), row)


async def forget_message(work: Work, ref: StationRef, message_id: int) -> None:
    """The station has removed it, or never had it (O05)."""
    await work.session().execute(
        delete(DisplayMessage).where(
            col(DisplayMessage.station_id) == ref.id, col(DisplayMessage.message_id) == message_id
        )
    )


async def forget_absent_messages(work: Work, ref: StationRef, since: datetime) -> None:
    """A report of all messages is whole: what the station did not confirm since it was asked is there no more."""
    await work.session().execute(
        delete(DisplayMessage).where(col(DisplayMessage.station_id) == ref.id, col(DisplayMessage.confirmed_at) < since)
    )


@lru_cache
def _upsert(dialect: str) -> Executable:
    insert = postgresql.insert(_TABLE) if dialect == "postgresql" else sqlite.insert(_TABLE)
    changed = [column.name for column in _TABLE.c if column.name not in (*_KEY, "id", "tenant_id")]
    return insert.on_conflict_do_update(
        index_elements=list(_KEY), set_={name: insert.excluded[name] for name in changed}
    )

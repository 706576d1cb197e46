"""What must happen: obligations written in the same commit as their cause, until somebody has met them."""

from datetime import datetime
from typing import Any

from sqlmodel import Field

from models.base import Row, moment, optional_moment
from models.types import BigId, Json


class OutboxEntry(Row, table=True):
    """One obligation. Open until `done_at` or `dead_at`; whoever works on it holds it until `leased_until`."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    tenant_id: int | None = Field(default=None, foreign_key="tenant.id", index=True)
    """Whose it is; None for the platform's own."""
    kind: str = Field(max_length=64)
    """Name of the class in csms.obligations."""
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Its fields; emptied once it is met, for they may hold links that open something."""
    cause_id: str | None = Field(default=None, max_length=36)
    created_at: datetime = moment()
    due_at: datetime | None = optional_moment(index=True)
    """When to try (again); None when there is nothing more to do."""
    leased_until: datetime | None = optional_moment()
    attempts: int = 0
    last_error: str = ""
    done_at: datetime | None = optional_moment()
    dead_at: datetime | None = optional_moment()
    """When it was given up; it can be tried again by hand."""

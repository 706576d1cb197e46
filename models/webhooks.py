"""Webhooks: where a tenant's programs hear what happened, and how each delivery went."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlmodel import Field

from models.base import TenantScoped, moment, optional_moment
from models.types import BigId, Json


class DeliveryState(StrEnum):
    """How far a delivery has come."""

    WAITING = "waiting"
    """Not tried yet, or tried and due again."""
    DELIVERED = "delivered"
    GIVEN_UP = "given_up"


class Webhook(TenantScoped, table=True):
    """An address that is told of events by POST."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(max_length=36, unique=True)
    """UUID; the sealed secret is tied to it."""
    url: str = Field(max_length=2048)
    description: str = ""
    events: list[str] = Field(default_factory=list, sa_type=Json)
    """Names as in csms.bus.outside."""
    sealed_secret: str
    is_active: bool = True
    created_at: datetime = moment()
    failing_since: datetime | None = optional_moment()
    """First failure after the last success."""
    disabled_at: datetime | None = optional_moment()
    disabled_because: str = ""


class WebhookDelivery(TenantScoped, table=True):
    """One event for one webhook, written in the commit of the event."""

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    key: str = Field(max_length=36, unique=True)
    """UUID; programs see it as `webhook-id` and know repeats by it."""
    webhook_id: int = Field(foreign_key="webhook.id", index=True, ondelete="CASCADE")
    event: str = Field(max_length=64)
    body: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    created_at: datetime = moment(index=True)
    state: str = Field(default=DeliveryState.WAITING, max_length=16)
    attempts: int = 0
    last_attempt_at: datetime | None = optional_moment()
    response_status: int | None = None
    response_text: str = ""
    """The beginning of what the address answered, or why it could not be reached."""
    duration_ms: int | None = None
    replay_of: str | None = Field(default=None, max_length=36)
    """Key of the delivery that this one repeats by hand."""

"""Addresses that are told of events by signed POST, and how each delivery went."""

from typing import Annotated, Any, ClassVar

from fastapi import Depends, Query, Response
from pydantic import Field
from sqlalchemy import select
from sqlmodel import col

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Listed, Moment, RowId, Shape
from csms.bus.outside import BY_NAME
from csms.notify.webhooks import queries
from csms.notify.webhooks.service import WebhookForm
from models import DeliveryState, WebhookDelivery

router = new_router("webhooks", "/webhooks")
_ORDER = Ordering(col(WebhookDelivery.id), {"id": Key(col(WebhookDelivery.id), int)}, "-id")
EventName = Annotated[str, Field(json_schema_extra={"enum": list(BY_NAME)})]


class WebhookShape(Shape):
    """A webhook, without its secret."""

    volatile: ClassVar[frozenset[str]] = frozenset({"failingSince", "disabledAt", "disabledBecause"})

    id: int
    url: str = Field(examples=["https://example.com/hooks/charging"])
    description: str
    events: list[str] = Field(examples=[["transaction.ended"]])
    is_active: bool
    created_at: Moment
    failing_since: Moment | None
    disabled_at: Moment | None
    disabled_because: str


class NewWebhookShape(WebhookShape):
    """A webhook just made."""

    secret: str
    """Signs what is sent (docs/webhooks.md). It is shown this once."""


class SecretShape(Shape):
    """A new signing secret."""

    secret: str


class WebhookBody(Body):
    """A webhook as it shall be."""

    url: str = Field(
        min_length=1, max_length=2048, pattern=r"^[!-~]+$", examples=["https://example.com/hooks/charging"]
    )
    events: list[EventName] = Field(min_length=1, max_length=50, examples=[["transaction.ended"]])
    description: str = Field(default="", max_length=200, pattern=r"^[^\u0000]*$")
    is_active: Flag = True

    def form(self) -> WebhookForm:
        return WebhookForm(self.url, tuple(dict.fromkeys(self.events)), self.description, self.is_active)


class DeliveryShape(Shape):
    """One event for a webhook."""

    key: str
    """Programs see it as `webhook-id`."""
    event: str
    body: dict[str, Any]
    state: str = Field(examples=["delivered"])
    attempts: int
    created_at: Moment
    last_attempt_at: Moment | None
    response_status: int | None
    response_text: str
    duration_ms: int | None
    replay_of: str | None


class AgainBody(Body):
    """Deliveries to make once more."""

    keys: list[Annotated[str, Field(min_length=36, max_length=36, pattern=r"^[0-9a-f-]+$")]] = Field(
        min_length=1, max_length=100
    )


class AgainShape(Shape):
    """How many are sent again."""

    count: int


class TriedShape(Shape):
    """The delivery of a try-out."""

    key: str


@router.get("", response_model=Listed[WebhookShape])
async def list_webhooks(call: SignedIn) -> Listed[WebhookShape]:
    """All webhooks."""
    call.require(Permission.PROGRAMS_MANAGE)
    async with call.reading() as session:
        rows = await queries.webhooks(session)
    return Listed(data=[WebhookShape.model_validate(row.webhook) for row in rows])


@router.post("", response_model=NewWebhookShape, status_code=201)
async def create_webhook(call: SignedIn, body: WebhookBody, response: Response) -> NewWebhookShape:
    """Add a webhook. Its signing secret is in this answer and nowhere else."""
    webhook_id, secret = await call.services.webhooks.add(call.actor, body.form())
    response.headers["Cache-Control"] = "no-store"
    shape = await _shape(call, webhook_id)
    return NewWebhookShape.model_validate(shape.model_dump() | {"secret": secret})


@router.get("/{webhook_id}", response_model=WebhookShape)
async def get_webhook(call: SignedIn, webhook_id: RowId) -> WebhookShape:
    """One webhook."""
    call.require(Permission.PROGRAMS_MANAGE)
    return await _shape(call, webhook_id)


@router.put("/{webhook_id}", response_model=WebhookShape)
async def replace_webhook(call: SignedIn, webhook_id: RowId, body: WebhookBody, match: IfMatch) -> WebhookShape:
    """Change a webhook; turning it on forgets its failures."""
    call.require(Permission.PROGRAMS_MANAGE)
    match.require(await _shape(call, webhook_id))
    await call.services.webhooks.change(call.actor, webhook_id, body.form())
    return await _shape(call, webhook_id)


@router.delete("/{webhook_id}", status_code=204)
async def delete_webhook(call: SignedIn, webhook_id: RowId) -> None:
    """Remove a webhook with its log."""
    await call.services.webhooks.remove(call.actor, webhook_id)


@router.post("/{webhook_id}/secret", response_model=SecretShape)
async def rotate_webhook_secret(call: SignedIn, webhook_id: RowId, response: Response) -> SecretShape:
    """Another signing secret, which holds from the next request on. It is shown this once."""
    response.headers["Cache-Control"] = "no-store"
    return SecretShape(secret=await call.services.webhooks.rotate_secret(call.actor, webhook_id))


@router.post("/{webhook_id}/test", response_model=TriedShape, status_code=202)
async def test_webhook(call: SignedIn, webhook_id: RowId) -> TriedShape:
    """Send it a `webhook.test`; how that went is in its deliveries."""
    return TriedShape(key=await call.services.webhooks.try_out(call.actor, webhook_id))


@router.get("/{webhook_id}/deliveries", response_model=Listed[DeliveryShape])
async def list_deliveries(
    call: SignedIn,
    webhook_id: RowId,
    page: Annotated[PageAsk, Depends(_ORDER.asked)],
    state: Annotated[DeliveryState | None, Query()] = None,
) -> Listed[DeliveryShape]:
    """How each delivery went, newest first."""
    call.require(Permission.PROGRAMS_MANAGE)
    query = select(WebhookDelivery).where(col(WebhookDelivery.webhook_id) == webhook_id)
    if state is not None:
        query = query.where(col(WebhookDelivery.state) == state)
    async with call.reading() as session:
        await queries.webhook(session, webhook_id)
        return await _ORDER.page(session, query, page, lambda row: DeliveryShape.model_validate(row[0]))


@router.post("/{webhook_id}/deliveries/again", response_model=AgainShape, status_code=202)
async def repeat_deliveries(call: SignedIn, webhook_id: RowId, body: AgainBody) -> AgainShape:
    """Deliver once more what these deliveries said, under new ids."""
    return AgainShape(count=await call.services.webhooks.send_again(call.actor, webhook_id, body.keys))


async def _shape(call: SignedIn, webhook_id: int) -> WebhookShape:
    async with call.reading() as session:
        return WebhookShape.model_validate(await queries.webhook(session, webhook_id))

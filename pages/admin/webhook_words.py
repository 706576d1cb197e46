"""How webhooks and their deliveries are doing, as a status and in words."""

from typing import Final

from models import DeliveryState, Webhook, WebhookDelivery

_DELIVERIES: Final = {
    DeliveryState.DELIVERED: ("Available", "Delivered"),
    DeliveryState.WAITING: ("Preparing", "Waiting"),
    DeliveryState.GIVEN_UP: ("Faulted", "Given up"),
}


def state_of(webhook: Webhook, last_state: str | None) -> tuple[str, str]:
    """A webhook's state; `last_state` is that of its newest delivery that was tried."""
    if not webhook.is_active:
        return "Unavailable", webhook.disabled_because or "Turned off"
    if webhook.failing_since is not None:
        return "Faulted", "Failing; tried again"
    if last_state is None:
        return "Available", "Waiting for the first event"
    return "Available", "Delivering"


def delivery_state(delivery: WebhookDelivery) -> tuple[str, str]:
    """A delivery's state; a failure that is tried again says so."""
    status, words = _DELIVERIES[DeliveryState(delivery.state)]
    if delivery.state == DeliveryState.WAITING and delivery.attempts:
        return "Faulted", f"Failed {delivery.attempts}×, tried again"
    return status, words


def answer_words(delivery: WebhookDelivery) -> str:
    """What the address said to the last attempt."""
    if not delivery.attempts:
        return "–"
    if delivery.response_status is None:
        return delivery.response_text
    return f"HTTP {delivery.response_status}"

"""How far a custom domain has come: worked out from what is known of it."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from csms.tenants.dns import Found
from models import CustomDomain

WARN_AFTER: Final = timedelta(hours=1)
"""How long a proved domain may be wrong before its Admins hear of it."""
KEPT_FOR: Final = timedelta(days=7)
"""How long it goes on answering."""
RECHECK: Final = timedelta(minutes=3)
IDLE_RECHECK: Final = timedelta(hours=1)
"""For one that nobody has finished in two weeks."""
IDLE_AFTER: Final = timedelta(days=14)


class DomainState(StrEnum):
    """One word for it."""

    WAITING = "waiting"
    WRONG = "wrong"
    TAKEN = "taken"
    VERIFIED = "verified"
    SERVED = "served"
    LOST = "lost"
    EXPIRED = "expired"


def state_of(domain: CustomDomain) -> DomainState:
    """The state of a row."""
    if domain.verified_at is not None:
        if domain.lost_at is not None:
            return DomainState.LOST
        return DomainState.SERVED if domain.served_at is not None else DomainState.VERIFIED
    if domain.is_taken:
        return DomainState.TAKEN
    if domain.expired_at is not None:
        return DomainState.EXPIRED
    found = found_of(domain)
    return DomainState.WAITING if found.is_silent or found.is_nothing else DomainState.WRONG


def found_of(domain: CustomDomain) -> Found:
    """What DNS said last."""
    lists = {name: tuple(domain.found.get(name, ())) for name in ("texts", "addresses", "ours")}
    found: dict[str, Any] = domain.found | lists
    return Found(**found)


def ends_at(domain: CustomDomain) -> datetime | None:
    """When a lost domain will stop answering."""
    return None if domain.verified_at is None or domain.lost_at is None else domain.lost_at + KEPT_FOR


def next_check(domain: CustomDomain, now: datetime) -> datetime:
    """When DNS is asked again while nobody is looking."""
    is_idle = domain.verified_at is None and now - domain.created_at > IDLE_AFTER
    return now + (IDLE_RECHECK if is_idle else RECHECK)

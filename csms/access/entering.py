"""A platform owner enters a tenant: with a written reason, for an hour, in the tenant's own audit log."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

from csms.access import audit
from csms.access.links import issue_link, use_link
from csms.access.policy import Actor
from csms.access.sessions import PLATFORM_OWNER, Door, open_session, owner_inside
from csms.clock import Clock
from csms.errors import InvalidInputError, LinkExpiredError, PermissionDeniedError
from csms.work import Committer, Work
from models import User
from models.scope import tenant_scope

ENTER: Final = "enter_tenant"
LINK_LASTS: Final = timedelta(minutes=2)
STAY_LASTS: Final = timedelta(hours=1)
SHORTEST_REASON: Final = 10
LONGEST_REASON: Final = 500


async def ask_to_enter(committer: Committer, clock: Clock, owner: Actor, tenant_id: int, reason: str) -> str:
    """Write down why. Returns the token of a link on the tenant's hostname, for once and at once.

    Raises InvalidInputError without a reason, PermissionDeniedError for who does not own the platform.
    """
    if owner.role != PLATFORM_OWNER or owner.user_id is None:
        raise PermissionDeniedError("Only the platform's owner may enter a tenant.")
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON or not reason.isprintable():
        raise InvalidInputError(
            f"Say why in {SHORTEST_REASON} to {LONGEST_REASON} characters: the tenant's people read it in their log."
        )

    async def unit(work: Work) -> str:
        return await issue_link(
            work,
            ENTER,
            now=clock.now(),
            lasts=LINK_LASTS,
            user_id=owner.user_id,
            tenant_id=tenant_id,
            details={"reason": reason},
        )

    return await committer.run(unit)


async def enter(committer: Committer, clock: Clock, door: Door, token: str) -> str:
    """Use the link. Returns the cookie's token of an Admin's sign-in that ends by itself. Raises LinkExpiredError."""

    async def unit(work: Work) -> str:
        session, now = work.session(), clock.now()
        link = await use_link(session, token, ENTER, now, door.tenant_id)
        owner = await session.get_one(User, link.user_id)
        if not owner.is_platform_owner or door.tenant_id is None:
            raise LinkExpiredError("This link has been used or has expired.")
        actor = owner_inside(owner, door.tenant_id)
        reason = str(link.details["reason"])
        details = {"reason": reason, "until": (now + STAY_LASTS).isoformat(timespec="minutes")}
        audit.record(work, replace(actor, address=door.address), "platform.entered", "this tenant", details, at=now)
        return open_session(work, actor, door, now=now, lasts=STAY_LASTS, reason=reason)

    with tenant_scope(door.scope):
        return await committer.run(unit)

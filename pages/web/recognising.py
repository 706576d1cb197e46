"""Whether a browser's sign-in still holds: asked at the gate, by every page of a tab, and before every deed."""

from csms.access.service import Door, recognise, touch
from csms.access.sessions import TOUCH_EVERY, SignedIn
from pages.services import Services


async def recognised(services: Services, door: Door, token: str, *, is_use: bool = True) -> SignedIn | None:
    """Who holds this token at this door now. Asking counts as use of the sign-in, unless it is only looked after."""
    now = services.clock.now()
    async with services.database.reading() as session:
        signed_in = await recognise(session, token, door.tenant_id, now, services.settings.sign_in_idle)
    if signed_in is None:
        return None
    if is_use and (signed_in.last_seen_at is None or now - signed_in.last_seen_at >= TOUCH_EVERY):
        await touch(services.committer, door, token, signed_in.actor.user_id or 0, now)
    return signed_in

"""Open tabs, when the sign-in behind them ends or may do other things than before."""

import asyncio
from typing import Final

from nicegui import Client, ui

from csms.access.service import Door
from csms.access.tokens import hash_token
from csms.bus.events import SignInsChanged
from csms.errors import SignInError
from pages.web.recognising import recognised
from pages.web.visit import Visit, visit_of

GRACE_S: Final = 5.0
"""How long a tab has to leave by itself."""
LOOK_EVERY_S: Final = 60.0
_LEAVE: Final = "location.replace('/sign-in')"


def show_out(event: SignInsChanged) -> None:
    """Lead every tab of these sign-ins to the sign-in page, for their live data is over; or let them load anew."""
    hashes = frozenset(event.token_hashes)
    for client in list(Client.instances.values()):
        token = visit_of(client.request.scope).token
        if not token or hash_token(token) not in hashes:
            continue
        if event.ended:
            close(client)
        elif client.has_socket_connection:
            client.run_javascript("location.reload()")


def close(client: Client) -> None:
    """Lead a tab to the sign-in page. What stays all the same finds nothing behind its socket a moment later."""
    if client.has_socket_connection:
        client.run_javascript(_LEAVE)
    asyncio.get_running_loop().call_later(GRACE_S, _forget, client.id)


def led_away() -> SignInError:
    """The present tab's sign-in has ended: close it, and say so."""
    close(ui.context.client)
    return SignInError("Your sign-in has ended. Please sign in again.")


def look_after(visit: Visit) -> None:
    """Close the tab that is being built when its sign-in ends by time, or was left alone for too long."""
    client, token = ui.context.client, visit.token or ""
    ui.timer(visit.lasts_s, lambda: close(client), once=True)
    if visit.services.settings.sign_in_idle is None:
        return

    async def look() -> None:
        if await recognised(visit.services, Door(visit.tenant_id, visit.address), token, is_use=False) is None:
            close(client)

    ui.timer(LOOK_EVERY_S, look, immediate=False)


def _forget(client_id: str) -> None:
    """The framework forgets a tab that left; one that stays, or comes back meanwhile, is forgotten by us."""
    client = Client.instances.get(client_id)
    if client is None:
        return
    if client.has_socket_connection:
        client.delete()
    else:
        asyncio.get_running_loop().call_later(GRACE_S, _forget, client_id)

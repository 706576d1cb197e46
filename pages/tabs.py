"""Open tabs, when the sign-in behind them ends or may do other things than before."""

from nicegui import Client

from csms.access.tokens import hash_token
from csms.bus.events import SignInsChanged
from pages.web.visit import visit_of


def show_out(event: SignInsChanged) -> None:
    """Lead every tab of these sign-ins to the sign-in page, for their live data is over; or let them load anew."""
    hashes = frozenset(event.token_hashes)
    script = "location.replace('/sign-in')" if event.ended else "location.reload()"
    for client in list(Client.instances.values()):
        token = visit_of(client.request.scope).token
        if token and client.has_socket_connection and hash_token(token) in hashes:
            client.run_javascript(script)

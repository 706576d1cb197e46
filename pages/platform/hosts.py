"""Where tenants are met, seen from the owner's pages."""

from urllib.parse import urlsplit

from nicegui import ui


def address_of(hostname: str) -> str:
    """The tenant's dashboard, at the port and scheme by which the owner came."""
    here = urlsplit(str(ui.context.client.request.url))
    return f"{here.scheme}://{hostname}" + (f":{here.port}" if here.port else "")

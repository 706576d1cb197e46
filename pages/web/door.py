"""Where a visitor stands, in the words of csms.access."""

from starlette.requests import Request

from csms.access.invitations import Host
from csms.access.service import Door
from csms.tenants.directory import bare_host
from pages.web.visit import Visit


def door_of(request: Request, visit: Visit) -> Door:
    """The hostname's tenant, the visitor's address and browser."""
    return Door(visit.tenant_id, visit.address, request.headers.get("user-agent", ""))


def host_of(request: Request, visit: Visit) -> Host:
    """Where links in letters lead: the hostname by which the visitor came, which the host gate knows."""
    hostname = bare_host(request.headers.get("host", ""))
    return Host(visit.services.settings.address_of(hostname), visit.brand.app_name)

"""The tenant whose hostname this is."""

from csms.access.policy import Permission
from csms.api.call import SignedIn
from csms.api.routing import new_router
from csms.api.shapes import Shape

router = new_router("tenant", "/tenant")


class TenantShape(Shape):
    """A charge point operator."""

    id: int
    key: str
    name: str
    currency: str
    time_zone: str
    locale: str
    hosts: list[str]


@router.get("", response_model=TenantShape)
async def get_tenant(call: SignedIn) -> TenantShape:
    """Who this is: name, currency, time zone, language and hostnames."""
    call.require(Permission.STATIONS_VIEW)
    return TenantShape.model_validate(call.tenant)

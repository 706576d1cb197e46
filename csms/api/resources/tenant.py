"""The tenant whose hostname this is, and what it says of itself."""

from dataclasses import asdict
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from csms.access.policy import Permission, allowed
from csms.api.call import Call, SignedIn
from csms.api.etags import IfMatch
from csms.api.routing import new_router
from csms.api.shapes import Body, LongText, Real, Shape, Whole
from csms.tenants.founding import LONGEST_ADDRESS, LONGEST_NAME
from csms.tenants.organisation import Organisation, change_organisation, organisation

router = new_router("tenant", "/tenant")
_PUBLIC = frozenset({"name", "currency", "time_zone", "locale"})
_NO_NUL = r"^[^\u0000]*$"


class TenantShape(Shape):
    """A charge point operator. What stands behind `hosts` is null without the permission tenant.manage."""

    id: int
    key: str
    name: str
    currency: str
    time_zone: str
    locale: str
    hosts: list[str]
    map_latitude: float | None
    """Where the map looks while there are no stations on it."""
    map_longitude: float | None
    map_zoom: int | None
    postal_address: str | None
    """As it stands on receipts."""
    legal_text: str | None
    """What the law asks of receipts: register, tax number, representatives."""
    support_phone: str | None
    """Whom drivers turn to."""
    support_email: str | None


class TenantBody(Body):
    """A tenant as it shall be."""

    name: str = Field(min_length=1, max_length=LONGEST_NAME, pattern=_NO_NUL, examples=["Green Energy"])
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])
    """ISO 4217. It stays once there are sessions priced in it (409)."""
    time_zone: str = Field(max_length=64, pattern=r"^[!-~]+$", examples=["Europe/Berlin"])
    locale: str = Field(max_length=16, pattern="^[A-Za-z-]+$", examples=["en-GB"])
    """Language of numbers and dates."""
    map_latitude: Annotated[Real, Field(ge=-90, le=90, examples=[52.5])]
    map_longitude: Annotated[Real, Field(ge=-180, le=180, examples=[13.4])]
    map_zoom: Whole = Field(ge=2, le=18, examples=[6])
    """2 is a continent, 18 a street."""
    postal_address: str = Field(default="", max_length=LONGEST_ADDRESS, pattern=_NO_NUL)
    legal_text: LongText = ""
    support_phone: str = Field(default="", max_length=40, pattern=_NO_NUL, examples=["+49 30 1234567"])
    support_email: str = Field(default="", max_length=254, pattern=_NO_NUL, examples=["help@example.com"])


@router.get("", response_model=TenantShape)
async def get_tenant(call: SignedIn) -> TenantShape:
    """Who this is: name, currency, time zone, language and hostnames; for Admins also what receipts and drivers are
    told."""
    if not allowed(call.actor, Permission.TENANT_MANAGE):
        call.require(Permission.STATIONS_VIEW)
    async with call.reading() as session:
        return await _shape(call, session)


@router.put("", response_model=TenantShape)
async def replace_tenant(call: SignedIn, body: TenantBody, match: IfMatch) -> TenantShape:
    """Set what the tenant says of itself."""
    call.require(Permission.TENANT_MANAGE)
    async with call.reading() as session:
        match.require(await _shape(call, session))
    services = call.services
    wanted = Organisation(**body.model_dump())
    await change_organisation(services.committer, services.directory, services.clock, call.actor, wanted)
    async with call.reading() as session:
        return await _shape(call, session)


async def _shape(call: Call, session: AsyncSession) -> TenantShape:
    known = call.services.directory.by_id(call.tenant.id) or call.tenant
    about = asdict(known)
    if allowed(call.actor, Permission.TENANT_MANAGE):
        about |= asdict(await organisation(session, call.actor))
    else:
        about |= dict.fromkeys(Organisation.__dataclass_fields__.keys() - _PUBLIC)
    return TenantShape.model_validate(about)

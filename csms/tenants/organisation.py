"""What a tenant says of itself: name, place, currency, the texts of its receipts, and whom drivers call."""

import re
from dataclasses import asdict, dataclass, replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.clock import Clock
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.tenants.choices import currencies
from csms.tenants.directory import TenantDirectory
from csms.tenants.founding import check_place, check_words
from csms.tenants.signing_up import check_email
from csms.work import Committer, Work
from models import Tenant, Transaction
from models.scope import current_tenant_id

_PHONE: Final = re.compile(r"[+(]?[0-9][0-9 ()/.-]{3,38}")


@dataclass(frozen=True, slots=True)
class Organisation:
    """What an Admin may set."""

    name: str
    locale: str
    time_zone: str
    currency: str
    map_latitude: float
    map_longitude: float
    map_zoom: int
    postal_address: str
    legal_text: str
    support_phone: str
    support_email: str


async def organisation(session: AsyncSession, actor: Actor) -> Organisation:
    """The tenant in scope as stored."""
    require(actor, Permission.TENANT_MANAGE)
    return _said(await _tenant(session))


async def has_transactions(session: AsyncSession) -> bool:
    """Whether the tenant in scope has ever had a transaction: then its currency stays."""
    return (await session.execute(select(col(Transaction.id)).limit(1))).first() is not None


async def change_organisation(
    committer: Committer, directory: TenantDirectory, clock: Clock, actor: Actor, wanted: Organisation
) -> Organisation:
    """Set what the tenant in scope says of itself. Returns it as kept.

    Raises InvalidInputError naming the field, ConflictError for a new currency when there are transactions.
    """
    require(actor, Permission.TENANT_MANAGE)
    wanted = _tidy(wanted)

    async def unit(work: Work) -> None:
        session = work.session()
        tenant = await _tenant(session)
        before = _said(tenant)
        if before.currency != wanted.currency and await has_transactions(session):
            raise ConflictError("Currency: it stays as it is, for there are sessions priced in it.")
        for name, value in asdict(wanted).items():
            if getattr(tenant, name) != value:
                setattr(tenant, name, value)
        audit.record_change(
            work, actor, "tenant.changed", f"tenant {wanted.name}", asdict(before), asdict(wanted), at=clock.now()
        )

    await committer.run(unit)
    await directory.load()
    return wanted


def _tidy(wanted: Organisation) -> Organisation:
    wanted = replace(
        wanted,
        name=wanted.name.strip(),
        postal_address=wanted.postal_address.strip(),
        legal_text=wanted.legal_text.strip(),
        support_phone=" ".join(wanted.support_phone.split()),
        support_email=check_email(wanted.support_email) if wanted.support_email.strip() else "",
    )
    check_words(wanted.name, wanted.postal_address, wanted.legal_text)
    check_place(wanted.time_zone, wanted.locale)
    if wanted.currency not in currencies():
        raise InvalidInputError("Currency: choose one from the list.")
    if wanted.support_phone and not _PHONE.fullmatch(wanted.support_phone):
        raise InvalidInputError("Phone: write it with its country, as in +49 30 1234567.")
    if not (-90 <= wanted.map_latitude <= 90 and -180 <= wanted.map_longitude <= 180):
        raise InvalidInputError("Map: latitude is -90 to 90, longitude -180 to 180.")
    if not 2 <= wanted.map_zoom <= 18:
        raise InvalidInputError("Map: the zoom is 2 (a continent) to 18 (a street).")
    return wanted


async def _tenant(session: AsyncSession) -> Tenant:
    tenant = await session.get(Tenant, current_tenant_id())
    if tenant is None:
        raise NotFoundError("This tenant")
    return tenant


def _said(tenant: Tenant) -> Organisation:
    return Organisation(**{name: getattr(tenant, name) for name in Organisation.__dataclass_fields__})

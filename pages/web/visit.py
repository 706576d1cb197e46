"""Who visits which host: found out once per request, read by every page."""

import logging
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Final, cast

from fastapi import Request
from starlette.types import Scope

from csms.access.policy import Actor
from csms.tenants.directory import TenantInfo
from pages.services import Services
from themes.brand import Brand, BrandError
from themes.builtin import VOLTDECK

_log = logging.getLogger(__name__)
_KEY: Final = "voltdeck.visit"


@dataclass(slots=True)
class Visit:
    """One request: the host gate makes it, the sign-in gate adds token and actor."""

    services: Services
    tenant: TenantInfo | None
    """None on the platform owner's host."""
    token: str | None = None
    """The sign-in session's secret, when it is valid here."""
    actor: Actor | None = None
    expires_at: datetime | None = None
    reason: str = ""
    """Why a platform owner entered this tenant; empty for everybody else."""
    address: str = ""
    """Network address of the visitor; that of the proxy's client where a trusted proxy stands before."""

    @property
    def lasts_s(self) -> float:
        """Seconds until the sign-in ends."""
        return (self.expires_at - self.services.clock.now()).total_seconds() if self.expires_at else 0.0

    @property
    def tenant_id(self) -> int | None:
        return self.tenant.id if self.tenant else None

    @property
    def brand(self) -> Brand:
        """The tenant's brand, or Voltdeck's own on the platform's host."""
        return brand_of(self.tenant)


@lru_cache(maxsize=1024)
def brand_of(tenant: TenantInfo | None) -> Brand:
    """A tenant's brand; what its row leaves out is said by the tenant itself (name, language) or by Voltdeck.

    A row that no brand can be made of must not lock its people out: they get the plain look, and the log the reason.
    """
    if tenant is None:
        return VOLTDECK
    own = {"key": tenant.key, "app_name": tenant.name[:40]}
    try:
        return Brand.from_tokens(own | tenant.brand | {"language": tenant.locale})
    except BrandError as error:
        _log.error("tenant %s has a broken brand: %s", tenant.key, error)
        return Brand.from_tokens(own)


def begin_visit(scope: Scope, visit: Visit) -> None:
    scope[_KEY] = visit


def visit_of(scope: Scope) -> Visit:
    """The visit that the host gate began."""
    return cast(Visit, scope[_KEY])


def current_visit(request: Request) -> Visit:
    """The same as a FastAPI dependency."""
    return visit_of(request.scope)

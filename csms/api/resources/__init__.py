"""What the API is made of: a router for each noun. A new one is added here, in the order of the documentation."""

from typing import Final

from fastapi import APIRouter

from csms.api.resources import auth, tenant

ROUTERS: Final[tuple[APIRouter, ...]] = (
    auth.router,
    tenant.router,
)

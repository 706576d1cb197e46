"""What the API is made of: a router for each noun. A new one is added here, in the order of the documentation."""

from typing import Final

from fastapi import APIRouter

from csms.api.resources import (
    api_keys,
    audit,
    auth,
    commands,
    config,
    drivers,
    events,
    evses,
    frames,
    id_tokens,
    locations,
    reservations,
    stations,
    tariffs,
    tenant,
    transactions,
    users,
    webhooks,
)

ROUTERS: Final[tuple[APIRouter, ...]] = (
    auth.router,
    tenant.router,
    config.router,
    locations.router,
    stations.router,
    evses.router,
    commands.router,
    reservations.router,
    id_tokens.router,
    drivers.router,
    transactions.router,
    tariffs.router,
    users.router,
    users.invitations,
    audit.router,
    frames.router,
    events.router,
    api_keys.router,
    webhooks.router,
)

"""What the API uses of the engine; whoever mounts it fills it in once."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from csms.acceptance.service import Acceptance
from csms.access.grants import Grants
from csms.access.limiting import Limiter
from csms.access.service import Entrance
from csms.access.signing import SigningKeys
from csms.access.single_sign_on import SingleSignOn
from csms.api.brands import Brands
from csms.api.feed import EventFeed
from csms.bus.bus import Bus
from csms.clock import Clock
from csms.commands.service import Commands
from csms.config import Settings
from csms.notify.webhooks.service import Webhooks
from csms.sealing import Sealer
from csms.stations.labels import LabelRow
from csms.tenants.directory import TenantDirectory, TenantInfo
from csms.tenants.domains import Domains
from csms.work import Committer
from models.db import Database

LabelPrinter = Callable[[TenantInfo, Sequence[LabelRow], str], Awaitable[bytes]]


@dataclass(frozen=True, slots=True)
class ApiServices:
    """The engine, as far as programs need it."""

    settings: Settings
    clock: Clock
    database: Database
    committer: Committer
    directory: TenantDirectory
    commands: Commands
    bus: Bus
    webhooks: Webhooks
    public_config: Callable[[TenantInfo, str], dict[str, Any]]
    """How a tenant looks and what it says of itself, with addresses below a URL: the face knows, and tells."""
    acceptance: Acceptance
    print_labels: LabelPrinter
    """A PDF in a tenant's brand, which the face knows; the text is the form (csms.stations.label_sheet.FORMS)."""
    brands: Brands
    domains: Domains
    single_sign_on: SingleSignOn
    limiter: Limiter
    entrance: Entrance
    """Where people prove who they are; the same as behind the sign-in page."""
    keys: SigningKeys
    grants: Grants
    feed: EventFeed
    sealer: Sealer
    """For what idempotent requests were answered."""
    secret_key: bytes

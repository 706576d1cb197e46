"""What pages may use of the engine; main.py fills it in once."""

from dataclasses import dataclass

from csms.acceptance.service import Acceptance
from csms.access.service import Entrance
from csms.access.single_sign_on import SingleSignOn
from csms.bus.bus import Bus
from csms.clock import Clock
from csms.commands.service import Commands
from csms.config import Settings
from csms.live.board import Board
from csms.notify.webhooks.service import Webhooks
from csms.tenants.directory import TenantDirectory
from csms.work import Committer
from models.db import Database


@dataclass(frozen=True, slots=True)
class Services:
    """The engine, as far as its face needs it."""

    settings: Settings
    clock: Clock
    database: Database
    committer: Committer
    directory: TenantDirectory
    board: Board
    commands: Commands
    acceptance: Acceptance
    bus: Bus
    entrance: Entrance
    single_sign_on: SingleSignOn
    webhooks: Webhooks

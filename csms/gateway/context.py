"""What the parts of the gateway share: the services they use, and what is known of a connected station."""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import Context
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import structlog

from csms.certificates.helpers import CertificateHelpers
from csms.clock import Clock
from csms.config import Settings
from csms.gateway.remarking import Remarks
from csms.ocpp.version import OcppVersion
from csms.stations.quirk_profiles import QuirkBook, Quirks
from csms.stations.ref import StationRef
from csms.transactions.service import Transactions
from csms.work import Committer
from models import Registration
from models.db import Database

if TYPE_CHECKING:
    from csms.gateway.clocks import ClockWatch

log = structlog.get_logger(__name__)
_NO_QUIRKS = Quirks()


@dataclass(slots=True)
class Background:
    """Tasks nobody waits for, kept until they end; what they raise is logged."""

    _tasks: set[asyncio.Task[Any]] = field(default_factory=set[asyncio.Task[Any]])

    def spawn(self, work: Coroutine[Any, Any, Any], context: Context | None = None) -> None:
        """Start `work`, in a context of its own or the present one, and keep it until it ends."""
        task = asyncio.create_task(work, context=context)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def drain(self, timeout_s: float = 10.0) -> None:
        """Wait for all of them."""
        while self._tasks:
            done, _ = await asyncio.wait(self._tasks, timeout=timeout_s)
            if not done:
                return

    def __len__(self) -> int:
        return len(self._tasks)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("background work of the gateway failed", exc_info=error)


@dataclass(frozen=True, slots=True)
class Services:
    """What every connection uses."""

    settings: Settings
    committer: Committer
    clock: Clock
    transactions: Transactions
    background: Background
    remarks: Remarks
    quirks: QuirkBook
    certificates: CertificateHelpers
    database: Database
    """For reading before the unit of work, where a handler must wait for somebody outside."""


@dataclass(slots=True)
class Station:
    """A connected station. `registration` is what its BootNotification was or would be answered."""

    ref: StationRef
    version: OcppVersion
    registration: str
    has_booted: bool = False
    """It sent a BootNotification on this connection."""
    triggered: set[str] | None = None
    """Messages we asked it to send on this connection; welcome even before it is accepted (TR_90)."""
    quirks: Quirks = _NO_QUIRKS
    """What is known of its make."""
    is_strict: bool = False
    """What breaks a schema is refused rather than repaired (TR_50)."""
    clock: "ClockWatch | None" = None
    """How its clock differs from ours, once it has."""
    on_registered: Callable[[], None] | None = None
    """Called once a BootNotification was answered and is durable."""

    @property
    def is_accepted(self) -> bool:
        """Whether it may do more than register."""
        return self.registration == Registration.ACCEPTED

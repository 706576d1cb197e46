"""Which news sets off what."""

from collections.abc import Iterable

from csms.automation import boot_reminder, certificates, onboarding, resets, resuming, smart_charging, transactions
from csms.automation.service import Reaction
from csms.bus.events import BootMissed, Event


def _merged(*tables: dict[type[Event], Reaction]) -> dict[type[Event], tuple[Reaction, ...]]:
    """All reactions by event, in the order of their tables."""
    events: Iterable[type[Event]] = dict.fromkeys(event for table in tables for event in table)
    return {event: tuple(table[event] for table in tables if event in table) for event in events}


REACTIONS = _merged(
    {BootMissed: boot_reminder.ask_for_boot},
    certificates.REACTIONS,
    onboarding.REACTIONS,
    resets.REACTIONS,
    resuming.REACTIONS,
    smart_charging.REACTIONS,
    transactions.REACTIONS,
)

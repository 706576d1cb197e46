"""Asks a station for the BootNotification that its make forgets after a reconnect (quirk 18)."""

from csms.automation.service import Hands
from csms.bus.events import BootMissed


async def ask_for_boot(hands: Hands, event: BootMissed) -> None:
    """Trigger it once; a station that cannot is left in peace."""
    await hands.commands.trigger_message(hands.actor(event.tenant_id), event.station_id, "BootNotification")

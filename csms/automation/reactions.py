"""Which news sets off what."""

from csms.automation.service import Reaction
from csms.bus.events import Event

REACTIONS: dict[type[Event], tuple[Reaction, ...]] = {}

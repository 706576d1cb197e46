"""Whether a token may charge: asked of the CSMS, or decided by the station alone while it cannot be asked."""

from dataclasses import replace
from typing import TYPE_CHECKING

from csms.simulator.evse import Evse
from csms.simulator.face import Grant
from csms.simulator.outbox import Message

if TYPE_CHECKING:
    from csms.simulator.core import StationCore


class TokenReader:
    """The station's RFID reader and its authorization cache (`known`: token -> status)."""

    def __init__(self, station: "StationCore") -> None:
        self._station = station
        self.known: dict[str, str] = {}

    def present(self, evse: Evse, token: str) -> None:
        """Someone holds a token to the reader (C01); the token that started a session stops it."""
        session = evse.session
        evse.refused_token = None
        if session is not None and session.is_authorized and _same(session.token, token):
            evse.end("Local", "StopAuthorized", token)
        else:
            self.authorize(evse, Grant(token), "Authorized")

    def authorize(self, evse: Evse, grant: Grant, trigger: str) -> None:
        """Ask the CSMS whether a token may charge, or decide alone when it cannot be asked."""
        if self._station.speaks:
            self._station.face.authorize(evse, grant, trigger)
        else:
            self._decide_alone(evse, grant, trigger)

    def judged(self, message: Message, status: str, group: str | None) -> None:
        """The CSMS has answered an Authorize."""
        evse, grant = self._station.evse(message.subject["evse"]), message.subject["grant"]
        self.known[grant.token.casefold()] = status
        if status == "Accepted":
            self._accepted(evse, replace(grant, group=group), message.subject["trigger"])
        else:
            evse.refused_token = grant.token

    def _decide_alone(self, evse: Evse, grant: Grant, trigger: str) -> None:
        """Authorize by the cache, else by AllowOfflineTxForUnknownId (C10, C15)."""
        known = self.known.get(grant.token.casefold())
        if known == "Accepted" or (known is None and self._station.face.accepts_unknown_offline):
            self._accepted(evse, grant, trigger)
        else:
            evse.refused_token = grant.token

    def _accepted(self, evse: Evse, grant: Grant, trigger: str) -> None:
        """A token may charge here, or stop the session of its own group (C09)."""
        session = evse.session
        if session is None or not session.is_authorized:
            if evse.is_usable:
                evse.allow(grant, trigger)
        elif grant.group is not None and _same(session.group, grant.group):
            evse.end("Local", "StopAuthorized", grant.token)

    def gave_up(self, message: Message) -> None:
        """An Authorize will not be answered."""
        subject = message.subject
        self._decide_alone(self._station.evse(subject["evse"]), subject["grant"], subject["trigger"])


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()

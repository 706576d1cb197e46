"""A charging station as a value: people and the CSMS act on it, time passes, messages pile up in its outbox.

No socket and no clock here: whoever holds them calls `advance`, sends what `next_message` gives, and passes on what
comes in.
"""

import random
from datetime import datetime, timedelta
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from csms.ocpp.frames import Call
from csms.simulator.authorizing import TokenReader
from csms.simulator.evse import Evse
from csms.simulator.face import Face
from csms.simulator.outbox import Message, Outbox
from csms.simulator.plan import StationPlan
from csms.simulator.v16 import V16
from csms.simulator.v201 import V201

_BOOT_S = 4.0
_BOOT_RETRY_S = 30


class StationCore:
    """One station. `now` is the moment up to which it has lived."""

    def __init__(self, plan: StationPlan, now: datetime, stored: dict[str, Any] | None = None) -> None:
        self.plan = plan
        self.now = now
        self.boots = 1 + (stored["boots"] if stored else 0)
        self.rng = random.Random(f"{plan.seed}/{self.boots}")
        self.outbox = Outbox(stored["kept"] if stored else None)
        self.wire_ids: dict[str, int] = stored["wire_ids"] if stored else {}
        """1.6: the transactionId the CSMS gave, by session key."""
        self.reader = TokenReader(self)
        self._told_operative = True
        self.is_online = False
        self.registration = ""
        self.heartbeat_at: datetime | None = None
        self.boot_at: datetime | None = None
        self.away_until: datetime | None = None
        """Until then it keeps off the network: rebooting, or without reception (`is_dark`)."""
        self.is_dark = False
        self.reset_reason = ""
        """A reset that waits for sessions to end or for messages to leave."""
        self.is_changed = True
        """Something worth writing to the state file has happened since `as_json`."""
        settings: list[Any] = stored["settings"] if stored else []
        make_face = V16 if plan.ocpp_version == "1.6" else V201
        self.face: Face = make_face(self, settings)
        self.evses = [Evse(self, number, evse, now) for number, evse in enumerate(plan.evses, start=1)]
        self.boot_reason = "PowerUp"
        if stored:
            self._restore(stored)

    # ---- people

    def evse(self, number: int) -> Evse:
        """An EVSE by its number, counted from 1. Raises LookupError for one that is not there."""
        if not 1 <= number <= len(self.evses):
            raise LookupError(f"{self.plan.identity} has no EVSE {number}")
        return self.evses[number - 1]

    def present_token(self, number: int, token: str) -> None:
        """Someone holds a token to the reader (C01): asks the CSMS, or decides alone when offline.

        The token that started a session stops it.
        """
        self.reader.present(self.evse(number), token)

    # ---- registration and the link

    @property
    def speaks(self) -> bool:
        """Whether passing messages reach the CSMS: online and registered (B01)."""
        return self.is_online and self.registration == "Accepted"

    @property
    def wants_link(self) -> bool:
        """Whether it would be connected now if it could."""
        return self.away_until is None or self.away_until <= self.now

    def link_opened(self) -> None:
        """The socket is open: boot, or after a mere loss of connection tell what changed meanwhile."""
        self.is_online, self.away_until, self.is_dark = True, None, False
        if self.registration != "Accepted":
            self.boot()
            return
        self.heartbeat_at = self.now + timedelta(seconds=self.face.heartbeat_interval_s)
        self.tell_statuses()

    def link_closed(self) -> None:
        """The socket is gone; passing messages with it. Drivers who await an answer are judged offline."""
        self.is_online, self.boot_at = False, None
        for message in self.outbox.drop_passing():
            self._give_up(message)

    def boot(self) -> None:
        """Say BootNotification, with the reason of the latest start."""
        self.face.boot(self.boot_reason)

    def boot_answered(self, status: str, interval_s: int) -> None:
        """Accepted: begin work. Pending or Rejected: ask again after the interval (B02, B03)."""
        self.registration = status
        if status != "Accepted":
            self.boot_at = self.now + timedelta(seconds=interval_s or _BOOT_RETRY_S)
            return
        if interval_s:
            self.face.heartbeat_interval_s = interval_s
        self.heartbeat_at = self.now + timedelta(seconds=self.face.heartbeat_interval_s)
        self._told_operative = self.is_operative
        self.face.station_status()
        self.tell_statuses()

    def tell_statuses(self) -> None:
        """Report every connector whose status the CSMS does not know."""
        for evse in self.evses:
            evse.tell_status()

    def set_operative(self, operative: bool) -> bool:
        """Change the whole station's availability; False when running sessions postpone it (Scheduled, G03)."""
        done = [evse.set_operative(operative) for evse in self.evses]
        return all(done)

    @property
    def is_operative(self) -> bool:
        """Whether any part of it may charge."""
        return any(evse.is_operative for evse in self.evses)

    def availability_changed(self) -> None:
        """Tell the status of the station as a whole where it is another than before."""
        self.is_changed = True
        if self.speaks and self._told_operative != self.is_operative:
            self._told_operative = self.is_operative
            self.face.station_status()

    def go_dark(self, until: datetime) -> None:
        """Lose reception until then."""
        self.away_until, self.is_dark = until, True

    # ---- reset

    def reset(self, reason: str, *, immediate: bool) -> bool:
        """Reboot (B11, B12); returns False when running sessions postpone it."""
        if not immediate and any(evse.session for evse in self.evses):
            self.reset_reason = reason
            return False
        self._end_all("ImmediateReset" if immediate else "Reboot")
        self.reset_reason = reason
        if immediate:
            self._restart()
        return True

    def soft_reset(self, reason: str) -> None:
        """1.6: end every session, deliver what can be delivered, then reboot."""
        self._end_all("Reboot")
        self.reset_reason = reason

    def _end_all(self, reason: str) -> None:
        for evse in self.evses:
            evse.end(reason, "ResetCommand")

    def _restart(self) -> None:
        self.boot_reason, self.reset_reason = self.reset_reason, ""
        self.registration, self.heartbeat_at, self.boot_at = "", None, None
        self.away_until = self.now + timedelta(seconds=_BOOT_S)
        self.face.start_up()
        for evse in self.evses:
            evse.forget_told()
        self.is_changed = True

    # ---- messages

    def say(self, message: Message) -> None:
        """Queue a message; a passing one is lost when nobody hears it."""
        if message.kept:
            self.is_changed = True
        if message.kept or message.action == "BootNotification" or self.speaks:
            self.outbox.add(message)

    def next_message(self) -> Message | None:
        """What to send now; one at a time. Before registration nothing but the boot goes out."""
        if not self.is_online or not self.wants_link:
            return None
        return self.outbox.next(self.now, boot_only=self.registration != "Accepted")

    def answered(self, message: Message, payload: dict[str, Any]) -> None:
        """The CSMS has answered by a CALLRESULT."""
        self.outbox.done(message)
        self.is_changed = self.is_changed or message.kept
        self.face.answered(message, payload)

    def refused(self, message: Message) -> None:
        """The CSMS has answered by a CALLERROR: kept messages are tried again a few times, then dropped (E13)."""
        message.attempts += 1
        if message.kept and message.attempts < self.face.attempts:
            message.not_before = self.now + timedelta(seconds=self.face.retry_interval_s * message.attempts)
            self.outbox.put_back()
        else:
            self.outbox.done(message)
            self._give_up(message)

    def unanswered(self, message: Message) -> None:
        """No answer came in time: kept messages go out again with the same payload, passing ones are forgotten."""
        if message.kept:
            self.outbox.put_back()
        else:
            self.outbox.done(message)
            self._give_up(message)

    def _give_up(self, message: Message) -> None:
        if message.action == "Authorize":
            self.reader.gave_up(message)
        elif message.action == "BootNotification" and self.is_online:
            self.boot_at = self.now + timedelta(seconds=_BOOT_RETRY_S)

    def serve(self, call: Call) -> dict[str, Any]:
        """Do what the CSMS asks; returns the answer's payload. Raises RefusalError."""
        self.is_changed = True
        return self.face.serve(call)

    def new_session_key(self, evse_number: int) -> str:
        """Unique without chance: the same seed at another time gives other keys."""
        return str(
            uuid5(NAMESPACE_URL, f"{self.plan.identity}/{evse_number}/{self.now.isoformat()}/{self.rng.random()}")
        )

    # ---- time

    def next_due(self) -> datetime | None:
        """When something happens by itself."""
        moments = [evse.next_due() for evse in self.evses]
        moments += (self.heartbeat_at, self.boot_at, self.outbox.next_attempt_at())
        if self.away_until is not None and self.away_until > self.now:
            moments.append(self.away_until)
        return min((moment for moment in moments if moment), default=None)

    def advance(self, to: datetime) -> None:
        """Live until `to`."""
        for evse in self.evses:
            evse.advance(to)
        self.now = max(self.now, to)
        if self.heartbeat_at is not None and self.heartbeat_at <= self.now:
            self.heartbeat_at = self.now + timedelta(seconds=max(1, self.face.heartbeat_interval_s))
            self.face.heartbeat()
        if self.boot_at is not None and self.boot_at <= self.now:
            self.boot_at = None
            self.boot()
        if self.reset_reason and self._may_restart():
            self._restart()

    def _may_restart(self) -> bool:
        idle = not any(evse.session for evse in self.evses)
        return idle and (not self.is_online or len(self.outbox) == 0)

    # ---- memory

    def as_json(self) -> dict[str, Any]:
        """What the non-volatile memory holds."""
        self.is_changed = False
        return {
            "boots": self.boots,
            "wire_ids": self.wire_ids,
            "kept": [message.as_json() for message in self.outbox.kept],
            "settings": self.face.settings_json(),
            "evses": [evse.as_json() for evse in self.evses],
            "saved_at": self.now.isoformat(),
        }

    def _restore(self, stored: dict[str, Any]) -> None:
        off_s = (self.now - datetime.fromisoformat(stored["saved_at"])).total_seconds()
        unsaved_s = max(0.0, min(off_s, stored.get("unsaved_s", 0.0)))
        for evse, memory in zip(self.evses, stored["evses"], strict=False):
            evse.restore(memory, unsaved_s)
            self._resume(evse)

    def _resume(self, evse: Evse) -> None:
        session = evse.session
        if session is None:
            return
        if not self.plan.behaviour.resumes_after_power_loss:
            evse.end("PowerLoss", "AbnormalCondition")
            return
        interval_s = self.face.sample_interval_s
        # A fleet that starts at one moment must not sample at one moment for ever after.
        wait = timedelta(seconds=self.rng.uniform(min(1, interval_s), interval_s))
        session.next_sample_at = self.now + wait if interval_s else None

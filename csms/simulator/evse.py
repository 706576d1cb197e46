"""One EVSE: the car at it, the permission to charge, the power that flows and the transaction that counts it."""

import random
from datetime import datetime, timedelta
from typing import Any, Protocol

from csms.simulator.electrics import PowerPath, Reading
from csms.simulator.face import Face, Grant
from csms.simulator.faults import FAULTS, Fault
from csms.simulator.limits import ChargingLimit
from csms.simulator.plan import EvsePlan, StationPlan
from csms.simulator.register import MeterRegister
from csms.simulator.session import Session
from csms.simulator.vehicle import Vehicle

_STEP = timedelta(seconds=5)
_HANDSHAKE = timedelta(seconds=3)
"""Between permission and the contactor's click, car and station agree on the pilot line."""


class Host(Protocol):
    """What an EVSE needs of its station."""

    plan: StationPlan
    face: Face
    rng: random.Random

    @property
    def speaks(self) -> bool:
        """Whether passing messages reach the CSMS now."""
        ...

    def new_session_key(self, evse_number: int) -> str: ...

    def availability_changed(self) -> None:
        """The station as a whole may have become operative or inoperative."""
        ...


class Evse:
    """State of one charging place. `at` is the moment up to which it has lived."""

    def __init__(self, host: Host, number: int, plan: EvsePlan, at: datetime) -> None:
        self._host = host
        self.number = number
        self.plan = plan
        self.at = at
        anywhere_wh = host.rng.randrange(150_000, 60_000_000)
        register = MeterRegister(anywhere_wh if plan.register_wh is None else plan.register_wh)
        self.path = PowerPath(plan, dc=host.plan.is_dc, rng=host.rng, register=register)
        self.vehicle: Vehicle | None = None
        self.connector_number = 1
        self.session: Session | None = None
        self.grant: Grant | None = None
        self.grant_expires_at: datetime | None = None
        self.fault: Fault | None = None
        self.is_operative = True
        self.becomes_operative: bool | None = None
        self.is_finished = False
        self.is_paused = False
        self.limits: dict[int, ChargingLimit] = {}
        self.refused_token: str | None = None
        self._told: dict[int, str] = {}

    # ---- people

    def plug_in(self, vehicle: Vehicle, connector_number: int = 1) -> None:
        """A car arrives at the cable. Raises ValueError when one is there already."""
        if self.vehicle is not None:
            raise ValueError(f"EVSE {self.number} already holds a car")
        self.vehicle, self.connector_number = vehicle, connector_number
        self.is_finished, self.refused_token = False, None
        self.tell_status()
        if self.is_usable and (self.grant is not None or self._host.plan.starts_on_plug):
            self._begin("CablePluggedIn")

    def unplug(self) -> None:
        """The car leaves; a running transaction ends with it."""
        self.path.cut()
        self.end("EVDisconnected", "EVCommunicationLost")
        self.vehicle, self.is_finished, self.is_paused = None, False, False
        self.tell_status()

    def allow(self, grant: Grant, trigger: str = "Authorized") -> None:
        """Charging is permitted: at once if a car is plugged in, else as soon as one is."""
        session = self.session
        if session is None:
            self.grant = grant
            self.grant_expires_at = self.at + timedelta(seconds=self._host.face.connection_timeout_s)
            self.tell_status()
            if self.vehicle is not None:
                self._begin(trigger)
        elif not session.is_authorized:
            self._attach(session, grant)
            self._host.face.authorized(self, session, trigger)

    def pause(self, paused: bool) -> None:
        """The station itself holds back power, as a load manager does."""
        self.is_paused = paused
        self._observe_state()

    # ---- trouble

    def break_down(self, fault: Fault) -> None:
        """A fault appears; it opens the contactor and ends the session."""
        self.fault = fault
        self.path.cut()
        self.end(fault.stop_reason, "AbnormalCondition")
        self.tell_status()
        self._host.face.problem(self, fault, cleared=False)

    def recover(self) -> None:
        """The fault is gone."""
        fault, self.fault = self.fault, None
        if fault is not None:
            self._host.face.problem(self, fault, cleared=True)
            self.tell_status()

    def set_operative(self, operative: bool) -> bool:
        """Change availability; returns False when that must wait for the session's end (Scheduled)."""
        if self.session is not None and not operative:
            self.becomes_operative = operative
            return False
        self.is_operative, self.becomes_operative = operative, None
        self.tell_status()
        self._host.availability_changed()
        return True

    @property
    def is_usable(self) -> bool:
        """Whether a session may start here."""
        return self.fault is None and self.is_operative

    # ---- transaction

    def end(self, reason: str, trigger: str, token: str | None = None) -> None:
        """End the session, if one runs. Reason and trigger in 2.x words."""
        session = self.session
        if session is None:
            return
        self.path.cut()
        self.limits.clear()
        session.charging_state = "Idle" if reason == "EVDisconnected" else "EVConnected"
        self._host.face.ended(self, session, reason, trigger, token)
        self.session, self.is_finished, self.is_paused = None, True, False
        if self.becomes_operative is not None:
            self.is_operative, self.becomes_operative = self.becomes_operative, None
        self.tell_status()
        self._host.availability_changed()

    def _begin(self, trigger: str) -> None:
        session = self.session = Session(
            key=self._host.new_session_key(self.number), started_at=self.at, start_wh=self.path.register.energy_wh
        )
        grant, self.grant, self.grant_expires_at = self.grant, None, None
        if grant is not None:
            self._attach(session, grant)
        interval_s = self._host.face.sample_interval_s
        session.next_sample_at = self.at + timedelta(seconds=interval_s) if interval_s else None
        self.is_finished = False
        self._host.face.started(self, session, trigger)

    def _attach(self, session: Session, grant: Grant) -> None:
        session.token, session.token_type, session.group = grant.token, grant.token_type, grant.group
        session.remote_start_id = grant.remote_start_id
        session.is_authorized = True
        session.energise_at = self.at + _HANDSHAKE

    # ---- time

    def next_due(self) -> datetime | None:
        """When something happens here by itself."""
        session = self.session
        moments = [self.grant_expires_at]
        if session is not None:
            moments += (session.energise_at, session.next_sample_at)
        return min((moment for moment in moments if moment), default=None)

    def advance(self, to: datetime) -> None:
        """Live until `to`: power flows, what is due happens at its own moment."""
        while self.at < to:
            due = self.next_due()
            step_end = min(to, due) if due else to
            if self._is_closed:
                step_end = min(step_end, self.at + _STEP)
            self._let_flow(step_end)
            self._happen()

    @property
    def _is_closed(self) -> bool:
        session = self.session
        return session is not None and session.is_authorized and session.energise_at is None

    def _let_flow(self, until: datetime) -> None:
        seconds = max(0.0, (until - self.at).total_seconds())
        self.at = max(self.at, until)
        if self.session is None or self.vehicle is None or not self._is_closed:
            return
        if self.session.charging_state == "Charging":
            self.path.flow(seconds, self.vehicle, self._limit_w())
            self.session.charged_s += seconds
        else:
            self.path.rest(seconds)
        self._observe_state()

    def _happen(self) -> None:
        session = self.session
        if self.grant_expires_at is not None and self.grant_expires_at <= self.at:
            self.grant = self.grant_expires_at = None
            self.tell_status()
        if session is None:
            return
        if session.energise_at is not None and session.energise_at <= self.at:
            session.energise_at = None
            self._observe_state()
        if session.next_sample_at is not None and session.next_sample_at <= self.at:
            self._sample(session, session.next_sample_at)

    def _sample(self, session: Session, due: datetime) -> None:
        self._host.face.sampled(self, session, self.read(), self.at)
        interval_s = self._host.face.sample_interval_s
        session.next_sample_at = due + timedelta(seconds=interval_s) if interval_s else None

    def _observe_state(self) -> None:
        session = self.session
        if session is None or not self._is_closed:
            return
        state = self._state()
        if state == session.charging_state:
            return
        session.charging_state = state
        if state != "Charging":
            self.path.cut()
        self._host.face.state_changed(self, session)
        self.tell_status()

    def _state(self) -> str:
        if self.is_paused or self._limit_w() == 0:
            return "SuspendedEVSE"
        return "SuspendedEV" if self.vehicle is None or self.vehicle.is_full else "Charging"

    def _limit_w(self) -> float | None:
        limits = (limit.at(self.at) for limit in self.limits.values())
        return min((limit for limit in limits if limit is not None), default=None)

    def read(self) -> Reading:
        """The meter now."""
        return self.path.read(self.vehicle)

    # ---- status

    def tell_status(self, *, again: bool = False) -> None:
        """Report each connector whose status the CSMS does not know; all of them with `again`."""
        if not self._host.speaks:
            return
        for number in range(1, len(self.plan.connectors) + 1):
            status = self._host.face.status_of(self, number)
            if again or self._told.get(number) != status:
                self._told[number] = status
                self._host.face.connector_status(self, number)

    def forget_told(self) -> None:
        """After a boot the CSMS is told everything again."""
        self._told.clear()

    # ---- memory

    def as_json(self) -> dict[str, Any]:
        """For the state file."""
        return {
            "register_wh": self.path.register.energy_wh,
            "vehicle": self.vehicle.as_json() if self.vehicle else None,
            "connector": self.connector_number,
            "session": self.session.as_json() if self.session else None,
            "fault": self.fault.name if self.fault else None,
            "operative": self.is_operative,
            "becomes_operative": self.becomes_operative,
            "finished": self.is_finished,
        }

    def restore(self, stored: dict[str, Any], unsaved_s: float) -> None:
        """Continue from the state file. `unsaved_s`: seconds it lived after the last save, at most.

        The register skips what may have been counted in that time, for a meter never goes back.
        """
        self.path.register = MeterRegister(stored["register_wh"])
        if stored["session"]:
            self.path.register.add(round(self.plan.max_power_w * unsaved_s / 3600))
            self.session = Session.from_json(stored["session"])
        self.vehicle = Vehicle(**stored["vehicle"]) if stored["vehicle"] else None
        self.connector_number = stored["connector"]
        self.fault = FAULTS.get(stored["fault"] or "")
        self.is_operative, self.becomes_operative = stored["operative"], stored["becomes_operative"]
        self.is_finished = stored["finished"]

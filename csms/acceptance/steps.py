"""The steps of an acceptance check, in their order, and what each is for."""

from dataclasses import dataclass

from csms.errors import InvalidInputError


@dataclass(frozen=True, slots=True)
class StepKind:
    """One step in words."""

    key: str
    title: str
    text: str


STEPS = (
    StepKind("boot", "Boot", "It says what it is, and is registered"),
    StepKind("status", "Connectors", "Each connector reports its status"),
    StepKind("configuration", "Settings", "Its settings can be read"),
    StepKind("heartbeat", "Heartbeat", "How often it gives a sign of life"),
    StepKind("meter", "Meter values", "How often it meters a running session"),
    StepKind("clock", "Clock", "Its times agree with ours"),
    StepKind("session", "Remote start and stop", "A session starts and ends from here"),
    StepKind("reset", "Restart", "It restarts and comes back by itself"),
)
BY_KEY = {step.key: step for step in STEPS}


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is to be tried beyond looking. Without a token no session is tried."""

    evse_number: int | None = None
    id_token: str = ""
    id_token_type: str = "ISO14443"  # noqa: S105 - the kind of token, not a secret
    reset: bool = False

    def check(self) -> None:
        """Raises InvalidInputError for a session without a place."""
        if self.id_token and self.evse_number is None:
            raise InvalidInputError("Choose the EVSE at which the session is tried.")


@dataclass(frozen=True, slots=True)
class Limits:
    """How long the station may take, in seconds."""

    message_s: float = 20.0
    session_s: float = 90.0
    reset_s: float = 300.0
    boot_s: float = 60.0


class FailedError(Exception):
    """The step failed; the text says why and what helps."""


class SkippedError(Exception):
    """The step was left out; the text says why."""

"""Slows down guessing: so many tries within a window, per person and per address."""

import math

from csms.access.limiting import Limiter, Rate
from csms.errors import SignInError


class SignInThrottle:
    """Guards a door by who is meant and by where they come from. `name` keeps the tries at different doors apart;
    windows are in seconds."""

    def __init__(
        self, limiter: Limiter, name: str, *, per_person: int = 10, per_address: int = 50, window_s: int = 900
    ) -> None:
        self._limiter = limiter
        self._people = Rate(f"{name}/person", per_person, window_s)
        self._addresses = Rate(f"{name}/address", per_address, window_s)

    async def admit(self, person: str, address: str) -> None:
        """Count a try. Raises SignInError, saying how long to wait, when there were too many; that one is not counted,
        so that who is locked out does not lock out all others at their address."""
        both = ((self._people, person), (self._addresses, address))
        for rate, who in both:
            standing = await self._limiter.look(rate, who)
            if not standing.admitted:
                raise SignInError(f"Too many attempts. Try again in {math.ceil(standing.reset_s / 60)} min.")
        for rate, who in both:
            await self._limiter.admit(rate, who)

    async def succeeded(self, person: str) -> None:
        """The person proved who they are: earlier typing errors are forgiven."""
        await self._limiter.forget(self._people, person)

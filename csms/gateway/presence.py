"""Tells the engine who came and who went."""

from csms.gateway.context import Services, Station
from csms.gateway.credentials import Credentials
from csms.gateway.security import Proof
from csms.stations.passwords import settle_password
from csms.stations.profiles import raise_profile
from csms.stations.ref import StationRef
from csms.stations.service import StationAccess, connected, disconnected
from csms.work import Work


async def enter(services: Services, station: Station, access: StationAccess, credentials: Credentials) -> None:
    """The station is here; durable when this returns. Its first sign-in settles a change of its password (TR_15).

    The first time with a higher security profile, that one becomes the lowest (A05).
    """
    now, pending = services.clock.now(), access.pending_password_hash

    async def unit(work: Work) -> None:
        await connected(work, station.ref, station.version.value, now)
        is_taken = credentials.proof is Proof.PENDING_PASSWORD
        is_told = is_taken or (credentials.proof is Proof.PASSWORD and not access.pending_password_stays)
        if pending is not None and is_told:
            settle_password(work, station.ref, pending, taken=is_taken)
        if credentials.profile > access.security_profile:
            await raise_profile(work, station.ref, credentials.profile, now)

    await services.committer.run(unit)


async def leave(services: Services, ref: StationRef, reason: str) -> None:
    """The station's current connection is gone; `reason` in words."""
    now = services.clock.now()
    services.transactions.forget(ref.id)
    await services.committer.run(lambda work: disconnected(work, ref, reason, now))

"""Which security profile a connection uses, and whether it is one that its station may use (A00, A05, TR_14, TR_32)."""

from dataclasses import dataclass

from csms.certificates.clients import CertificateRefusedError, Claimed, check_client
from csms.certificates.trust import Anchor
from csms.clock import Clock
from csms.gateway.channel import Channel
from csms.gateway.security import Proof, proof_of
from csms.stations.doctor import Cause
from csms.stations.service import StationAccess
from models.db import Database
from models.scope import tenant_scope

NOTHING, BASIC, TLS_BASIC, TLS_CERTIFICATE = range(4)


class UnfitError(Exception):
    """The connection does not prove its station in the way it must."""

    def __init__(self, cause: Cause, text: str) -> None:
        super().__init__(text)
        self.cause = cause


@dataclass(frozen=True, slots=True)
class Credentials:
    """By what a station proved itself, and the security profile that is."""

    proof: Proof
    profile: int


def allowed_profiles(access: StationAccess) -> frozenset[int]:
    """The profile it must use, and the higher one it was told to use; never a lower one."""
    pending = access.pending_security_profile or 0
    return frozenset({access.security_profile, max(pending, access.security_profile)})


class Credentialing:
    """Judges what stations present, once it is known which station is meant."""

    def __init__(self, database: Database, clock: Clock, secret_key: bytes) -> None:
        self._database = database
        self._clock = clock
        self._secret_key = secret_key
        self.anchors: list[Anchor] = []
        """Whom client certificates are checked against; renewed by the gateway."""

    async def judge(self, access: StationAccess, key: str, authorization: str | None, channel: Channel) -> Credentials:
        """What the connection proves. Raises UnfitError for a bad certificate, or a profile that is not allowed."""
        allowed = allowed_profiles(access)
        if not channel.is_encrypted:
            profile = BASIC
        elif TLS_CERTIFICATE in allowed and (channel.certificate is not None or TLS_BASIC not in allowed):
            profile = TLS_CERTIFICATE
        else:
            profile = TLS_BASIC
        if NOTHING in allowed and (profile not in allowed or authorization is None):
            return Credentials(Proof.NOT_ASKED, NOTHING)
        if profile not in allowed:
            raise _wrong_profile(access, profile)
        if profile == TLS_CERTIFICATE:
            await self._check_certificate(access, channel)
            return Credentials(Proof.CERTIFICATE, profile)
        return Credentials(proof_of(access, key, authorization, self._secret_key), profile)

    async def _check_certificate(self, access: StationAccess, channel: Channel) -> None:
        if channel.certificate is None:
            text = "This station must present its client certificate (security profile 3); there was none."
            raise UnfitError(Cause.CERTIFICATE_MISSING, text)
        ref = access.ref
        claimed = Claimed(ref.id, ref.tenant_id, access.certificate_names)
        try:
            with tenant_scope(ref.tenant_id):
                async with self._database.reading() as session:
                    at = self._clock.now()
                    await check_client(session, claimed, channel.certificate, channel.between, self.anchors, at)
        except CertificateRefusedError as error:
            raise UnfitError(Cause.CERTIFICATE_REJECTED, f"The client certificate was refused. {error}.") from None


def _wrong_profile(access: StationAccess, used: int) -> UnfitError:
    wanted = access.security_profile
    if used == BASIC and wanted > BASIC:
        text = f"This station is set to security profile {wanted}: it must connect over TLS (wss://)."
        return UnfitError(Cause.TLS_REQUIRED, text)
    text = (
        f"This station is set to security profile {wanted}, but connects with {used}. "
        "Change the profile in Voltdeck first, or have it changed from there."
    )
    return UnfitError(Cause.WRONG_SECURITY_PROFILE, text)

"""Whom handlers ask outside of the house about certificates."""

from dataclasses import dataclass

from csms.certificates.ocsp import Ocsp
from csms.certificates.provider import ContractProvider, HttpProvider, NoProvider
from csms.clock import Clock
from csms.config import Settings


@dataclass(slots=True)
class CertificateHelpers:
    """OCSP responders and the provisioning service; exchangeable, so that another kind of service can be plugged in."""

    ocsp: Ocsp
    provider: ContractProvider


def helpers_for(settings: Settings, clock: Clock) -> CertificateHelpers:
    """Those that the settings name."""
    provider: ContractProvider = NoProvider()
    if settings.iso15118_provider_url is not None:
        token = settings.iso15118_provider_token
        secret = None if token is None else token.get_secret_value()
        provider = HttpProvider(settings.iso15118_provider_url, secret, settings.iso15118_timeout_s)
    return CertificateHelpers(Ocsp(settings.ocsp_hosts, settings.ocsp_timeout_s, clock), provider)

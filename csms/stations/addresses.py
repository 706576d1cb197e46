"""The address at which a charger finds the platform: its tenant's own host, as its security profile needs it."""

from urllib.parse import quote

from csms.config import Settings

_ENCRYPTED_FROM = 2
"""The lowest security profile that needs TLS."""


def serves_tls(settings: Settings) -> bool:
    """Whether chargers can come by wss://: here, or through a proxy in front."""
    if settings.ocpp_public_url:
        return settings.ocpp_public_url.casefold().startswith("wss://")
    folder = settings.data_dir / "tls"
    pairs = (
        (
            settings.ocpp_tls_ecdsa_certificate or folder / "ecdsa.crt",
            settings.ocpp_tls_ecdsa_key or folder / "ecdsa.key",
        ),
        (settings.ocpp_tls_rsa_certificate or folder / "rsa.crt", settings.ocpp_tls_rsa_key or folder / "rsa.key"),
    )
    return any(certificate.exists() and key.exists() for certificate, key in pairs)


def usual_profile(settings: Settings) -> int:
    """The security profile to offer first: the safest that needs nothing but a password."""
    return 2 if serves_tls(settings) else 1


def base_url(settings: Settings, host: str, security_profile: int) -> str:
    """The address without the identity, as most chargers want it entered."""
    if settings.ocpp_public_url:
        return settings.ocpp_public_url.replace("{host}", host).rstrip("/")
    if security_profile >= _ENCRYPTED_FROM:
        return f"wss://{host}:{settings.ocpp_tls_port}/ocpp"
    return f"ws://{host}:{settings.ocpp_port}/ocpp"


def station_url(settings: Settings, host: str, identity: str, security_profile: int = 1) -> str:
    """The whole address of one station."""
    return f"{base_url(settings, host, security_profile)}/{quote(identity, safe='*@=+|')}"

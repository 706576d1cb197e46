"""Whether browsers are served a certificate they trust under a name; asking also makes the proxy get one."""

import asyncio
import ssl
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, cast

from cryptography import x509
from dns.exception import DNSException

from csms.tenants.dns import Lookup

_PATIENCE_S: Final = 20.0
"""A proxy that has no certificate yet gets one while we wait."""


@dataclass(frozen=True, slots=True)
class Served:
    """What was seen; `problem` says in words why nothing was."""

    issuer: str = ""
    ends_at: str = ""
    """ISO 8601, UTC."""
    problem: str = ""

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


async def certificate_of(lookup: Lookup, hostname: str, port: int) -> Served:
    """Shake hands with `hostname` as a browser does, and see its certificate."""
    try:
        addresses = await lookup.addresses(hostname)
    except (DNSException, OSError):
        return Served(problem="DNS did not answer.")
    if not addresses:
        return Served(problem="The name has no address.")
    try:
        async with asyncio.timeout(_PATIENCE_S):
            return await _shake_hands(addresses[0], hostname, port)
    except ssl.SSLCertVerificationError as error:
        return Served(problem=f"Browsers would refuse the certificate: {error.verify_message}.")
    except ssl.SSLError:
        return Served(problem="No certificate is served under this name yet.")
    except (OSError, TimeoutError):
        return Served(problem=f"Nothing answers at {addresses[0]}, port {port}.")


async def _shake_hands(address: str, hostname: str, port: int) -> Served:
    _, writer = await asyncio.open_connection(address, port, ssl=_trust(), server_hostname=hostname)
    try:
        connection = cast(ssl.SSLObject, writer.get_extra_info("ssl_object"))
        certificate = x509.load_der_x509_certificate(connection.getpeercert(binary_form=True) or b"")
    finally:
        writer.close()
    issuer = certificate.issuer.get_attributes_for_oid(x509.NameOID.ORGANIZATION_NAME) or list(certificate.issuer)[-1:]
    return Served(
        issuer=str(issuer[0].value) if issuer else "",
        ends_at=certificate.not_valid_after_utc.astimezone(UTC).isoformat(),
    )


def ends_at(certificate: dict[str, Any]) -> datetime | None:
    """When a certificate that was seen ends."""
    text = certificate.get("ends_at")
    return datetime.fromisoformat(text) if text else None


@lru_cache
def _trust() -> ssl.SSLContext:
    return ssl.create_default_context()

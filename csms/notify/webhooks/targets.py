"""Where a webhook may lead: a tenant chooses it, so it must not reach what only this machine can see (SSRF)."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from csms.errors import InvalidInputError

LONGEST = 2048
Networks = tuple[IPv4Network | IPv6Network, ...]


class TargetError(InvalidInputError):
    """The address leads somewhere it must not, or nowhere."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address. The request goes to `ip`, so that what was checked is what is reached."""

    url: str
    """With `ip` in place of the name."""
    host: str
    """What the Host header says, with the port where it is not the usual one."""
    name: str
    """Whose certificate is expected."""


def networks(text: str) -> Networks:
    """Comma-separated networks, such as `10.0.0.0/8, 127.0.0.1`. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def check_url(url: str, allowed: Networks) -> str:
    """The address in order, before anything is looked up. Raises TargetError in words for whoever typed it."""
    url = url.strip()
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise TargetError("Write the address as in https://example.com/hooks.") from None
    if len(url) > LONGEST or not parts.hostname or parts.scheme not in ("https", "http") or port == 0:
        raise TargetError("Write the address as in https://example.com/hooks.")
    if parts.username or parts.password:
        raise TargetError("Leave user name and password out of the address; every request is signed.")
    if parts.fragment:
        raise TargetError("Leave out what follows the # in the address; it is never sent.")
    if parts.scheme == "http" and not allowed:
        raise TargetError("The address must begin with https://, for what is sent is nobody else's business.")
    return url


async def resolve(url: str, allowed: Networks) -> Target:
    """Look the name up and refuse private, local and reserved addresses, other than those of `allowed` networks.

    Raises TargetError; a name that cannot be looked up now may be another time.
    """
    parts = urlsplit(check_url(url, allowed))
    name = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
    except OSError:
        raise TargetError(f"{name} has no address; is it spelled right?") from None
    ips = [ip_address(entry[4][0]) for entry in found]
    for ip in ips:
        mapped = getattr(ip, "ipv4_mapped", None) or ip
        if any(mapped in network for network in allowed if network.version == mapped.version):
            continue
        if not mapped.is_global or mapped.is_multicast or parts.scheme == "http":
            raise TargetError(f"{name} leads to {ip}, which is not a public address that may be reached by HTTPS.")
    ip = ips[0]
    usual = (parts.scheme, port) in (("https", 443), ("http", 80))
    host = f"[{name}]" if ":" in name else name
    netloc = f"[{ip}]:{port}" if ip.version == 6 else f"{ip}:{port}"
    return Target(parts._replace(netloc=netloc).geturl(), host if usual else f"{host}:{port}", name)

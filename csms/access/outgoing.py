"""Requests to an OpenID provider: an address that a tenant's Admin typed must not make us ask our own machines."""

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, Final

import httpx

from csms.errors import InvalidInputError

TIMEOUT_S: Final = 10.0
MAX_ANSWER_BYTES: Final = 262_144


class ProviderError(Exception):
    """The provider cannot be asked, or answers what cannot be used; the text says why."""


class Outgoing:
    """Which addresses may be asked, and asks them.

    https to public addresses alone. `private_hosts` may lie in private networks; `plain_loopback` allows http to this
    very machine, for development and tests.
    """

    def __init__(self, *, private_hosts: str = "", plain_loopback: bool = False) -> None:
        self._private_hosts = {host.strip().casefold() for host in private_hosts.split(",") if host.strip()}
        self._plain_loopback = plain_loopback

    def client_options(self) -> dict[str, Any]:
        """What an httpx client is made with."""
        return {
            "transport": _Pinned(self),
            "timeout": TIMEOUT_S,
            "follow_redirects": False,
            "trust_env": False,
            "event_hooks": {"response": [_refuse_redirects]},
        }

    def check(self, url: str) -> None:
        """Raise InvalidInputError for an address that would never be asked."""
        try:
            self._check_form(httpx.URL(url))
        except (ProviderError, httpx.InvalidURL) as error:
            raise InvalidInputError(f"Issuer: {error}") from None

    def is_plain_loopback(self, url: httpx.URL) -> bool:
        """Whether this is http to this very machine, where that is allowed."""
        return self._plain_loopback and url.scheme == "http" and url.host in ("localhost", "127.0.0.1", "::1")

    async def address_of(self, url: httpx.URL) -> str:
        """The network address to connect to. Raises ProviderError for one that may not be asked."""
        self._check_form(url)
        port = url.port or (443 if url.scheme == "https" else 80)
        try:
            found = await asyncio.get_running_loop().getaddrinfo(url.host, port, type=socket.SOCK_STREAM)
        except OSError:
            raise ProviderError(f"{url.host} cannot be found.") from None
        addresses = [ip_address(str(info[4][0]).partition("%")[0]) for info in found]
        addresses.sort(key=lambda one: one.version)  # where there is no IPv6, an address of it leads nowhere
        if not addresses:
            raise ProviderError(f"{url.host} cannot be found.")
        if self.is_plain_loopback(url):
            return str(addresses[0])
        if url.host.casefold() not in self._private_hosts and not all(_is_public(one) for one in addresses):
            raise ProviderError(f"{url.host} lies in a private network, where it may not be asked.")
        return str(addresses[0])

    def _check_form(self, url: httpx.URL) -> None:
        if self.is_plain_loopback(url):
            return
        if url.scheme != "https" or not url.host or url.userinfo:
            raise ProviderError(f"{str(url)!r} is no https address; write it as in https://login.example.com.")


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to the very address that was checked, so that a name cannot mean another one a moment later."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self._inner = httpx.AsyncHTTPTransport(verify=True, retries=0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        address = await self._outgoing.address_of(request.url)
        request.headers.setdefault("Host", request.url.netloc.decode())
        if request.url.scheme == "https":
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
        request.url = request.url.copy_with(host=address)
        response = await self._inner.handle_async_request(request)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            content=await _body(response),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _body(response: httpx.Response) -> bytes:
    received = bytearray()
    try:
        async for part in response.aiter_raw():
            received += part
            if len(received) > MAX_ANSWER_BYTES:
                raise ProviderError("The provider's answer has no end.")
    finally:
        await response.aclose()
    return bytes(received)


async def _refuse_redirects(response: httpx.Response) -> None:
    if response.is_redirect:
        raise ProviderError(f"The provider sends us elsewhere (HTTP {response.status_code}), where we do not follow.")


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast

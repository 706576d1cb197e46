"""How a station came: encrypted or not, with which certificate; by its socket or by a trusted proxy (TR_33)."""

import base64
import binascii
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from cryptography import x509
from websockets.datastructures import Headers

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_FORWARDED_PROTOCOL = "X-Forwarded-Proto"
_ENCRYPTED = frozenset({"https", "wss"})


@dataclass(frozen=True, slots=True)
class Channel:
    """What lies under a station's HTTP request."""

    is_encrypted: bool
    certificate: x509.Certificate | None = None
    """Of the client; its path is not checked by this."""
    between: Sequence[x509.Certificate] = ()
    """Other certificates it sent."""


class Channels:
    """Reads channels; proxies' words count only from the addresses in `proxies` (comma-separated, networks too)."""

    def __init__(self, proxies: str, certificate_header: str) -> None:
        """Raises ValueError for what is no address or network."""
        self._proxies = [ipaddress.ip_network(one.strip(), strict=False) for one in proxies.split(",") if one.strip()]
        self._header = certificate_header

    def read(self, ssl_object: Any, address: str, headers: Headers) -> Channel:
        """The channel of a request. What others than our proxies say of certificates is taken out of `headers`."""
        own = _own_channel(ssl_object)
        if self._is_proxy(address):
            forwarded = headers.get_all(_FORWARDED_PROTOCOL)
            if forwarded and forwarded[-1].rpartition(",")[2].strip().lower() in _ENCRYPTED:
                lines = headers.get_all(self._header)
                return Channel(True, read_header(lines[0]) if len(lines) == 1 else None)
            return own
        for name in (self._header, _FORWARDED_PROTOCOL):
            if name in headers:
                del headers[name]
        return own

    def _is_proxy(self, address: str) -> bool:
        return bool(self._proxies) and any(_in(address, network) for network in self._proxies)


def read_header(value: str) -> x509.Certificate | None:
    """A certificate as proxies write it: PEM with percent signs (nginx), base64 of DER (HAProxy, Caddy, RFC 9440)."""
    text = unquote(value).strip()
    try:
        if text.startswith("-----BEGIN"):
            return x509.load_pem_x509_certificate(text.replace("\t", "\n").encode())
        return x509.load_der_x509_certificate(base64.b64decode(value.strip().strip(":"), validate=True))
    except (ValueError, binascii.Error):
        return None


def _own_channel(ssl_object: Any) -> Channel:
    if ssl_object is None:
        return Channel(False)
    der: bytes | None = ssl_object.getpeercert(binary_form=True)
    if not der:
        return Channel(True)
    return Channel(True, x509.load_der_x509_certificate(der), _also_sent(ssl_object))


def _also_sent(ssl_object: Any) -> Sequence[x509.Certificate]:
    """The chain that OpenSSL verified; before Python 3.13 only the inner object tells."""
    if hasattr(ssl_object, "get_verified_chain"):
        return [x509.load_der_x509_certificate(der) for der in ssl_object.get_verified_chain() or ()]
    inner = getattr(ssl_object, "_sslobj", None)
    chain = inner.get_verified_chain() if inner is not None else None
    return [x509.load_pem_x509_certificate(one.public_bytes().encode()) for one in chain or ()]


def _in(address: str, network: _Network) -> bool:
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is not None:
        parsed = parsed.ipv4_mapped
    return parsed.version == network.version and parsed in network


def tls_of(transport: Any) -> ssl.SSLObject | None:
    """The TLS object of a socket's transport, if it is encrypted."""
    return transport.get_extra_info("ssl_object")

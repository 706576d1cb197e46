"""Whether a certificate still holds, asked of its issuer's responder (OCSP, RFC 6960; M06, C07).

Stations name the responder, so only hosts on the operator's list are asked: a station must not make us call anybody.
"""

from collections import OrderedDict
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
import structlog
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from csms.certificates.hashdata import ALGORITHMS, HashData
from csms.clock import Clock

log = structlog.get_logger(__name__)

MAX_ANSWER_BYTES = 32_768
_REMEMBERED = 5_000
_UNDATED_HOLDS = timedelta(minutes=5)
"""How long an answer is kept that does not say when there will be news."""
_SKEW = timedelta(minutes=5)
_PORTS = {"http": 80, "https": 443}


class OcspError(Exception):
    """No answer that says anything; the text says why."""


class Ocsp:
    """Asks responders, and remembers what they said until there is news."""

    def __init__(
        self, hosts: str, timeout_s: float, clock: Clock, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        """`hosts` are those that may be asked, comma-separated, with a port where it is no usual one."""
        self._hosts = {host.strip().casefold() for host in hosts.split(",") if host.strip()}
        self._timeout_s = timeout_s
        self._clock = clock
        self._transport = transport
        self._known: OrderedDict[HashData, tuple[bytes, datetime]] = OrderedDict()

    async def ask(self, data: HashData, url: str) -> bytes:
        """The responder's answer in DER, as it came. Raises OcspError where there is none about this certificate."""
        known = self._known.get(data)
        if known is not None and known[1] > self._clock.now():
            return known[0]
        self._require_allowed(url)
        der = await self._fetch(url, _request(data))
        answer = read_answer(der, data, self._clock.now())
        until = answer.next_update_utc or self._clock.now() + _UNDATED_HOLDS
        self._known[data] = der, until
        self._known.move_to_end(data)
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return der

    def _require_allowed(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, port = (parts.hostname or "").casefold(), parts.port
        except ValueError:
            raise OcspError("The responder's address is no URL") from None
        usual = _PORTS.get(parts.scheme)
        if usual is None or parts.username is not None:
            raise OcspError("The responder's address must be a plain http or https URL")
        names = [f"{host}:{port or usual}", *([host] if port in (None, usual) else [])]
        if self._hosts.isdisjoint(names):
            raise OcspError(f"{host} is not among the hosts that may be asked (VOLTDECK_OCSP_HOSTS)")

    async def _fetch(self, url: str, request: bytes) -> bytes:
        headers = {"Content-Type": "application/ocsp-request", "Accept": "application/ocsp-response"}
        try:
            async with (
                httpx.AsyncClient(timeout=self._timeout_s, transport=self._transport, trust_env=False) as client,
                client.stream("POST", url, content=request, headers=headers) as response,
            ):
                if not response.is_success:
                    raise OcspError(f"The responder answered with HTTP {response.status_code}")
                received = bytearray()
                async for part in response.aiter_bytes():
                    received += part
                    if len(received) > MAX_ANSWER_BYTES:
                        raise OcspError("The responder's answer has no end")
                return bytes(received)
        except httpx.HTTPError as error:
            raise OcspError(f"The responder does not answer ({type(error).__name__})") from None


def read_answer(der: bytes, data: HashData, at: datetime) -> ocsp.OCSPSingleResponse:
    """What an answer says about one certificate; its signature is not looked at. Raises OcspError."""
    try:
        response = ocsp.load_der_ocsp_response(der)
    except ValueError:
        raise OcspError("The responder's answer is no OCSP") from None
    if response.response_status != ocsp.OCSPResponseStatus.SUCCESSFUL:
        raise OcspError(f"The responder refuses to tell: {response.response_status.name.lower()}")
    for one in response.responses:
        if _is_about(one, data):
            if one.this_update_utc > at + _SKEW or (one.next_update_utc or at) < at - _SKEW:
                raise OcspError("The responder's answer is out of date")
            return one
    raise OcspError("The responder answered about another certificate")


def _is_about(one: ocsp.OCSPSingleResponse, data: HashData) -> bool:
    if f"{one.serial_number:x}" != data.serial_number:
        return False
    same_algorithm = one.hash_algorithm.name.upper() == data.algorithm
    return not same_algorithm or one.issuer_key_hash.hex() == data.issuer_key_hash


def _request(data: HashData) -> bytes:
    try:
        builder = ocsp.OCSPRequestBuilder().add_certificate_by_hash(
            bytes.fromhex(data.issuer_name_hash),
            bytes.fromhex(data.issuer_key_hash),
            int(data.serial_number, 16),
            ALGORITHMS[data.algorithm](),
        )
        return builder.build().public_bytes(Encoding.DER)
    except (ValueError, KeyError):
        raise OcspError("The certificate's hash data cannot be read") from None

"""Where contract certificates for vehicles come from (ISO 15118; M01, M02): a provisioning service, asked over HTTP.

What travels is EXI made by vehicle and service for each other; it is passed on unread.
"""

from dataclasses import dataclass, field
from typing import Any, Protocol

import httpx

MAX_ANSWER_BYTES = 65_536


class ProviderError(Exception):
    """There is no certificate; the text says why, for the station's log."""


@dataclass(frozen=True, slots=True)
class ContractRequest:
    """A Get15118EVCertificate: `action` is Install or Update, `exi` base64."""

    schema_version: str
    action: str
    exi: str
    more: dict[str, Any] = field(default_factory=dict[str, Any])
    """2.1: maximumContractCertificateChains and prioritizedEMAIDs, as they came."""


@dataclass(frozen=True, slots=True)
class ContractAnswer:
    """The service's answer: `exi` base64. `remaining` contracts are left to fetch (2.1)."""

    exi: str
    remaining: int | None = None


class ContractProvider(Protocol):
    """Whoever can provide contract certificates."""

    async def contract_certificate(self, request: ContractRequest) -> ContractAnswer:
        """Fetch one. Raises ProviderError when there is none to be had."""
        ...


class NoProvider:
    """None is set."""

    async def contract_certificate(self, request: ContractRequest) -> ContractAnswer:
        """Always raises ProviderError."""
        raise ProviderError("No certificate provisioning service is set")


class HttpProvider:
    """A service that speaks OCPP's own field names: POST them as JSON, get status, exiResponse, remainingContracts."""

    def __init__(
        self, url: str, token: str | None, timeout_s: float, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._timeout_s = timeout_s
        self._transport = transport

    async def contract_certificate(self, request: ContractRequest) -> ContractAnswer:
        """Ask the service. Raises ProviderError for anything but an accepted answer."""
        body = {"iso15118SchemaVersion": request.schema_version, "action": request.action, "exiRequest": request.exi}
        try:
            async with httpx.AsyncClient(
                timeout=self._timeout_s, transport=self._transport, headers=self._headers, trust_env=False
            ) as client:
                response = await client.post(self._url, json=body | request.more)
        except httpx.HTTPError as error:
            raise ProviderError(f"The provisioning service does not answer ({type(error).__name__})") from None
        return _read(response)


def _read(response: httpx.Response) -> ContractAnswer:
    if not response.is_success or len(response.content) > MAX_ANSWER_BYTES:
        raise ProviderError(f"The provisioning service answered with HTTP {response.status_code}")
    try:
        answer: Any = response.json()
        if answer["status"] != "Accepted":
            raise ProviderError("The provisioning service has no certificate for this vehicle")
        return ContractAnswer(str(answer["exiResponse"]), answer.get("remainingContracts"))
    except (ValueError, KeyError, TypeError):
        raise ProviderError("The provisioning service's answer cannot be read") from None

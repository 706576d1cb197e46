"""An OpenID provider as a process of its own, and a browser that signs in there."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.processes import ServerProcess, free_port


@dataclass
class Provider:
    """oidc-provider-mock, running."""

    process: ServerProcess
    issuer: str

    def know(self, subject: str, **claims: Any) -> None:
        """Let it know a person."""
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def sign_in(self, url: str, subject: str) -> str:
        """Sign in as `subject` where our redirect led. Returns where the provider sends the browser."""
        answer = httpx.post(url, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def deny(self, url: str) -> str:
        """The person says no."""
        return httpx.post(url, data={"action": "deny"}).headers["location"]


def query_of(url: str) -> dict[str, str]:
    """What the browser brings back."""
    return dict(parse_qsl(urlsplit(url).query))


def start_provider() -> Provider:
    """Start one; `process.stop()` ends it."""
    port = free_port()
    arguments = ["-m", "oidc_provider_mock", "--port", str(port), "--host", "127.0.0.1"]
    process = ServerProcess(arguments, port, {"AUTHLIB_INSECURE_TRANSPORT": "1"})
    return Provider(process, f"http://localhost:{port}")

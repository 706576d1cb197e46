"""OpenID Connect, authorization code flow with PKCE (OpenID Connect Core 3.1, RFC 7636), spoken through Authlib."""

import base64
import hashlib
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

import httpx
from authlib.deprecate import AuthlibDeprecationWarning
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from csms.access.outgoing import Outgoing, ProviderError
from csms.clock import Clock

with warnings.catch_warnings():  # it would rather have a newer client library, and works with this one
    warnings.simplefilter("ignore", AuthlibDeprecationWarning)
    from authlib.integrations import httpx_client
    from authlib.integrations.base_client import OAuthError
    from authlib.oidc.core import CodeIDToken

_Client: Any = httpx_client.AsyncOAuth2Client
SCOPE: Final = "openid email profile"
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
"""Signatures that only the provider can make; none and those keyed by our own secret are not among them."""
_LEEWAY_S: Final = 60
_KNOWN_FOR: Final = timedelta(minutes=10)
_KEYS_ASKED_EVERY: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Relying:
    """Us, as one provider knows us."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str


@dataclass(frozen=True, slots=True)
class Flow:
    """The secrets of one sign-in, all worked out from the token in the browser's cookie: nothing else keeps them."""

    state: str
    nonce: str
    verifier: str

    @classmethod
    def of(cls, token: str) -> "Flow":
        return cls(*(_derived(purpose, token) for purpose in ("state", "nonce", "verifier")))


@dataclass(slots=True)
class _Provider:
    metadata: dict[str, Any]
    read_at: datetime
    keys: KeySet | None = None
    keys_at: datetime | None = None


class OpenId:
    """Speaks to providers, and remembers for ten minutes what they say of themselves."""

    def __init__(self, outgoing: Outgoing, clock: Clock) -> None:
        self.outgoing = outgoing
        self._clock = clock
        self._providers: dict[str, _Provider] = {}

    async def discover(self, issuer: str) -> dict[str, Any]:
        """What the provider says of itself (OpenID Connect Discovery 4). Raises ProviderError."""
        return (await self._provider(issuer)).metadata

    async def authorization_url(self, us: Relying, flow: Flow) -> str:
        """Where the browser goes to sign in. Raises ProviderError."""
        metadata = await self.discover(us.issuer)
        async with self._client(us) as client:
            url, _ = client.create_authorization_url(
                metadata["authorization_endpoint"], state=flow.state, nonce=flow.nonce, code_verifier=flow.verifier
            )
        return str(url)

    async def redeem(self, us: Relying, flow: Flow, code: str) -> dict[str, Any]:
        """Exchange the code for who it is: the claims of the checked ID token, completed from the user info.

        Raises ProviderError when any of it is not as it must be.
        """
        provider = await self._provider(us.issuer)
        method = _auth_method(us, provider.metadata)
        try:
            async with self._client(us, method) as client:
                token = await client.fetch_token(
                    provider.metadata["token_endpoint"], code=code, code_verifier=flow.verifier
                )
                claims = await self._claims(provider, us, flow, dict(token))
                return await self._completed(client, provider, claims)
        except httpx.HTTPError as error:
            raise ProviderError(f"The provider does not answer ({type(error).__name__}).") from None
        except (OAuthError, ValueError) as error:
            raise ProviderError(f"The provider refused the code: {error}") from None

    async def _claims(self, provider: _Provider, us: Relying, flow: Flow, token: dict[str, Any]) -> dict[str, Any]:
        raw = token.get("id_token")
        if not isinstance(raw, str):
            raise ProviderError("The provider sent no ID token.")
        read = await self._verified(provider, raw)
        options: Any = {
            "iss": {"essential": True, "value": us.issuer},
            "aud": {"essential": True, "value": us.client_id},
        }
        params = {"nonce": flow.nonce, "client_id": us.client_id, "access_token": token.get("access_token")}
        claims: Any = CodeIDToken(read.claims, read.header, options, params)
        try:
            claims.validate(now=int(self._clock.now().timestamp()), leeway=_LEEWAY_S)
        except JoseError as error:
            raise ProviderError(f"The ID token does not hold: {error}") from None
        return dict(claims)

    async def _verified(self, provider: _Provider, raw: str) -> jwt.Token:
        """The token, signed by one of the provider's keys; they may have been changed since we last looked."""
        for fresh in (False, True):
            keys = await self._keys(provider, fresh=fresh)
            try:
                return jwt.decode(raw, keys, algorithms=list(ALGORITHMS))
            except (JoseError, ValueError) as error:
                problem = error
        raise ProviderError(f"The ID token's signature does not hold: {problem}")

    async def _completed(self, client: Any, provider: _Provider, claims: dict[str, Any]) -> dict[str, Any]:
        """Some providers tell the e-mail in their user info alone (OpenID Connect Core 5.3)."""
        url = provider.metadata.get("userinfo_endpoint")
        if "email" in claims or not isinstance(url, str):
            return claims
        answer = await client.get(url)
        more = _json(answer)
        if more.get("sub") != claims["sub"]:
            raise ProviderError("The user info is about somebody else.")
        return more | claims

    async def _provider(self, issuer: str) -> _Provider:
        known, now = self._providers.get(issuer), self._clock.now()
        if known is not None and now - known.read_at < _KNOWN_FOR:
            return known
        metadata = await self._fetch(issuer.rstrip("/") + "/.well-known/openid-configuration")
        if metadata.get("issuer") != issuer:
            raise ProviderError(f"The provider calls itself {metadata.get('issuer')!r}: enter that as issuer.")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            if not isinstance(metadata.get(name), str):
                raise ProviderError(f"The provider does not say its {name}.")
        self._providers[issuer] = provider = _Provider(metadata, now)
        return provider

    async def _keys(self, provider: _Provider, *, fresh: bool) -> KeySet:
        now = self._clock.now()
        asked_lately = provider.keys_at is not None and now - provider.keys_at < _KEYS_ASKED_EVERY
        if provider.keys is None or (fresh and not asked_lately):
            try:
                provider.keys = KeySet.import_key_set(cast(Any, await self._fetch(provider.metadata["jwks_uri"])))
            except (JoseError, ValueError, KeyError, TypeError) as error:
                raise ProviderError(f"The provider's keys cannot be read: {error}") from None
            provider.keys_at = now
        return provider.keys

    async def _fetch(self, url: str) -> dict[str, Any]:
        try:
            async with httpx.AsyncClient(**self.outgoing.client_options()) as client:
                return _json(await client.get(url, headers={"Accept": "application/json"}))
        except httpx.HTTPError as error:
            raise ProviderError(f"The provider does not answer ({type(error).__name__}).") from None

    def _client(self, us: Relying, method: str | None = None) -> Any:  # Authlib is not typed
        return _Client(
            us.client_id,
            us.client_secret or None,
            token_endpoint_auth_method=method,
            scope=SCOPE,
            redirect_uri=us.redirect_uri,
            code_challenge_method="S256",
            **self.outgoing.client_options(),
        )


def _auth_method(us: Relying, metadata: dict[str, Any]) -> str:
    """How we prove who we are: by the header, which every provider must take, unless it says otherwise."""
    if not us.client_secret:
        return "none"
    offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    return "client_secret_post" if "client_secret_basic" not in offered else "client_secret_basic"


def _json(response: httpx.Response) -> dict[str, Any]:
    if not response.is_success:
        raise ProviderError(f"The provider answers {response.request.url.path} with HTTP {response.status_code}.")
    try:
        read: Any = response.json()
    except ValueError:
        read = None
    if not isinstance(read, dict):
        raise ProviderError("The provider's answer cannot be read.")
    return cast(dict[str, Any], read)


def _derived(purpose: str, token: str) -> str:
    digest = hashlib.sha256(f"{purpose}:{token}".encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()

"""What every request to the API passes: whose host it is, from where and how often it comes, who bears what."""

from functools import partial
from typing import Any, Final, cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from csms.access.limiting import Rate, Standing
from csms.access.policy import Actor
from csms.access.programs import actor_for_key, looks_like_key
from csms.api.call import TENANT, Call, begin_call
from csms.api.errors import TooManyRequestsError
from csms.api.problems import problem, problem_of
from csms.api.services import ApiServices
from csms.cause import because_of, new_cause
from csms.errors import SignInError
from csms.tenants.directory import TenantInfo
from models.scope import tenant_scope

MAX_BODY: Final = 4_000_000
"""Bytes of a request's body."""
CAUSE_HEADER: Final = "Voltdeck-Cause"
_AUTH: Final = "/auth/"


class Entrance:
    """Begins the call of each request; behind it the tenant is in scope and the work has a cause."""

    def __init__(self, app: ASGIApp, services: ApiServices) -> None:
        self._app = app
        self._services = services
        per_minute = services.settings.api_requests_per_minute
        self._per_credential = Rate("api credential", per_minute)
        self._per_address = Rate("api address", per_minute * 2)
        self._per_address_auth = Rate("api auth", services.settings.api_sign_ins_per_minute)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with because_of(new_cause()) as cause:
            teller = _Teller(send, {CAUSE_HEADER: cause})
            tenant = cast("TenantInfo | None", scope.get(TENANT))
            if tenant is None:
                said = "The API answers on the hostnames of tenants. There is none here."
                await problem(404, "tenant.none", said)(scope, receive, teller)
                return
            with tenant_scope(tenant.id):
                await self._serve(scope, receive, teller, tenant)

    async def _serve(self, scope: Scope, receive: Receive, teller: "_Teller", tenant: TenantInfo) -> None:
        try:
            headers = Headers(scope=scope)
            address = cast(str, (scope.get("client") or ("", 0))[0])
            call = Call(self._services, tenant, _base_url(scope, headers), address, headers.get("user-agent", ""))
            await self._admit(scope, teller, call, headers)
            begin_call(scope, call)
            await self._app(scope, _limited(receive, headers), teller)
        except Exception as error:
            if teller.began:
                raise
            await problem_of(error)(scope, receive, teller)

    async def _admit(self, scope: Scope, teller: "_Teller", call: Call, headers: Headers) -> None:
        """Count the request for its address, then for its credential. Raises TooManyRequestsError."""
        who = f"{call.tenant.id}/{call.address}"
        if _path(scope).startswith(_AUTH):
            self._note(teller, await self._services.limiter.admit(self._per_address_auth, who))
        else:
            self._note(teller, await self._services.limiter.admit(self._per_address, who))
        await self._recognise(call, headers)
        if call.caller:
            who = f"{call.tenant.id}/{call.caller}"
            self._note(teller, await self._services.limiter.admit(self._per_credential, who))

    def _note(self, teller: "_Teller", standing: Standing) -> None:
        teller.headers.update(standing.headers)
        if not standing.admitted:
            said = f"Too many requests: {standing.limit} a minute are allowed. Go on in {standing.reset_s} s."
            raise TooManyRequestsError(said, standing.headers)

    async def _recognise(self, call: Call, headers: Headers) -> None:
        """Find out who bears the credential; cookies count for nothing here, so no other site can act for anybody."""
        scheme, _, credential = headers.get("authorization", "").partition(" ")
        if scheme.casefold() != "bearer" or not credential.strip():
            return
        try:
            call.recognise = partial(self._bearer, call, credential.strip())
            actor = await call.recognise()
        except SignInError as error:
            call.refused = error
            return
        call.actor_or_none = _from(actor, call.address)

    async def _bearer(self, call: Call, credential: str) -> Actor:
        services = self._services
        if looks_like_key(credential):
            actor, key_id = await actor_for_key(services.database, services.committer, services.clock, credential)
            call.caller = f"key {key_id}"
            return actor
        actor, claims = await services.grants.actor_for(credential, call.tenant.id, call.tenant.key)
        call.caller, call.sign_in = f"user {actor.user_id}", claims.family
        return actor


class _Teller:
    """Sends, with what every answer says."""

    def __init__(self, send: Send, headers: dict[str, str]) -> None:
        self._send = send
        self.headers = headers
        self.began = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.began = True
            headers = MutableHeaders(scope=message)
            for name, value in self.headers.items():
                headers[name] = value
            headers.setdefault("Cache-Control", "private, no-cache")
            headers.add_vary_header("Authorization")
        await self._send(message)


def _from(actor: Actor, address: str) -> Actor:
    return Actor(actor.user_id, actor.name, actor.email, actor.tenant_id, actor.role, actor.scopes, address)


def _path(scope: Scope) -> str:
    return cast(str, scope["path"]).removeprefix(cast(str, scope.get("root_path", "")))


def _base_url(scope: Scope, headers: Headers) -> str:
    return f"{scope['scheme']}://{headers.get('host', '')}"


def _limited(receive: Receive, headers: Headers) -> Receive:
    """Refuses a body that is larger than any we take, also one that does not say how long it is."""
    told = headers.get("content-length", "0")
    if told.isdigit() and int(told) > MAX_BODY:
        raise HTTPException(413, "The body is too large.")
    taken = 0

    async def take() -> dict[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > MAX_BODY:
            raise HTTPException(413, "The body is too large.")
        return cast("dict[str, Any]", message)

    return take

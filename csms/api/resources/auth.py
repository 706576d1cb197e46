"""Signing in: tokens for people's programs, the keys that verify them, and the end of a sign-in."""

from datetime import timedelta
from typing import Annotated, Any, Literal

from fastapi import Body as InBody
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse, Response

from csms.access.grants import LASTS_HOURS, Grant
from csms.access.service import Door
from csms.access.signing import LIFETIME
from csms.api.call import Call, Public
from csms.api.routing import new_router

router = new_router("auth", "/auth", keeps_answers=False)
_NEVER_KEPT = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class _Asked(BaseModel):
    """Names of OAuth 2.0 (RFC 6749), as libraries know them."""

    model_config = ConfigDict(extra="forbid")


class PasswordGrant(_Asked):
    """Sign in as a person."""

    grant_type: Literal["password"] = "password"
    email: str = Field(max_length=254, examples=["operator@green.example"])
    password: str = Field(max_length=1024, examples=["correct horse battery"])
    code: str = Field(default="", max_length=64, examples=["287082"])
    """Of the second step, for who has one: what the app shows now, or a recovery code."""


class RefreshGrant(_Asked):
    """Renew what an earlier answer gave; each refresh token is good once."""

    grant_type: Literal["refresh_token"]
    refresh_token: str = Field(max_length=200, examples=["vdr_Jm0yT3…"])


class RevokeAsked(_Asked):
    """Which sign-in to end: that of a refresh token."""

    token: str = Field(max_length=200, examples=["vdr_Jm0yT3…"])


class TokenAnswer(BaseModel):
    """What OAuth 2.0 calls a token response."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 - the kind of token
    expires_in: int = Field(examples=[900])
    """Seconds."""
    refresh_token: str
    scope: str = Field(examples=["operator"])
    """The person's role here."""


class KeySetAnswer(BaseModel):
    """A JSON Web Key Set (RFC 7517)."""

    keys: list[dict[str, Any]]


TokenAsked = Annotated[PasswordGrant | RefreshGrant, InBody(discriminator="grant_type")]


@router.post("/token", response_model=TokenAnswer, responses={401: {}})
async def create_token(asked: TokenAsked, call: Public) -> Response:
    """Get an access token, with a person's e-mail and password or with a refresh token."""
    if isinstance(asked, PasswordGrant):
        grant = await _sign_in(call, asked)
    else:
        grant = await call.services.grants.refresh(asked.refresh_token, call.tenant.id, call.tenant.key, call.base_url)
    told = TokenAnswer(
        access_token=grant.access_token,
        expires_in=int(LIFETIME.total_seconds()),
        refresh_token=grant.refresh_token,
        scope=grant.actor.role,
    )
    return JSONResponse(told.model_dump(), headers=_NEVER_KEPT)


@router.post("/revoke", status_code=204)
async def revoke_token(asked: RevokeAsked, call: Public) -> None:
    """End the sign-in of a refresh token: it, those before it and their access tokens are worth nothing at once."""
    await call.services.grants.revoke(asked.token, call.actor_or_none, call.tenant.id)


@router.get("/jwks.json", response_model=KeySetAnswer)
async def list_signing_keys(call: Public) -> KeySetAnswer:
    """The public keys of our access tokens, for those who verify them by themselves."""
    return KeySetAnswer(keys=await call.services.keys.public_keys())


async def _sign_in(call: Call, asked: PasswordGrant) -> Grant:
    """The same door as the sign-in page: its throttle, its audit, and whatever else it asks of a person."""
    services = call.services
    door, lasts = Door(call.tenant.id, call.address, call.user_agent), timedelta(hours=LASTS_HOURS)
    token = await services.entrance.sign_in_program(door, asked.email, asked.password, asked.code, lasts=lasts)
    return await services.grants.open(token, call.tenant.id, call.tenant.key, call.base_url)

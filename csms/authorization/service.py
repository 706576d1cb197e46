"""Decides who may charge, and registers drivers and their tokens (OCPP C01)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models import Driver, IdToken, IdTokenStatus


@dataclass(frozen=True, slots=True)
class Decision:
    """What we say of a token: `status` is OCPP's Accepted, Blocked, Expired, Invalid or ConcurrentTx."""

    status: str
    expires_at: datetime | None = None
    group: str | None = None
    id_token_id: int | None = None
    driver_id: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the token may charge."""
        return self.status == "Accepted"


INVALID = Decision("Invalid")


async def decide(session: AsyncSession, value: str, now: datetime) -> Decision:
    """Judge the token `value` of the tenant in scope at `now`; case does not matter (X16_10). Never raises for it.

    Whether another transaction already runs on the token is not looked at: that is the transactions' business.
    """
    found = (
        await session.execute(
            select(
                col(IdToken.id),
                col(IdToken.status),
                col(IdToken.expires_at),
                col(IdToken.group),
                col(IdToken.driver_id),
            ).where(col(IdToken.value_key) == value.casefold())
        )
    ).one_or_none()
    if found is None:
        return INVALID
    id_token_id, status, expires_at, group, driver_id = found
    return Decision(_status(status, expires_at, now), expires_at, group, id_token_id, driver_id)


def _status(status: str, expires_at: datetime | None, now: datetime) -> str:
    if status == IdTokenStatus.BLOCKED:  # outranks Expired: blocking was somebody's decision
        return "Blocked"
    if expires_at is not None and expires_at <= now:
        return "Expired"
    return "Accepted"


async def create_driver(session: AsyncSession, *, name: str, now: datetime, email: str = "") -> Driver:
    """Add a driver to the tenant in scope."""
    driver = Driver(name=name, email=email, created_at=now)
    session.add(driver)
    await session.flush()
    return driver


async def create_id_token(
    session: AsyncSession,
    value: str,
    *,
    now: datetime,
    type: str = "ISO14443",
    driver_id: int | None = None,
    label: str = "",
    group: str | None = None,
    status: IdTokenStatus = IdTokenStatus.ACCEPTED,
    expires_at: datetime | None = None,
) -> IdToken:
    """Register a token with the tenant in scope. Its value is unique there, whatever its case."""
    id_token = IdToken(
        value=value,
        value_key=value.casefold(),
        type=type,
        status=status,
        expires_at=expires_at,
        group=group,
        label=label,
        driver_id=driver_id,
        created_at=now,
    )
    session.add(id_token)
    await session.flush()
    return id_token

"""What signing in leaves behind and nobody needs any more: refresh tokens, signing keys, answers kept for repeats."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete
from sqlmodel import col

from csms.access.signing import KEPT_FOR
from csms.work import Work
from models import IdempotentRequest, RefreshToken, SigningKey

ANSWERS_KEPT_FOR: Final = timedelta(hours=24)
"""How long an Idempotency-Key stands for its request."""


async def delete_leftovers(work: Work, now: datetime) -> None:
    """Delete them. Platform scope."""
    session = work.session()
    for ended in (
        delete(RefreshToken).where(col(RefreshToken.expires_at) < now),
        delete(SigningKey).where(col(SigningKey.created_at) < now - KEPT_FOR),
        delete(IdempotentRequest).where(col(IdempotentRequest.created_at) < now - ANSWERS_KEPT_FOR),
    ):
        await session.execute(ended.execution_options(synchronize_session=False))

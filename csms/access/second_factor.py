"""The second factor of a person: an authenticator app, and ten codes on paper for the day it is lost."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access.totp import enrolment_svg, enrolment_url, matching_step, new_secret
from csms.access.vault import Vault
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.work import Work
from models import RecoveryCode, SecondFactor, User

RECOVERY_CODES: Final = 10
WRONG_CODE: Final = (
    "This code is not right, or was used before. Codes change every 30 seconds: please try the next one."
)
_CLEAR: Final = "abcdefghjkmnpqrstuvwxyz23456789"
"""No characters that are taken for another when copied by hand."""


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an app must be given: `secret` to type in, or the picture to scan."""

    secret: str
    url: str

    @property
    def svg(self) -> str:
        """The picture, as an SVG element."""
        return enrolment_svg(self.url)

    @property
    def spelled(self) -> str:
        """The secret in groups of four."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


async def has_second_factor(session: AsyncSession, user_id: int) -> bool:
    """Whether the person is asked for a code at sign-in."""
    query = select(col(SecondFactor.user_id)).where(*_confirmed(user_id))
    return (await session.execute(query)).first() is not None


async def codes_left(session: AsyncSession, user_id: int) -> int:
    """How many recovery codes were not used yet."""
    query = select(func.count()).select_from(RecoveryCode).where(col(RecoveryCode.user_id) == user_id)
    return (await session.execute(query)).scalar_one()


async def begin_enrolment(work: Work, vault: Vault, user_id: int, email: str, issuer: str) -> Enrolment:
    """The secret for an app; the same until a code has confirmed it. Raises ConflictError when one is confirmed."""
    session = work.session()
    factor = await session.get(SecondFactor, user_id)
    if factor is not None and factor.confirmed_at is not None:
        raise ConflictError("An authenticator app is set up already. Remove it first to set up another one.")
    if factor is None:
        secret = new_secret()
        session.add(SecondFactor(user_id=user_id, secret=vault.seal(secret, _about(user_id))))
        await session.flush()
    else:
        secret = vault.unseal(factor.secret, _about(user_id))
    return Enrolment(secret, enrolment_url(secret, email, issuer))


async def confirm_enrolment(work: Work, vault: Vault, user_id: int, code: str, now: datetime) -> list[str]:
    """Take the app's first code as proof. Returns the recovery codes, which are shown this once.

    Raises InvalidInputError for a wrong code, ConflictError when nothing is being set up.
    """
    factor = await work.session().get(SecondFactor, user_id)
    if factor is None or factor.confirmed_at is not None:
        raise ConflictError("No authenticator app is being set up. Please begin again.")
    step = matching_step(vault.unseal(factor.secret, _about(user_id)), code, now, factor.last_step)
    if step is None:
        raise InvalidInputError(WRONG_CODE)
    factor.last_step, factor.confirmed_at = step, now
    await work.session().flush()
    return await renew_recovery_codes(work, vault, user_id)


async def renew_recovery_codes(work: Work, vault: Vault, user_id: int) -> list[str]:
    """Ten new codes in place of those there were. They are shown this once."""
    session = work.session()
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    await session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    session.add_all([RecoveryCode(code_hash=_code_hash(vault, user_id, code), user_id=user_id) for code in codes])
    await session.flush()
    return codes


async def accept_code(
    work: Work, vault: Vault, user_id: int, code: str, now: datetime
) -> Literal["app", "recovery code"] | None:
    """Use a code up. Returns which kind it was; None when it is wrong, or was used before."""
    session = work.session()
    factor = (await session.execute(select(SecondFactor).where(*_confirmed(user_id)))).scalar_one_or_none()
    if factor is None:
        return None
    step = matching_step(vault.unseal(factor.secret, _about(user_id)), code, now, factor.last_step)
    if step is not None and await _take_step(session, user_id, step):
        return "app"
    where = (col(RecoveryCode.code_hash) == _code_hash(vault, user_id, code), col(RecoveryCode.user_id) == user_id)
    used = delete(RecoveryCode).where(*where).returning(col(RecoveryCode.code_hash))
    return "recovery code" if (await session.execute(used)).first() is not None else None


async def remove_second_factor(work: Work, user_id: int) -> bool:
    """Forget app and recovery codes. Returns whether there was an app."""
    session = work.session()
    await session.execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    gone = delete(SecondFactor).where(col(SecondFactor.user_id) == user_id).returning(col(SecondFactor.confirmed_at))
    return (await session.execute(gone)).scalar_one_or_none() is not None


async def forget_factor_of(work: Work, email: str) -> bool:
    """The same by e-mail, for whoever runs the installation. Raises NotFoundError."""
    query = select(col(User.id)).where(col(User.email) == email.strip().casefold())
    user_id = (await work.session().execute(query)).scalar_one_or_none()
    if user_id is None:
        raise NotFoundError(f"There is no account for {email}.")
    return await remove_second_factor(work, user_id)


async def _take_step(session: AsyncSession, user_id: int, step: int) -> bool:
    """Of two who come with the same code at once, one is told yes."""
    taken = await session.execute(
        update(SecondFactor)
        .where(col(SecondFactor.user_id) == user_id, col(SecondFactor.last_step) < step)
        .values(last_step=step)
        .returning(col(SecondFactor.user_id))
        .execution_options(synchronize_session=False)
    )
    return taken.first() is not None


def _confirmed(user_id: int) -> tuple[ColumnElement[bool], ...]:
    return col(SecondFactor.user_id) == user_id, col(SecondFactor.confirmed_at).is_not(None)


def _about(user_id: int) -> str:
    return f"second factor of user {user_id}"


def _new_code() -> str:
    return "-".join("".join(secrets.choice(_CLEAR) for _ in range(4)) for _ in range(3))


def _code_hash(vault: Vault, user_id: int, code: str) -> str:
    plain = "".join(character for character in code.casefold() if character.isalnum())
    return vault.digest(f"recovery code of user {user_id}: {plain}")

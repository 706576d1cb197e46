"""Verbs of a tenant's brand: draft, publish, roll back. Each publication is a version that can be brought back."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from csms.access import audit
from csms.access.policy import Actor, Permission, require
from csms.clock import Clock
from csms.errors import ConflictError, InvalidInputError, NotFoundError
from csms.tenants.brand_queries import Published, draft_of, published_now, stored_image, version_of
from csms.tenants.directory import TenantDirectory
from csms.work import Committer, Work
from models import BrandDraft, BrandImage, BrandVersion, Tenant
from models.scope import current_tenant_id

PICTURE_TOKENS: Final = ("logo_image", "favicon_image")
_DRAWINGS: Final = ("logo_svg", "favicon_svg")
_UNUSED_FOR: Final = timedelta(hours=24)
"""How long a picture that no version and no draft shows is kept."""

Check = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Reads tokens and returns those to store; raises InvalidInputError. It comes from the face, which knows brands."""


class StaleBrandError(ConflictError):
    """Somebody else has published since the draft was begun; publishing would replace what they did."""

    code = "brand.stale"

    def __init__(self, latest: Published) -> None:
        super().__init__(
            f"{latest.author} has published version {latest.number} since you began. "
            "Publishing replaces it by yours; it stays in the history."
        )
        self.latest = latest


class Branding:
    """One for the platform; every verb is for the tenant in scope."""

    def __init__(self, committer: Committer, clock: Clock, directory: TenantDirectory, check: Check) -> None:
        self._committer = committer
        self._clock = clock
        self._directory = directory
        self._check = check

    async def save_draft(self, actor: Actor, tokens: Mapping[str, Any], base: int) -> None:
        """Keep what the person works on; `base` is the version they began from. Raises InvalidInputError."""
        require(actor, Permission.BRAND_MANAGE)
        kept = self._check(tokens)
        await self._committer.run(lambda work: self._save(work, actor, kept, base))

    async def discard_draft(self, actor: Actor) -> None:
        """Throw away what the person works on."""
        require(actor, Permission.BRAND_MANAGE)

        async def unit(work: Work) -> None:
            draft = await draft_of(work.session(), actor.user_id)
            if draft is not None:
                await work.session().delete(draft)
                details = {"base": draft.base_number}
                audit.record(work, actor, "brand.draft_discarded", "brand", details, at=self._clock.now())

        await self._committer.run(unit)

    async def publish(self, actor: Actor, tokens: Mapping[str, Any], base: int, *, over: bool = False) -> int:
        """Make `tokens` the brand; returns the new version's number. The person's draft is done with.

        Raises InvalidInputError, ConflictError when nothing would change, and StaleBrandError when `base` is not the
        latest version, unless `over` says to replace it.
        """
        require(actor, Permission.BRAND_MANAGE)
        kept = self._check(tokens)

        async def unit(work: Work) -> int:
            latest = await self._latest(work)
            if latest.number != base and not over:
                raise StaleBrandError(latest)
            number = await self._append(work, actor, latest, kept)
            await work.session().execute(_mine(actor))
            return number

        return await self._tell(unit)

    async def roll_back(self, actor: Actor, number: int) -> int:
        """Publish an earlier version again, as a new one; returns its number. Raises NotFoundError, ConflictError."""
        require(actor, Permission.BRAND_MANAGE)

        async def unit(work: Work) -> int:
            latest = await self._latest(work)
            earlier = await version_of(work.session(), number)
            if earlier is None:
                raise NotFoundError(f"Version {number} of the brand")
            return await self._append(work, actor, latest, earlier.tokens, restores=number)

        return await self._tell(unit)

    async def store_image(self, actor: Actor, name: str, data: bytes, width: int, height: int) -> None:
        """Keep a picture that was painted anew; pictures that nothing shows any more go."""
        require(actor, Permission.BRAND_MANAGE)

        async def unit(work: Work) -> None:
            session, now = work.session(), self._clock.now()
            await _sweep(session, now - _UNUSED_FOR)
            if await session.get(BrandImage, (current_tenant_id(), name)) is not None:
                return
            session.add(BrandImage(name=name, data=data, width=width, height=height, created_at=now))
            details = {"bytes": len(data), "width": width, "height": height}
            audit.record(work, actor, "brand.image_uploaded", f"picture {name}", details, at=now)

        await self._committer.run(unit)

    async def _save(self, work: Work, actor: Actor, tokens: dict[str, Any], base: int) -> None:
        session, now = work.session(), self._clock.now()
        if actor.user_id is None:
            raise ConflictError("A program has no draft; it publishes at once.")
        draft = await draft_of(session, actor.user_id)
        if draft is None:
            draft = BrandDraft(user_id=actor.user_id, base_number=base, tokens={}, author=actor.words, saved_at=now)
            session.add(draft)
            audit.record(work, actor, "brand.draft_begun", "brand", {"base": base}, at=now)
        draft.tokens, draft.base_number, draft.saved_at = tokens, base, now

    async def _latest(self, work: Work) -> Published:
        """What is published, with the tenant's row held, so that no other node publishes meanwhile."""
        session = work.session()
        held = select(col(Tenant.id)).where(col(Tenant.id) == current_tenant_id()).with_for_update()
        await session.execute(held)
        return await published_now(session)

    async def _append(
        self, work: Work, actor: Actor, latest: Published, tokens: dict[str, Any], restores: int | None = None
    ) -> int:
        session, now = work.session(), self._clock.now()
        if tokens == latest.tokens:
            raise ConflictError(f"This is what version {latest.number} shows already. Nothing was published.")
        await _require_images(session, tokens)
        if await version_of(session, latest.number) is None:
            session.add(_row(latest))
        number = latest.number + 1
        session.add(_row(Published(number, tokens, actor.words, now, restores), actor.user_id))
        tenant = await session.get_one(Tenant, current_tenant_id())
        tenant.brand = tokens
        action = "brand.published" if restores is None else "brand.rolled_back"
        subject = f"brand version {number}" if restores is None else f"brand version {number}, from {restores}"
        audit.record_change(work, actor, action, subject, _told(latest.tokens), _told(tokens), at=now)
        return number

    async def _tell(self, unit: Callable[[Work], Any]) -> int:
        number: int = await self._committer.run(unit)
        await self._directory.load()
        return number


def _row(version: Published, user_id: int | None = None) -> BrandVersion:
    return BrandVersion(
        number=version.number,
        tokens=version.tokens,
        author=version.author,
        user_id=user_id,
        published_at=version.published_at,
        restores=version.restores,
    )


def _mine(actor: Actor) -> Any:
    return (
        delete(BrandDraft).where(col(BrandDraft.user_id) == actor.user_id).execution_options(synchronize_session=False)
    )


async def _require_images(session: AsyncSession, tokens: Mapping[str, Any]) -> None:
    for token in PICTURE_TOKENS:
        name = tokens.get(token)
        if name and await stored_image(session, name) is None:
            raise InvalidInputError(f"{token}: there is no picture {name}. Upload it again.")


async def _sweep(session: AsyncSession, before: Any) -> None:
    used: set[str] = set()
    for table in (BrandVersion, BrandDraft):
        for tokens in (await session.execute(select(col(table.tokens)))).scalars():
            used |= {tokens[token] for token in PICTURE_TOKENS if tokens.get(token)}
    unused = col(BrandImage.created_at) < before, col(BrandImage.name).not_in(used)
    await session.execute(delete(BrandImage).where(*unused).execution_options(synchronize_session=False))


def _told(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens as the audit record tells them; drawings are named, not copied."""
    told = dict(tokens)
    for name in _DRAWINGS:
        if told.get(name):
            told[name] = f"drawing {hashlib.sha256(str(told[name]).encode()).hexdigest()[:12]}"
    return told

"""The tenant's brand: what is published, one's own draft, and the versions that were."""

from typing import Annotated, Any, ClassVar, Final

from fastapi import Depends, Path
from pydantic import Field
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.requests import Request
from starlette.responses import Response

from csms.access.policy import Permission
from csms.api.call import Call, SignedIn
from csms.api.etags import IfMatch
from csms.api.paging import Key, Ordering, PageAsk
from csms.api.routing import new_router
from csms.api.shapes import Body, Flag, Listed, Moment, Shape, Whole
from csms.errors import NotFoundError
from csms.tenants.brand_queries import Published, draft_of, other_drafts, published_now, published_versions, version_of
from models import BrandDraft, BrandVersion

router = new_router("brand", "/brand")
_ORDER = Ordering(col(BrandVersion.id), {"number": Key(col(BrandVersion.number), int)}, "-number")
_FILE: Final = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
Version = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[1])]
_Line = Annotated[str, Field(max_length=200)]
_Drawing = Annotated[str, Field(max_length=300_000)]
_Color = Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$", examples=["#1f8a5b"])]


class BrandTokensShape(Shape):
    """How the tenant looks; docs/branding.md says what each is."""

    app_name: str
    logo_svg: str
    logo_image: str
    favicon_svg: str
    favicon_image: str
    accent: str = Field(examples=["#127c48"])
    accent_dark: str
    tone: str = Field(examples=["slate"])
    font: str = Field(examples=["inter"])
    radius_px: int
    mode: str = Field(examples=["auto"])
    tagline: str
    footer: str
    mail_sender: str
    legal_text: str


class BrandTokensBody(Body):
    """How it shall look. null, or left out: as Voltdeck looks by itself."""

    app_name: _Line = Field(min_length=1, examples=["Green Energy"])
    logo_svg: _Drawing | None = None
    """A square mark; see `POST /brand/marks`."""
    logo_image: _Line | None = None
    """The name of a picture that was sent before; it goes before the drawing."""
    favicon_svg: _Drawing | None = None
    """Empty, without a picture: the logo."""
    favicon_image: _Line | None = None
    accent: _Color | None = None
    accent_dark: _Color | None = None
    """In dark mode; null: as in light mode."""
    tone: _Line | None = Field(default=None, examples=["slate"])
    """Family of the neutral surfaces."""
    font: _Line | None = Field(default=None, examples=["inter"])
    radius_px: Whole | None = Field(default=None, ge=0, le=100)
    mode: _Line | None = Field(default=None, examples=["auto"])
    """auto, light or dark."""
    tagline: _Line | None = None
    footer: _Line | None = None
    mail_sender: _Line | None = None
    """Name of the sender of mails."""
    legal_text: Annotated[str, Field(max_length=5000)] | None = None

    def tokens(self) -> dict[str, Any]:
        """The same for the service."""
        return self.model_dump(exclude_none=True)


class BrandShape(Shape):
    """A version of the brand."""

    number: int
    author: str
    published_at: Moment
    restores: int | None
    """The earlier version that it brought back."""
    tokens: BrandTokensShape


class OtherDraftShape(Shape):
    """What somebody else is working on."""

    author: str
    base: int
    saved_at: Moment


class BrandNowShape(BrandShape):
    """The published version, and who is working on the next one."""

    volatile: ClassVar[frozenset[str]] = frozenset({"othersDrafts"})
    others_drafts: list[OtherDraftShape]


class DraftShape(Shape):
    """What one is working on. Nobody else sees it."""

    base: int
    """The version that it was begun from."""
    saved_at: Moment
    tokens: BrandTokensShape


class DraftBody(Body):
    """What to keep as one's draft."""

    base: Whole = Field(ge=1, le=2**31 - 1, examples=[1])
    """The version that it was begun from: the `number` of `GET /brand`."""
    tokens: BrandTokensBody


class PublishBody(DraftBody):
    """What to publish."""

    over: Flag = False
    """Publish also when somebody else has published since `base`."""


class MarkShape(Shape):
    """What became of a file: one of the two, to be put into the tokens."""

    svg: str = ""
    """For `logoSvg` or `faviconSvg`."""
    image: str = Field(default="", examples=["0123456789abcdef0123456789abcdef.png"])
    """For `logoImage` or `faviconImage`."""


@router.get("", response_model=BrandNowShape)
async def get_brand(call: SignedIn) -> BrandNowShape:
    """What is published now."""
    call.require(Permission.BRAND_MANAGE)
    async with call.reading() as session:
        published = await published_now(session)
        drafts = await other_drafts(session, call.actor.user_id)
    others = [OtherDraftShape(author=one.author, base=one.base_number, saved_at=one.saved_at) for one in drafts]
    return BrandNowShape.model_validate(_shape(call, published).model_dump() | {"others_drafts": others})


@router.get("/draft", response_model=DraftShape, responses={404: {}})
async def get_brand_draft(call: SignedIn) -> DraftShape:
    """One's own draft. 404 where there is none; a program with an API key has none."""
    call.require(Permission.BRAND_MANAGE)
    async with call.reading() as session:
        draft = await draft_of(session, call.actor.user_id)
    if draft is None:
        raise NotFoundError("You have no draft of the brand.")
    return _draft(draft)


@router.put("/draft", response_model=DraftShape, responses={409: {}})
async def replace_brand_draft(call: SignedIn, body: DraftBody, match: IfMatch) -> DraftShape:
    """Keep a draft; the brand editor goes on from it. 409 for a program with an API key, which publishes at once."""
    call.require(Permission.BRAND_MANAGE)
    async with call.reading() as session:
        match.require(await _own_draft(session, call))
    await call.services.brands.verbs.save_draft(call.actor, body.tokens.tokens(), body.base)
    return await get_brand_draft(call)


@router.delete("/draft", status_code=204)
async def discard_brand_draft(call: SignedIn, match: IfMatch) -> None:
    """Throw one's own draft away."""
    call.require(Permission.BRAND_MANAGE)
    async with call.reading() as session:
        match.require(await _own_draft(session, call))
    await call.services.brands.verbs.discard_draft(call.actor)


@router.get("/versions", response_model=Listed[BrandShape])
async def list_brand_versions(call: SignedIn, page: Annotated[PageAsk, Depends(_ORDER.asked)]) -> Listed[BrandShape]:
    """Every publication, newest first."""
    call.require(Permission.BRAND_MANAGE)
    async with call.reading() as session:
        rows, following = await _ORDER.rows(session, select(BrandVersion), page)
        versions = [Published.of(row[0]) for row in rows]
        if not versions and page.after is None:
            versions = await published_versions(session, 1)
    return Listed(data=[_shape(call, version) for version in versions], next=following)


@router.post("/versions", response_model=BrandShape, status_code=201)
async def publish_brand(call: SignedIn, body: PublishBody, response: Response) -> BrandShape:
    """Publish: every page that is opened from now on wears it. 409 (`brand.stale`) when somebody else has published
    since `base`, unless `over`; 409 (`conflict`) when nothing would change. One's own draft is done with."""
    number = await call.services.brands.verbs.publish(call.actor, body.tokens.tokens(), body.base, over=body.over)
    return await _published(call, number, response)


@router.get("/versions/{version}", response_model=BrandShape)
async def get_brand_version(call: SignedIn, version: Version) -> BrandShape:
    """One publication."""
    call.require(Permission.BRAND_MANAGE)
    async with call.reading() as session:
        now = await published_now(session)
        found = now if now.number == version else await version_of(session, version)
    if found is None:
        raise NotFoundError(f"There is no version {version} of the brand.")
    return _shape(call, found)


@router.post("/versions/{version}/restore", response_model=BrandShape, status_code=201)
async def restore_brand_version(call: SignedIn, version: Version, response: Response) -> BrandShape:
    """Roll back: publish an earlier version again, as a new one. Drafts are kept."""
    return await _published(call, await call.services.brands.verbs.roll_back(call.actor, version), response)


@router.post(
    "/marks",
    response_model=MarkShape,
    openapi_extra={"requestBody": {"content": _FILE, "required": True}},
    responses={413: {}},
)
async def create_brand_mark(call: SignedIn, request: Request) -> MarkShape:
    """Send the file of a logo or favicon: SVG, PNG, JPEG or WebP, at most 1 MB, of whatever Content-Type. A drawing is
    rebuilt from what is harmless, a picture painted anew and kept."""
    call.require(Permission.BRAND_MANAGE)
    return MarkShape.model_validate(await call.services.brands.take_mark(call.actor, await request.body()))


async def _published(call: Call, number: int, response: Response) -> BrandShape:
    response.headers["Location"] = f"/api/v1/brand/versions/{number}"
    return await get_brand_version(call, number)


async def _own_draft(session: AsyncSession, call: Call) -> DraftShape | None:
    draft = await draft_of(session, call.actor.user_id)
    return None if draft is None else _draft(draft)


def _draft(draft: BrandDraft) -> DraftShape:
    tokens = BrandTokensShape.model_validate(draft.tokens)
    return DraftShape(base=draft.base_number, saved_at=draft.saved_at, tokens=tokens)


def _shape(call: Call, version: Published) -> BrandShape:
    return BrandShape(
        number=version.number,
        author=version.author,
        published_at=version.published_at,
        restores=version.restores,
        tokens=BrandTokensShape.model_validate(call.services.brands.shown(call.tenant, version)),
    )

"""Takes a logo or favicon: a drawing is rebuilt from an allow-list, a picture painted anew, anything else refused."""

import asyncio
from dataclasses import replace
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from csms.access.policy import Actor, Permission, require
from csms.cause import because_of, new_cause
from csms.errors import InvalidInputError, PermissionDeniedError
from csms.tenants.branding import Branding
from pages.admin.brand_tokens import branding_of
from pages.web.addresses import same_origin
from pages.web.visit import Visit, current_visit
from themes.images import MAX_BYTES, ImageError, clean_image
from themes.svg import SvgError, tidy_svg

URL: Final = "/data/brand/mark"
TOO_LARGE: Final = f"The file is larger than {MAX_BYTES // 1024} KiB. Save it smaller and try again."
router = APIRouter()
_one_at_a_time: Final = asyncio.Semaphore(1)
"""Painting takes a processor and memory: however many are sent, they wait for each other."""


@router.post(URL)
async def take_upload(request: Request, visit: Annotated[Visit, Depends(current_visit)]) -> Response:
    """Answers `{"svg": text}`, `{"image": name}`, or `{"problem": sentence}`: a file that was judged is an answer."""
    if visit.tenant is None or visit.actor is None or not same_origin(request.headers):
        return _refusal(403, "This file was sent from another site.")
    try:
        require(visit.actor, Permission.BRAND_MANAGE)
    except PermissionDeniedError as error:
        return _refusal(403, str(error))
    data = await _read(request)
    if data is None:
        return _refusal(413, TOO_LARGE)
    try:
        with because_of(new_cause()):
            actor = replace(visit.actor, address=visit.address)
            return JSONResponse(await take_mark(branding_of(visit.services), actor, data))
    except InvalidInputError as error:
        return _refusal(200, str(error))


async def take_mark(branding: Branding, actor: Actor, data: bytes) -> dict[str, str]:
    """`svg`: the drawing in a file, or `image`: the name under which its picture is kept. Raises
    PermissionDeniedError, and InvalidInputError saying why it was not taken."""
    require(actor, Permission.BRAND_MANAGE)
    if len(data) > MAX_BYTES:
        raise InvalidInputError(TOO_LARGE)
    try:
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return {"svg": tidy_svg(data.decode("utf-8", "replace"))}
        async with _one_at_a_time:
            image = await asyncio.to_thread(clean_image, data)
    except SvgError as error:
        said = f"This drawing was not taken: {error}. Save it as plain SVG, with text turned into paths."
        raise InvalidInputError(said) from None
    except ImageError as error:
        raise InvalidInputError(f"This file was not taken: {error}. Send an SVG, PNG, JPEG or WebP.") from None
    await branding.store_image(actor, image.name, image.data, image.width, image.height)
    return {"image": image.name}


async def _read(request: Request) -> bytes | None:
    """The body, or None as soon as it is too long, whatever its header says."""
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_BYTES:
            return None
    return bytes(data)


def _refusal(status: int, problem: str) -> Response:
    return JSONResponse({"problem": problem}, status)

"""Where the platform's owner enters a tenant: by a link that works once and at once."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.entering import enter
from csms.errors import SignInError
from pages.stepping import end_earlier
from pages.web.cookies import give_token
from pages.web.door import door_of
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()


@router.get("/enter")
async def take_enter(request: Request, visit: Annotated[Visit, Depends(current_visit)], token: str = "") -> Response:
    services = visit.services
    try:
        await services.entrance.link_throttle.admit(f"enter:{visit.address}", visit.address)
        session_token = await enter(services.committer, services.clock, door_of(request, visit), token)
    except SignInError as error:
        return plain_page(
            "message",
            "Link not valid",
            visit.brand,
            status=404,
            heading="This link is not valid",
            text=f"{error} Enter again from the list of tenants.",
            href="/sign-in",
            label="Go to sign-in",
        )
    await end_earlier(visit)
    response = RedirectResponse("/", 303, {"Cache-Control": "no-store"})
    give_token(response, session_token, services.settings)
    return response

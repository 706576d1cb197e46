"""Signing in and out: a plain form that works before any script has loaded."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.rules import Rules, rules_in_scope
from csms.access.service import sign_out
from csms.errors import SignInError
from models.scope import PLATFORM, tenant_scope
from pages.stepping import go_on
from pages.web.addresses import safe_next, same_origin
from pages.web.cookies import take_token
from pages.web.door import door_of
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]
FOREIGN_FORM = "This form was sent from another site. Please sign in here."
NOTICES = {
    "welcome": "The platform owner was created. Sign in to add a tenant.",
    "reset": "Your password was changed, and all your sign-ins have ended. Sign in with the new one.",
}


@router.get("/sign-in")
async def show_sign_in(visit: CurrentVisit, next: str = "/", welcome: str = "", reset: str = "") -> Response:
    if visit.actor is not None:
        return RedirectResponse(safe_next(next), 303)
    notice = NOTICES["welcome"] if welcome else NOTICES["reset"] if reset else ""
    return await sign_in_form(visit, next, notice=notice)


@router.post("/sign-in")
async def take_sign_in(
    request: Request,
    visit: CurrentVisit,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",
) -> Response:
    if not same_origin(request.headers):
        return await sign_in_form(visit, next, email, FOREIGN_FORM, status=403)
    try:
        step = await visit.services.entrance.sign_in(door_of(request, visit), email, password)
    except SignInError as error:
        return await sign_in_form(visit, next, email, str(error), status=401)
    return go_on(step, next, visit.services.settings)


@router.post("/sign-out")
async def take_sign_out(request: Request, visit: CurrentVisit) -> Response:
    response = RedirectResponse("/sign-in", 303, {"Cache-Control": "no-store"})
    if visit.actor is None or visit.token is None or not same_origin(request.headers):
        return response
    await sign_out(visit.services.committer, visit.services.clock, visit.token, visit.actor)
    take_token(response, visit.services.settings)
    return response


async def sign_in_form(
    visit: Visit, target: str, email: str = "", error: str = "", *, notice: str = "", status: int = 200
) -> Response:
    """The form, with the tenant's single sign-on where there is one."""
    rules = await _rules(visit)
    return plain_page(
        "sign_in",
        "Sign in",
        visit.brand,
        status=status,
        next=safe_next(target),
        email=email,
        error=error,
        notice=notice,
        sign_up=visit.tenant is None and visit.services.settings.sign_up == "open",
        sso=rules.button if rules.has_provider else "",
        sso_only=rules.has_provider and rules.is_only_way,
    )


async def _rules(visit: Visit) -> Rules:
    with tenant_scope(visit.tenant_id or PLATFORM):
        async with visit.services.database.reading() as session:
            return await rules_in_scope(session)

"""Signing in and out: a plain form that works before any script has loaded."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from nicegui import Client
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.service import SignInThrottle, sign_in, sign_out
from csms.errors import SignInError
from pages.web.addresses import safe_next, same_origin
from pages.web.cookies import give_token, take_token
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit, visit_of

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]
FOREIGN_FORM = "This form was sent from another site. Please sign in here."


@router.get("/sign-in")
async def show_sign_in(visit: CurrentVisit, next: str = "/", welcome: str = "") -> Response:
    if visit.actor is not None:
        return RedirectResponse(safe_next(next), 303)
    return _form(visit, next, notice="The platform owner was created. Sign in to add a tenant." if welcome else "")


@router.post("/sign-in")
async def take_sign_in(
    request: Request,
    visit: CurrentVisit,
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",
) -> Response:
    if not same_origin(request.headers):
        return _form(visit, next, email, FOREIGN_FORM, status=403)
    try:
        token = await _sign_in(request, visit, email, password)
    except SignInError as error:
        return _form(visit, next, email, str(error), status=401)
    response = RedirectResponse(safe_next(next), 303, {"Cache-Control": "no-store"})
    give_token(response, token, visit.services.settings)
    return response


@router.post("/sign-out")
async def take_sign_out(request: Request, visit: CurrentVisit) -> Response:
    response = RedirectResponse("/sign-in", 303, {"Cache-Control": "no-store"})
    if visit.actor is None or visit.token is None or not same_origin(request.headers):
        return response
    await sign_out(visit.services.committer, visit.services.clock, visit.token, visit.actor)
    take_token(response, visit.services.settings)
    close_tabs(visit.token)
    return response


def close_tabs(token: str) -> None:
    """Lead every tab of this sign-in back to the sign-in page, for their live data is over."""
    for client in list(Client.instances.values()):
        if client.has_socket_connection and visit_of(client.request.scope).token == token:
            client.run_javascript("location.replace('/sign-in')")


async def _sign_in(request: Request, visit: Visit, email: str, password: str) -> str:
    services = visit.services
    throttle: SignInThrottle = request.app.state.sign_in_throttle
    return await sign_in(
        services.committer,
        services.database,
        services.clock,
        visit.tenant_id,
        email,
        password,
        throttle=throttle,
        hours=services.settings.sign_in_hours,
        address=request.client.host if request.client else "",
    )


def _form(
    visit: Visit, target: str, email: str = "", error: str = "", *, notice: str = "", status: int = 200
) -> Response:
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
    )

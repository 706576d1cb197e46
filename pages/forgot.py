"""A forgotten password: ask for a link by mail, and use it. The answer never tells who has an account."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.passwords import RULE
from csms.access.resets import ask_reset, reset_password, reset_works
from csms.errors import InvalidInputError, LinkExpiredError, SignInError
from pages.sign_in import FOREIGN_FORM
from pages.web.addresses import same_origin
from pages.web.door import door_of, host_of
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]


@router.get("/forgot")
async def show_forgot(visit: CurrentVisit) -> Response:
    return _forgot_form(visit)


@router.post("/forgot")
async def take_forgot(
    request: Request, visit: CurrentVisit, email: Annotated[str, Form(max_length=254)] = ""
) -> Response:
    if not same_origin(request.headers):
        return _forgot_form(visit, email, FOREIGN_FORM, status=403)
    if "@" not in email:
        return _forgot_form(visit, email, "Please enter the e-mail address you sign in with.", status=422)
    try:
        await ask_reset(visit.services.entrance, door_of(request, visit), email, host_of(request, visit))
    except SignInError as error:
        return _forgot_form(visit, email, str(error), status=429)
    return plain_page(
        "message",
        "Look into your mail",
        visit.brand,
        heading="Look into your mail",
        text=f"If there is an account for {email.strip()} here, a link is on its way. It works once, within an hour.",
        href="/sign-in",
        label="Back to sign-in",
    )


@router.get("/reset")
async def show_reset(request: Request, visit: CurrentVisit, token: str = "") -> Response:
    try:
        await reset_works(visit.services.entrance, door_of(request, visit), token)
    except LinkExpiredError as error:
        return _gone(visit, str(error))
    return _reset_form(visit, token)


@router.post("/reset")
async def take_reset(
    request: Request,
    visit: CurrentVisit,
    token: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    again: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    if not same_origin(request.headers):
        return _reset_form(visit, token, FOREIGN_FORM, status=403)
    if password != again:
        return _reset_form(visit, token, "The two passwords are not the same.", status=422)
    door, host = door_of(request, visit), host_of(request, visit)
    try:
        await reset_password(visit.services.entrance, door, token, password, host)
    except LinkExpiredError as error:
        return _gone(visit, str(error))
    except InvalidInputError as error:
        return _reset_form(visit, token, str(error), status=422)
    except SignInError as error:
        return _reset_form(visit, token, str(error), status=429)
    return RedirectResponse("/sign-in?reset=true", 303, {"Cache-Control": "no-store"})


def _forgot_form(visit: Visit, email: str = "", error: str = "", *, status: int = 200) -> Response:
    return plain_page("forgot", "Forgot your password?", visit.brand, status=status, email=email, error=error)


def _reset_form(visit: Visit, token: str, error: str = "", *, status: int = 200) -> Response:
    return plain_page("reset", "New password", visit.brand, status=status, token=token, error=error, rule=RULE)


def _gone(visit: Visit, text: str) -> Response:
    return plain_page(
        "message",
        "Link not valid",
        visit.brand,
        status=404,
        heading="This link is not valid",
        text=f"{text} You can ask for another one.",
        href="/forgot",
        label="Ask for another link",
    )

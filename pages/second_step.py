"""The second step of signing in: a code, or setting up the app that makes them. Plain forms, as the first step."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from csms.access.second_factor import Enrolment
from csms.errors import ConflictError, InvalidInputError, LinkExpiredError, SignInError
from pages.sign_in import FOREIGN_FORM, sign_in_form
from pages.stepping import end_earlier, go_on
from pages.web.addresses import safe_next, same_origin
from pages.web.cookies import give_token, read_step, take_step
from pages.web.door import door_of
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]


@router.get("/sign-in/code")
async def show_code(request: Request, visit: CurrentVisit, next: str = "/") -> Response:
    if not read_step(request.headers, visit.services.settings):
        return await _start_again(visit, next, "")
    return _code_form(visit, next)


@router.post("/sign-in/code")
async def take_code(
    request: Request,
    visit: CurrentVisit,
    code: Annotated[str, Form(max_length=64)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",
) -> Response:
    if not same_origin(request.headers):
        return await _start_again(visit, next, FOREIGN_FORM, 403)
    settings = visit.services.settings
    try:
        token = read_step(request.headers, settings)
        step = await visit.services.entrance.answer_code(door_of(request, visit), token, code)
    except LinkExpiredError as error:
        return await _start_again(visit, next, str(error), 401)
    except SignInError as error:
        return _code_form(visit, next, str(error), status=401)
    return await go_on(step, next, visit)


@router.get("/sign-in/set-up")
async def show_set_up(request: Request, visit: CurrentVisit, next: str = "/") -> Response:
    try:
        enrolment = await _enrolment(request, visit)
    except (LinkExpiredError, ConflictError) as error:
        return await _start_again(visit, next, str(error), 401)
    return _set_up_form(visit, enrolment, next)


@router.post("/sign-in/set-up")
async def take_set_up(
    request: Request,
    visit: CurrentVisit,
    code: Annotated[str, Form(max_length=64)] = "",
    next: Annotated[str, Form(max_length=2048)] = "/",
) -> Response:
    if not same_origin(request.headers):
        return await _start_again(visit, next, FOREIGN_FORM, 403)
    settings = visit.services.settings
    token = read_step(request.headers, settings)
    try:
        step, codes = await visit.services.entrance.enrol(door_of(request, visit), token, code)
    except InvalidInputError as error:
        return _set_up_form(visit, await _enrolment(request, visit), next, str(error), status=422)
    except (SignInError, ConflictError) as error:
        return await _start_again(visit, next, str(error), 401)
    await end_earlier(visit)
    response = plain_page("recovery_codes", "Recovery codes", visit.brand, codes=codes, next=safe_next(next))
    give_token(response, step.token, settings)
    take_step(response, settings)
    return response


async def _enrolment(request: Request, visit: Visit) -> Enrolment:
    token = read_step(request.headers, visit.services.settings)
    return await visit.services.entrance.enrolment(door_of(request, visit), token, visit.brand.app_name)


def _code_form(visit: Visit, target: str, error: str = "", *, status: int = 200) -> Response:
    return plain_page("code", "Second step", visit.brand, status=status, next=safe_next(target), error=error)


def _set_up_form(visit: Visit, enrolment: Enrolment, target: str, error: str = "", *, status: int = 200) -> Response:
    return plain_page(
        "set_up_factor",
        "Set up your second step",
        visit.brand,
        status=status,
        next=safe_next(target),
        error=error,
        picture=Markup(enrolment.svg),  # noqa: S704 - drawn by us from our own text
        secret=enrolment.spelled,
        url=enrolment.url,
    )


async def _start_again(visit: Visit, target: str, error: str, status: int = 200) -> Response:
    return await sign_in_form(visit, target, error=error, status=status)

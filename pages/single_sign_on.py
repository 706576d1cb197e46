"""To the tenant's OpenID provider, and back."""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.service import Step, StepKind
from csms.access.single_sign_on import CALLBACK
from csms.errors import LinkExpiredError, SignInError
from pages.sign_in import sign_in_form
from pages.stepping import go_on
from pages.web.addresses import safe_next, same_origin
from pages.web.cookies import give_step, read_step
from pages.web.door import door_of, host_of
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]


@router.get("/sign-in/sso")
async def depart(request: Request, visit: CurrentVisit, next: str = "/") -> Response:
    services, origin = visit.services, host_of(request, visit).address
    if not same_origin(request.headers):  # another site sends nobody through a sign-in they did not ask for
        return await sign_in_form(visit, next)
    try:
        departure = await services.single_sign_on.begin(door_of(request, visit), origin, safe_next(next))
    except SignInError as error:
        return await sign_in_form(visit, next, error=str(error), status=401)
    response = RedirectResponse(departure.url, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    give_step(response, departure.token, services.settings)
    return response


@router.get(CALLBACK)
async def arrive(request: Request, visit: CurrentVisit) -> Response:
    services, origin = visit.services, host_of(request, visit).address
    token = read_step(request.headers, services.settings)
    try:
        arrival = await services.single_sign_on.finish(
            door_of(request, visit), origin, token, dict(request.query_params)
        )
    except LinkExpiredError as error:
        if visit.actor is not None:  # somebody pressed Back
            return RedirectResponse("/", 303)
        return await sign_in_form(visit, "/", error=str(error), status=401)
    except SignInError as error:
        return await sign_in_form(visit, "/", error=str(error), status=401)
    return await go_on(Step(StepKind.IN, arrival.token), arrival.next, visit)

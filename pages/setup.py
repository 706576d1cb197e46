"""First run: the link printed at start leads here, and here the platform owner is created."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.passwords import RULE
from csms.access.service import FIRST_OWNER, link_works, redeem_owner_link
from csms.errors import ConflictError, InvalidInputError, SignInError
from models.scope import platform_scope
from pages.sign_in import FOREIGN_FORM
from pages.web.addresses import same_origin
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]


@router.get("/setup")
async def show_setup(visit: CurrentVisit, token: str = "") -> Response:
    services = visit.services
    async with services.database.reading() as session:
        works = await link_works(session, token, FIRST_OWNER, services.clock.now())
    return _form(visit, token) if works and visit.tenant is None else _no_such_link(visit)


@router.post("/setup")
async def take_setup(
    request: Request,
    visit: CurrentVisit,
    token: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=100)] = "",
    email: Annotated[str, Form(max_length=254)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    again: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    if visit.tenant is not None:
        return _no_such_link(visit)
    if not same_origin(request.headers):
        return _form(visit, token, name, email, FOREIGN_FORM, status=403)
    services = visit.services
    try:
        check_new_person(name, password, again)
        with platform_scope():
            await redeem_owner_link(
                services.committer, services.clock, token, name=name.strip(), email=email, password=password
            )
    except (InvalidInputError, ConflictError) as error:
        return _form(visit, token, name, email, str(error), status=422)
    except SignInError:
        return _no_such_link(visit)
    return RedirectResponse("/sign-in?welcome=true", 303, {"Cache-Control": "no-store"})


def check_new_person(name: str, password: str, again: str) -> None:
    """Raise InvalidInputError for a missing name, or a password that was typed differently the second time."""
    if not name.strip():
        raise InvalidInputError("Please tell your name.")
    if password != again:
        raise InvalidInputError("The two passwords are not the same.")


def _form(visit: Visit, token: str, name: str = "", email: str = "", error: str = "", *, status: int = 200) -> Response:
    return plain_page(
        "setup", "Set up", visit.brand, status=status, token=token, name=name, email=email, error=error, rule=RULE
    )


def _no_such_link(visit: Visit) -> Response:
    return plain_page(
        "message",
        "Link not valid",
        visit.brand,
        status=404,
        heading="This link is not valid",
        text="It has been used or has expired. While there is no owner, each start of the server prints a new one.",
        href="/sign-in",
        label="Go to sign-in",
    )

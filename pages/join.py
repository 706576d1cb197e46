"""Where an invitation leads: to a new account, or into the one there is."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import Response

from csms.access.account import tidy_name
from csms.access.invitations import OpenInvitation, open_invitation
from csms.access.passwords import RULE
from csms.access.rules import Rules, rules_in_scope
from csms.errors import ConflictError, InvalidInputError, LinkExpiredError, SignInError
from models.scope import tenant_scope
from pages.sign_in import FOREIGN_FORM
from pages.stepping import go_on
from pages.web.addresses import same_origin
from pages.web.door import door_of
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]


@router.get("/join")
async def show_join(visit: CurrentVisit, token: str = "") -> Response:
    try:
        invitation, rules = await _find(visit, token)
    except LinkExpiredError as error:
        return _gone(visit, str(error))
    except SignInError as error:
        return _gone(visit, str(error), 429)
    return _form(visit, token, invitation, rules)


@router.post("/join")
async def take_join(
    request: Request,
    visit: CurrentVisit,
    token: Annotated[str, Form(max_length=200)] = "",
    name: Annotated[str, Form(max_length=200)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    again: Annotated[str, Form(max_length=1024)] = "",
) -> Response:
    entrance, door = visit.services.entrance, door_of(request, visit)
    try:
        invitation, rules = await _find(visit, token)
    except LinkExpiredError as error:
        return _gone(visit, str(error))
    except SignInError as error:
        return _gone(visit, str(error), 429)
    try:
        if not same_origin(request.headers):
            return _form(visit, token, invitation, rules, name, FOREIGN_FORM, status=403)
        if invitation.has_account:
            step = await entrance.join_with_account(door, token, password)
        else:
            if password != again:
                raise InvalidInputError("The two passwords are not the same.")
            step = await entrance.join(door, token, name=tidy_name(name), password=password)
    except LinkExpiredError as error:
        return _gone(visit, str(error))
    except (InvalidInputError, ConflictError, SignInError) as error:
        return _form(visit, token, invitation, rules, name, str(error), status=422)
    return await go_on(step, "/", visit)


async def _find(visit: Visit, token: str) -> tuple[OpenInvitation, Rules]:
    await visit.services.entrance.link_throttle.admit(f"join:{visit.address}", visit.address)
    if visit.tenant_id is None:
        raise LinkExpiredError("An invitation works on the address in its mail alone.")
    with tenant_scope(visit.tenant_id):
        async with visit.services.database.reading() as session:
            invitation = await open_invitation(session, token, visit.services.clock.now())
            return invitation, await rules_in_scope(session)


def _form(
    visit: Visit,
    token: str,
    invitation: OpenInvitation,
    rules: Rules,
    name: str = "",
    error: str = "",
    *,
    status: int = 200,
) -> Response:
    return plain_page(
        "join",
        "Join",
        visit.brand,
        status=status,
        token=token,
        email=invitation.email,
        role=invitation.role.title(),
        invited_by=invitation.invited_by,
        has_account=invitation.has_account,
        name=name,
        error=error,
        rule=RULE,
        sso=rules.button if rules.has_provider else "",
    )


def _gone(visit: Visit, text: str, status: int = 404) -> Response:
    return plain_page(
        "message",
        "Invitation not valid",
        visit.brand,
        status=status,
        heading="This invitation does not work",
        text=text,
        href="/sign-in",
        label="Go to sign-in",
    )

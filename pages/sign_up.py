"""Making a tenant of one's own, on the platform's host: confirm an address, fill in a form, land in the dashboard."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from csms.access.passwords import RULE
from csms.errors import ConflictError, InvalidInputError, SignInError
from csms.tenants.choices import LANGUAGES, currencies, time_zones
from csms.tenants.service import NewTenant, Person, SignedUp, ask_to_sign_up, complete, take_over
from csms.tenants.signing_up import PATH, WELCOME_PATH, check_email, email_of_link, has_account
from models.scope import platform_scope
from pages.setup import check_new_person
from pages.sign_in import FOREIGN_FORM
from pages.stepping import end_earlier
from pages.web.addresses import same_origin
from pages.web.cookies import give_token
from pages.web.door import door_of
from pages.web.guess import guess_place
from pages.web.plain import plain_page
from pages.web.visit import Visit, current_visit

router = APIRouter()
CurrentVisit = Annotated[Visit, Depends(current_visit)]
Line = Annotated[str, Form(max_length=254)]
Text = Annotated[str, Form(max_length=4000)]
Secret = Annotated[str, Form(max_length=1024)]
_NOT_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class TenantForm:
    """What is filled in, as a dependency of the page that takes it."""

    key: Line = ""
    name: Line = ""
    language: Line = "en-GB"
    currency: Line = "EUR"
    time_zone: Line = "Europe/Berlin"
    postal_address: Text = ""
    legal_text: Text = ""
    person: Line = ""

    def to_tenant(self) -> NewTenant:
        return NewTenant(
            name=self.name,
            currency=self.currency,
            time_zone=self.time_zone,
            key=self.key,
            language=self.language,
            postal_address=self.postal_address.replace("\r\n", "\n"),
            legal_text=self.legal_text.replace("\r\n", "\n"),
        )


@router.get("/sign-up")
async def show_sign_up(visit: CurrentVisit) -> Response:
    return _ask(visit) if _is_open(visit) and visit.services.settings.sign_up == "open" else _closed(visit)


@router.post("/sign-up")
async def take_sign_up(request: Request, visit: CurrentVisit, email: Line = "") -> Response:
    services = visit.services
    if not _is_open(visit) or services.settings.sign_up != "open":
        return _closed(visit)
    if not same_origin(request.headers):
        return _ask(visit, email, FOREIGN_FORM, status=403)
    try:
        address = check_email(email)
    except InvalidInputError as error:
        return _ask(visit, email, str(error), status=422)
    try:
        await services.entrance.sign_up_throttle.admit(address, visit.address)
    except SignInError:
        return _ask(visit, email, "Too many letters were asked for. Please try again in an hour.", status=429)
    with platform_scope():
        await ask_to_sign_up(services.committer, services.clock, services.settings, address)
    folder = "" if services.settings.smtp_url else str(services.settings.data_dir / "mail")
    return plain_page("sign_up_sent", "Look into your mail", visit.brand, email=address, folder=folder)


@router.get(PATH)
async def show_tenant_form(request: Request, visit: CurrentVisit, token: str = "") -> Response:
    email = await _email(visit, token)
    if email is None:
        return _no_such_link(visit)
    language, currency, zone = guess_place(request.headers.get("accept-language", ""))
    return await _tenant_form(visit, token, email, TenantForm(language=language, currency=currency, time_zone=zone))


@router.post(PATH)
async def take_tenant_form(
    request: Request,
    visit: CurrentVisit,
    form: Annotated[TenantForm, Depends(TenantForm)],
    token: Line = "",
    password: Secret = "",
    again: Secret = "",
) -> Response:
    email = await _email(visit, token)
    if email is None:
        return _no_such_link(visit)
    if not same_origin(request.headers):
        return await _tenant_form(visit, token, email, form, FOREIGN_FORM, status=403)
    try:
        signed_up = await _complete(visit, token, email, form, password, again)
    except (InvalidInputError, ConflictError) as error:
        return await _tenant_form(visit, token, email, form, str(error), status=422)
    except SignInError:
        return _no_such_link(visit)
    address = visit.services.settings.address_of(signed_up.founded.hostname)
    path = f"{WELCOME_PATH}?token={signed_up.token}" if signed_up.token else "/sign-in"
    return RedirectResponse(address + path, 303, _NOT_KEPT)


@router.get(WELCOME_PATH)
async def welcome(request: Request, visit: CurrentVisit, token: str = "") -> Response:
    """On the new tenant's own host: the browser that founded it is signed in, once."""
    services = visit.services
    if visit.tenant is None:
        return _no_such_link(visit)
    lasts = timedelta(hours=services.settings.sign_in_hours)
    try:
        cookie = await take_over(services.committer, services.clock, door_of(request, visit), token, lasts=lasts)
    except SignInError:
        return RedirectResponse("/sign-in", 303, _NOT_KEPT)
    await end_earlier(visit)
    response = RedirectResponse("/", 303, _NOT_KEPT)
    give_token(response, cookie, services.settings)
    return response


async def _complete(visit: Visit, token: str, email: str, form: TenantForm, password: str, again: str) -> SignedUp:
    services = visit.services
    is_known = await _is_known(visit, email)
    if not is_known:
        check_new_person(form.person, password, again)
    person = Person(form.person.strip() or email, email, None if is_known else password)
    with platform_scope():
        return await complete(
            services.committer,
            services.directory,
            services.clock,
            services.settings,
            token,
            form.to_tenant(),
            person,
        )


def _is_open(visit: Visit) -> bool:
    return visit.tenant is None and visit.services.settings.sign_up != "closed"


async def _email(visit: Visit, token: str) -> str | None:
    if not _is_open(visit) or not token:
        return None
    async with visit.services.database.reading() as session:
        return await email_of_link(session, token, visit.services.clock.now())


async def _is_known(visit: Visit, email: str) -> bool:
    async with visit.services.database.reading() as session:
        return await has_account(session, email)


def _ask(visit: Visit, email: str = "", error: str = "", *, status: int = 200) -> Response:
    return plain_page("sign_up", "Sign up", visit.brand, status=status, email=email, error=error)


async def _tenant_form(
    visit: Visit, token: str, email: str, form: TenantForm, error: str = "", *, status: int = 200
) -> Response:
    settings = visit.services.settings
    domain = settings.resolved_platform_domain()
    values: dict[str, Any] = {
        "token": token,
        "email": email,
        "form": form,
        "error": error,
        "is_known": await _is_known(visit, email),
        "domain": domain,
        "currencies": {code: code for code in currencies()},
        "time_zones": {zone: zone.replace("_", " ") for zone in time_zones()},
        "languages": LANGUAGES,
        "rule": RULE,
    }
    leads_to = settings.address_of(f"*.{domain}")
    return plain_page("sign_up_tenant", "Your platform", visit.brand, status=status, leads_to=leads_to, **values)


def _closed(visit: Visit) -> Response:
    return plain_page(
        "message",
        "No sign-up here",
        visit.brand,
        status=404,
        heading="Nobody signs up here by themselves",
        text="Ask whoever runs this platform for an invitation; it comes by mail.",
        href="/sign-in",
        label="Go to sign-in",
    )


def _no_such_link(visit: Visit) -> Response:
    again = visit.tenant is None and visit.services.settings.sign_up == "open"
    return plain_page(
        "message",
        "Link not valid",
        visit.brand,
        status=404,
        heading="This link is not valid",
        text="It has been used or has expired. "
        + ("Ask for a new one." if again else "Ask whoever invited you for a new one."),
        href="/sign-up" if again else "/sign-in",
        label="Ask for a new link" if again else "Go to sign-in",
    )

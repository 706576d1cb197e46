"""The application behind /api/v1: resources, the entrance all requests pass, and the document that tells of them."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp

from csms.acceptance.service import Acceptance
from csms.access.grants import Grants
from csms.access.limiting import Limiter
from csms.access.service import Entrance as PeoplesEntrance
from csms.access.signing import SigningKeys
from csms.access.single_sign_on import SingleSignOn
from csms.api.brands import Brands
from csms.api.docs_page import docs_page
from csms.api.entrance import Entrance
from csms.api.feed import EventFeed
from csms.api.openapi import PREFIX, document_of, operation_id
from csms.api.problems import answer
from csms.api.resources import ROUTERS
from csms.api.services import ApiServices, LabelPrinter
from csms.bus.bus import Bus
from csms.clock import Clock
from csms.commands.service import Commands
from csms.config import Settings
from csms.errors import VoltdeckError
from csms.notify.webhooks.service import Webhooks
from csms.sealing import Sealer
from csms.tenants.directory import TenantDirectory, TenantInfo
from csms.tenants.domains import Domains
from csms.work import Committer
from models.db import Database

VERSION: Final = "1.0"
_ABOUT: Final = (
    "What the dashboard can do, for programs. Each tenant has its API at its own hostname. "
    "See docs/api.md for signing in, pages, errors, idempotency and events."
)


def create_api(
    *,
    settings: Settings,
    clock: Clock,
    database: Database,
    committer: Committer,
    directory: TenantDirectory,
    commands: Commands,
    bus: Bus,
    webhooks: Webhooks,
    public_config: Callable[[TenantInfo, str], dict[str, Any]],
    acceptance: Acceptance,
    print_labels: LabelPrinter,
    brands: Brands,
    domains: Domains,
    single_sign_on: SingleSignOn,
    limiter: Limiter,
    entrance: PeoplesEntrance,
) -> ASGIApp:
    """The API, to be mounted at PREFIX behind what puts the host's tenant into the scope (`csms.api.call.TENANT`)."""
    secret_key = settings.resolved_secret_key()
    keys = SigningKeys(database, committer, clock, secret_key)
    services = ApiServices(
        settings=settings,
        clock=clock,
        database=database,
        committer=committer,
        directory=directory,
        commands=commands,
        bus=bus,
        webhooks=webhooks,
        public_config=public_config,
        acceptance=acceptance,
        print_labels=print_labels,
        brands=brands,
        domains=domains,
        single_sign_on=single_sign_on,
        limiter=limiter,
        entrance=entrance,
        keys=keys,
        grants=Grants(database, committer, clock, keys),
        feed=EventFeed(bus),
        sealer=Sealer(secret_key, "idempotent requests"),
        secret_key=secret_key,
    )
    return Entrance(application(), services)


@cache
def application() -> FastAPI:
    """Resources and the document of them, behind the entrance: the same whatever engine is served, so made once."""
    app = FastAPI(
        title="Voltdeck API",
        version=VERSION,
        description=_ABOUT,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        servers=[{"url": PREFIX}],
        root_path_in_servers=False,
        redirect_slashes=False,
        generate_unique_id_function=operation_id,
        exception_handlers={
            VoltdeckError: answer,
            HTTPException: answer,
            RequestValidationError: answer,
            Exception: answer,
        },
    )
    for router in ROUTERS:
        app.include_router(router)
    _tell_of_itself(app)
    return app


def _tell_of_itself(app: FastAPI) -> None:
    build = app.openapi

    def document() -> dict[str, Any]:
        return document_of(app, build)

    app.openapi = document

    async def openapi_json(_: Request) -> Response:
        return JSONResponse(document(), headers={"Cache-Control": "public, max-age=300"})

    async def docs(_: Request) -> Response:
        return docs_page(document())

    app.add_route("/openapi.json", openapi_json, include_in_schema=False)
    app.add_route("/docs", docs, include_in_schema=False)

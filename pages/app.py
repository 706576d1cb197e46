"""The web application: what every request passes, and what may answer it."""

from functools import partial
from typing import Final

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from nicegui import ui
from starlette.types import ASGIApp

from csms.api.app import create_api
from pages import (
    audit_files,
    card_files,
    connector,
    data,
    enter,
    forgot,
    join,
    labels,
    root,
    second_step,
    setup,
    sign_in,
    sign_up,
    single_sign_on,
)
from pages.admin import brand_upload
from pages.admin.brand_api import brands_of
from pages.admin.domains import domains_of
from pages.services import Services
from pages.web import brand_files
from pages.web.api import ApiDoor
from pages.web.bodies import BodyLimit
from pages.web.gate import SignInGate
from pages.web.headers import SecurityHeaders
from pages.web.hosts import HostGate
from pages.web.label_print import print_labels
from pages.web.probes import Probes
from pages.web.socket_origin import restrict_socket
from pages.web.tenant_config import public_config
from themes.assets import PrecompressedAssets, serve

RECONNECT_S: Final = 10.0
MESSAGES_KEPT: Final = 200
NICEGUI_APP: Final = root.nicegui_app
ROUTED: Final = (
    brand_files,
    sign_in,
    second_step,
    single_sign_on,
    join,
    forgot,
    enter,
    setup,
    sign_up,
    data,
    audit_files,
    brand_upload,
    card_files,
    labels,
    connector,
)
"""What answers plain requests, beside the pages."""


def create_app(services: Services) -> ASGIApp:
    """Everything a browser can reach. Outermost first: headers, probes, host, assets, API, bodies, sign-in, pages."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for module in ROUTED:
        app.include_router(module.router)
    serve(app)
    _mount_nicegui(app)
    restrict_socket(services.directory, services.settings.platform_host)
    api = _api(services)
    inner = PrecompressedAssets(ApiDoor(BodyLimit(SignInGate(app)), api))
    return SecurityHeaders(Probes(HostGate(inner, services), services), services.settings)


def _api(services: Services) -> ASGIApp:
    return create_api(
        settings=services.settings,
        clock=services.clock,
        database=services.database,
        committer=services.committer,
        directory=services.directory,
        commands=services.commands,
        bus=services.bus,
        webhooks=services.webhooks,
        public_config=public_config,
        acceptance=services.acceptance,
        print_labels=partial(print_labels, services.settings),
        brands=brands_of(services),
        domains=domains_of(services),
        single_sign_on=services.single_sign_on,
        limiter=services.entrance.limiter,
        entrance=services.entrance,
    )


def _mount_nicegui(app: FastAPI) -> None:
    """Sign-ins are rows of ours, so the framework gets no storage secret and sets no cookie.

    Quasar's bar that runs over the top with every request is left out: our pages say themselves what they wait for, and
    the bar has no name for who hears the page.
    """
    root.nicegui_app.config.quasar_config["loadingBar"]["skipHijack"] = True
    ui.run_with(
        app,
        title="",
        favicon="by host",
        show_welcome_message=False,
        reconnect_timeout=RECONNECT_S,
        message_history_length=MESSAGES_KEPT,
        binding_refresh_interval=None,
        gzip_middleware_factory=lambda inner: GZipMiddleware(inner, minimum_size=500, compresslevel=5),
    )

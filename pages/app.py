"""The web application: what every request passes, and what may answer it."""

from typing import Final

from fastapi import FastAPI
from fastapi.middleware.gzip import GZipMiddleware
from nicegui import ui
from starlette.types import ASGIApp

from csms.access.service import SignInThrottle
from pages import connector, data, labels, root, setup, sign_in
from pages.services import Services
from pages.web import brand_files
from pages.web.gate import SignInGate
from pages.web.headers import SecurityHeaders
from pages.web.hosts import HostGate
from pages.web.probes import Probes
from pages.web.socket_origin import restrict_socket
from themes.assets import PrecompressedAssets, serve

RECONNECT_S: Final = 10.0
MESSAGES_KEPT: Final = 200
NICEGUI_APP: Final = root.nicegui_app


def create_app(services: Services) -> ASGIApp:
    """Everything a browser can reach. Outermost first: probes, host, headers, assets, sign-in, pages."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.state.sign_in_throttle = SignInThrottle(services.clock)
    for module in (brand_files, sign_in, setup, data, labels, connector):
        app.include_router(module.router)
    serve(app)
    _mount_nicegui(app)
    restrict_socket(services.directory, services.settings.platform_host)
    inner = SecurityHeaders(PrecompressedAssets(SignInGate(app)), services.settings)
    return Probes(HostGate(inner, services), services)


def _mount_nicegui(app: FastAPI) -> None:
    """Sign-ins are rows of ours, so the framework gets no storage secret and sets no cookie."""
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

"""Ties the page's socket to the host that served the page."""

from typing import Any
from urllib.parse import urlsplit

from nicegui import core

from csms.tenants.directory import TenantDirectory, bare_host


def restrict_socket(directory: TenantDirectory, platform_host: str) -> None:
    """Refuse sockets that another site's page opens, whatever cookies its visitor holds."""
    platform = bare_host(platform_host)

    def is_ours(origin: str, environ: dict[str, Any]) -> bool:
        host = urlsplit(origin).netloc
        if host.casefold() != str(environ.get("HTTP_HOST", "")).casefold():
            return False
        return directory.by_host(host) is not None or bare_host(host) == platform

    core.sio.eio.cors_allowed_origins = is_ours

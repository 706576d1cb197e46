"""One bench per file, and the mark that ties a test to its cases."""

import inspect
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import pytest_asyncio

from main import build
from models.scope import platform_scope
from tests.certification import sessions
from tests.certification.lab import Lab
from tests.certification.secure import SECURE, SecureLab
from tests.csms.gateway.stations import settings
from tests.databases import copy_of_template
from tests.tenancy import found_two_tenants

L = TypeVar("L", bound=Lab)


_QUIET = {"read_capabilities": False, "ocpp_call_timeout_s": 30.0}
"""Nothing asked by itself, and time enough on a busy machine."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All cases of a file share one event loop with the bench they use."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here) and inspect.iscoroutinefunction(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest.fixture(scope="module", autouse=True)
def present() -> None:
    """Sessions happen now, not when their file was collected: what is minutes old counts as kept while offline."""
    sessions.NOW = datetime.now(UTC).replace(microsecond=0)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Lab]:
    """A running platform of this file's own."""
    folder = tmp_path_factory.mktemp("lab")
    async with running_lab(sqlite_template, folder) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def secure_lab(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[SecureLab]:
    """A platform that listens for TLS as well, with a certificate authority of its own."""
    folder = tmp_path_factory.mktemp("secure")
    async with running_lab(sqlite_template, folder, SecureLab, **SECURE) as opened:
        yield opened


@asynccontextmanager
async def running_lab(template: Path, folder: Path, kind: type[L] = Lab, **changes: Any) -> AsyncGenerator[L]:
    """A platform with its data in `folder`; settings as the bench has them but for `changes`."""
    url = copy_of_template(template, folder)
    platform = build(settings(**_QUIET | {"data_dir": folder, "database_url": url} | changes))
    platform.committer.start()
    opened = kind(platform, await found_two_tenants(platform.database))
    await opened.prepare()
    await platform.directory.load()
    with platform_scope():
        await platform.board.rebuild()
    platform.automation.start()
    await platform.gateway.start()
    yield opened
    await platform.automation.stop()
    await platform.gateway.stop()
    await platform.close()

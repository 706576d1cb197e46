"""One bench per file, and the mark that ties a test to its cases."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
import pytest_asyncio

from main import build
from models.scope import platform_scope
from tests.certification.lab import Lab
from tests.csms.gateway.stations import settings
from tests.databases import copy_of_template
from tests.tenancy import found_two_tenants


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All cases of a file share one event loop with the bench they use."""
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def lab(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Lab]:
    """A running platform of this file's own."""
    folder = tmp_path_factory.mktemp("lab")
    url = copy_of_template(sqlite_template, folder)
    platform = build(settings(data_dir=folder, database_url=url, read_capabilities=False))
    platform.committer.start()
    tenants = await found_two_tenants(platform.database)
    await platform.directory.load()
    with platform_scope():
        await platform.board.rebuild()
    platform.automation.start()
    await platform.gateway.start()
    yield Lab(platform, tenants)
    await platform.automation.stop()
    await platform.gateway.stop()
    await platform.close()

"""A gateway is killed in mid-storm, and not one kilowatt-hour is lost. `make bench` does it fifty times."""

from pathlib import Path

import pytest

from tests.benchmarks.kills import run
from tests.databases import PostgresServer
from tests.forking import fork


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("backend", ["sqlite", "postgresql"])
def test_everything_acknowledged_is_stored_exactly_once(
    backend: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path / 'kill.sqlite3'}"
    if backend == "postgresql":
        server: PostgresServer = request.getfixturevalue("own_postgres")
        url = server.url
    verdict = run(url, tmp_path, kills=3, stations=8, start=fork)
    assert verdict.meters > 0
    assert (verdict.lost, verdict.duplicated) == (0, 0), verdict

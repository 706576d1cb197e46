"""schemathesis reads the OpenAPI document and asks a real server all that it can think of, with all its checks."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

from tests.browser.world import PASSWORD, SECRET_KEY, furnish
from tests.forking import fork
from tests.processes import ServerProcess, free_port

HOST = {"Host": "green.localhost"}
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server's API, on a furnished SQLite file."""
    folder = tmp_path_factory.mktemp("schemathesis")
    url = f"sqlite+aiosqlite:///{folder / 'voltdeck.sqlite3'}"
    with ThreadPoolExecutor(1) as aside:
        aside.submit(furnish, url).result()
    ocpp_port, web_port = free_port(), free_port()
    server = ServerProcess(
        ["main.py", "serve"],
        ocpp_port,
        {
            "VOLTDECK_DATABASE_URL": url,
            "VOLTDECK_DATA_DIR": str(folder),
            "VOLTDECK_SECRET_KEY": SECRET_KEY,
            "VOLTDECK_OCPP_PORT": str(ocpp_port),
            "VOLTDECK_OCPP_HOST": "127.0.0.1",
            "VOLTDECK_WEB_PORT": str(web_port),
            "VOLTDECK_WEB_HOST": "127.0.0.1",
            "VOLTDECK_PLATFORM_HOST": "platform.localhost",
            "VOLTDECK_LOG_LEVEL": "ERROR",
            "VOLTDECK_API_REQUESTS_PER_MINUTE": "1000000",
            "VOLTDECK_API_SIGN_INS_PER_MINUTE": "1000000",
        },
        web_port,
        fork,
    )
    yield f"http://127.0.0.1:{web_port}/api/v1"
    assert server.stop() == 0


def test_the_document_holds_whatever_is_asked(api: str, tmp_path: Path) -> None:
    """`/events` never ends and has tests of its own."""
    asked = {"grant_type": "password", "email": "admin@green.example", "password": PASSWORD}
    token = httpx.post(f"{api}/auth/token", json=asked, headers=HOST).json()["access_token"]
    document = tmp_path / "openapi.json"
    document.write_bytes(httpx.get(f"{api}/openapi.json", headers=HOST).content)
    command = [
        *(str(Path(sys.executable).with_name("schemathesis")), "--config-file"),
        str(Path(__file__).with_name("schemathesis.toml")),
        *("run", str(document), "--url", api, "--checks", "all", "--exclude-path", "/events"),
        *("--header", "Host: green.localhost", "--header", f"Authorization: Bearer {token}"),
        *("--phases", "examples,fuzzing", "--max-examples", "2", "--seed", "1", "--no-shrink"),
    ]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]

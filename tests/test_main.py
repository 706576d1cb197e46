"""The command line: serves, ends in good order, and tells what to do."""

import os
import signal
import subprocess
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.forking import fork
from tests.processes import ServerProcess, free_port


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Settings of a server that disturbs nobody."""
    return {
        "VOLTDECK_DATA_DIR": str(folder),
        "VOLTDECK_OCPP_HOST": "127.0.0.1",
        "VOLTDECK_WEB_HOST": "127.0.0.1",
        "VOLTDECK_LOG_LEVEL": "WARNING",
        **more,
    }


def shell(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run one command of the platform."""
    out, err = folder / "out.txt", folder / "err.txt"
    code = fork(["main.py", *arguments], {**os.environ, **environment(folder)}, out, err).wait(60)
    return subprocess.CompletedProcess(arguments, code, out.read_text(), err.read_text())


@pytest.mark.slow
def test_from_tenant_to_connected_station(tmp_path: Path) -> None:
    assert shell(tmp_path, "tenant", "add", "acme", "Acme", "--host", "acme.localhost").returncode == 0
    added = shell(tmp_path, "station", "add", "CS-1", "--tenant", "acme")
    password = added.stdout.split("Password")[1].strip()
    again = shell(tmp_path, "station", "add", "cs-1", "--tenant", "acme")
    assert "taken already" in again.stderr
    unknown = shell(tmp_path, "station", "add", "CS-2", "--tenant", "nobody")
    assert "known: acme" in unknown.stderr
    user = shell(tmp_path, "user", "add", "a@acme.test", "A", "--tenant", "acme", "--password", "long enough for it")
    assert "operator of acme" in user.stdout

    port, web_port = free_port(), free_port()
    ports = {"VOLTDECK_OCPP_PORT": str(port), "VOLTDECK_WEB_PORT": str(web_port)}
    server = ServerProcess(["main.py", "serve"], port, environment(tmp_path, **ports), web_port)
    url = f"ws://CS-1:{password}@127.0.0.1:{port}/ocpp/CS-1"
    with connect(url, subprotocols=["ocpp1.6"], proxy=None) as socket:
        socket.send('[2,"1","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]')
        assert '"Accepted"' in str(socket.recv(10))
        assert server.stop() == 0
        with pytest.raises(Exception, match="1001"):
            socket.recv(10)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_demo_starts_ends_and_starts_again(tmp_path: Path, number: signal.Signals) -> None:
    for _ in range(2):
        port, web_port = free_port(), free_port()
        ports = {"VOLTDECK_OCPP_PORT": str(port), "VOLTDECK_WEB_PORT": str(web_port)}
        server = ServerProcess(["main.py", "demo"], port, environment(tmp_path, **ports), web_port, fork)
        assert server.stop(number) == 0

"""A strict client that others wrote, as a process of its own: npm's `ocpp-rpc` behind strangers/station.js."""

import asyncio
import os
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from playwright._impl._driver import compute_driver_executable

from tests.certification.lab import Lab
from tests.csms.gateway.stations import PASSWORD

HERE = Path(__file__).parent / "strangers"


def node_or_skip() -> str:
    """The Node.js that comes with Playwright; skips, in CI fails, where the client is not installed."""
    if not (HERE / "node_modules" / "ocpp-rpc").exists():
        text = "the npm package ocpp-rpc is not installed: make services"
        if os.environ.get("VOLTDECK_CI"):
            pytest.fail(text)
        pytest.skip(text)
    return str(compute_driver_executable()[0])


class Stranger:
    """Obeys one command at a time; `asked` are the requests it was sent, `violations` what broke its schemas."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._replies: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.asked: list[tuple[str, Any]] = []
        self.violations: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = orjson.loads(line)
            if "asked" in said:
                self.asked.append((said["asked"], said["params"]))
            elif "violation" in said:
                self.violations.append(said["violation"])
            else:
                self._replies.put_nowait(said)

    async def reply(self) -> dict[str, Any]:
        """What it says of the last command."""
        return await self._replies.get()

    async def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        """Give a command and wait for what it says of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(orjson.dumps(command) + b"\n")
        return await self.reply()

    async def call(self, action: str, params: dict[str, Any]) -> dict[str, Any]:
        """Send a request; its answer, checked by the client, is returned. An error fails the test."""
        said = await self.obey({"call": action, "params": params})
        assert "result" in said, (action, said)
        return said["result"]

    async def end(self) -> None:
        """Hang up and wait for the process."""
        await self.obey({"close": True})
        assert self._process.stdin is not None
        self._process.stdin.close()
        await self._process.wait()
        await self._reader


@asynccontextmanager
async def stranger(lab: Lab, identity: str, protocol: str) -> AsyncGenerator[Stranger]:
    """The client, connected as a station that is registered with the tests' password."""
    endpoint = f"ws://127.0.0.1:{lab.platform.gateway.port}/ocpp"
    script = str(HERE / "station.js")
    process = await asyncio.create_subprocess_exec(
        node_or_skip(), script, endpoint, identity, PASSWORD, protocol, stdin=PIPE, stdout=PIPE
    )
    client = Stranger(process)
    try:
        assert await client.reply() == {"connected": protocol}
        yield client
        await client.end()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert client.violations == []

"""Servers as processes of their own, for tests and benchmarks that kill or measure them."""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import psutil

ROOT = Path(__file__).parent.parent


class Child(Protocol):
    """What is needed of a subprocess.Popen."""

    pid: int

    @property
    def returncode(self) -> int | None: ...
    def poll(self) -> int | None: ...
    def send_signal(self, sig: int, /) -> None: ...
    def kill(self) -> None: ...
    def wait(self, timeout: float | None = None) -> int: ...


Start = Callable[[Sequence[str], Mapping[str, str]], Child]
"""Starts a Python program with arguments, in exactly an environment."""


def spawn(arguments: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start Python from scratch; what it prints is not kept. tests.forking.fork is quicker."""
    return subprocess.Popen([sys.executable, *arguments], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)


_PORTS = range(20_000, 32_000)
"""Below those that systems hand out for connections (Linux: from 32768), any of which would do for a clash."""
_taken: list[socket.socket] = []


def free_port() -> int:
    """A TCP port that nobody listens on, and that is given to nobody else as long as this process runs.

    The same port of UDP is held for that: tests that run beside these ones, in workers or runs of their own, meet it.
    """
    while True:
        port = random.choice(_PORTS)
        held = socket.socket(type=socket.SOCK_DGRAM)
        try:
            held.bind(("127.0.0.1", port))
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            held.close()
        else:
            _taken.append(held)
            return port


def wait_for_port(port: int, process: Child, within_s: float = 60) -> None:
    """Return once the port accepts connections. Raises RuntimeError with the log when the process ends first."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.5):
            return
        time.sleep(0.02)  # another process: there is no event to wait for
    raise RuntimeError(f"the server did not open port {port} within {within_s} s")


class ServerProcess:
    """A Python program that listens on `port` (and `web_port`), until killed."""

    def __init__(
        self,
        arguments: Sequence[str],
        port: int,
        environment: dict[str, str] | None = None,
        web_port: int | None = None,
        start: Start = spawn,
    ) -> None:
        self.port = port
        self.web_port = web_port
        self._child = start(arguments, {**os.environ, "VOLTDECK_READ_CAPABILITIES": "false", **(environment or {})})
        for awaited in (port, web_port):
            if awaited is not None:
                wait_for_port(awaited, self._child)
        self.process = psutil.Process(self._child.pid)

    def pin(self, core: int) -> None:
        """Keep the process on one core, where the system can."""
        if hasattr(self.process, "cpu_affinity"):
            self.process.cpu_affinity([core])

    def cpu_seconds(self) -> float:
        """User and system time so far, children included."""
        return sum(_cpu(process) for process in [self.process, *self.process.children(recursive=True)])

    def rss_kib(self) -> float:
        """Resident memory."""
        return self.process.memory_info().rss / 1024

    def kill(self) -> None:
        """SIGKILL: no chance to tidy up."""
        self._child.kill()
        self._child.wait()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and wait; returns the exit code."""
        self._child.send_signal(number)
        try:
            return self._child.wait(20)
        except subprocess.TimeoutExpired:
            self.kill()
            raise


def _cpu(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return times.user + times.system


def cpu_seconds_of(name: str) -> float:
    """User and system time so far of every process called `name`: the database's own."""
    return sum(_cpu(process) for process in psutil.process_iter(["name"]) if process.info["name"] == name)

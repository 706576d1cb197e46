"""The platform as a process of its own that need not import everything first.

One process imports main.py and is forked for every `main.py …` that tests start: 50 ms instead of three seconds.
Benchmarks start theirs from scratch, for a fork shares memory with its parent; so does one test of the command line.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

_PRELOADED = ["main", "tests.forking"]


class Fork:
    """A running `main.py`; told like a subprocess.Popen."""

    def __init__(self, arguments: Sequence[str], environment: Mapping[str, str], out: Path, err: Path | None) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(_PRELOADED)
        self._process = context.Process(target=_live, args=(list(arguments), dict(environment), out, err))
        self._process.start()
        self.pid = self._process.pid or 0

    @property
    def returncode(self) -> int | None:
        """Exit code, or minus the signal that ended it; None while it runs."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """Look whether it has ended."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        os.kill(self.pid, number)

    def kill(self) -> None:
        """SIGKILL."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end; returns the exit code. Raises subprocess.TimeoutExpired."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired("main.py", timeout or 0)
        return self._process.exitcode


def fork(
    arguments: Sequence[str], environment: Mapping[str, str], out: Path = Path(os.devnull), err: Path | None = None
) -> Fork:
    """Start `arguments`, which begin with main.py, in exactly this environment; output goes to `out` and `err`."""
    return Fork(arguments, environment, out, err)


def _live(arguments: list[str], environment: dict[str, str], out: Path, err: Path | None) -> None:
    from main import cli

    os.environ.clear()
    os.environ.update(environment)
    for path, descriptor in ((out, 1), (err, 2)):
        if path is not None:
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), descriptor)
    sys.argv = arguments
    cli()

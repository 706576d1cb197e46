"""The clock by which requests are counted in memory, in a test's own hand."""

from types import SimpleNamespace

import pytest
from limits.aio.storage import memory

from csms.access import limiting
from csms.clock import ManualClock


def count_by(clock: ManualClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, windows pass as `clock` is moved."""
    told = SimpleNamespace(time=lambda: clock.now().timestamp(), monotonic=clock.monotonic)
    monkeypatch.setattr(memory, "time", told)
    monkeypatch.setattr(limiting, "time", told)

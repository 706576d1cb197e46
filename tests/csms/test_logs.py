"""The log is one line an event, whatever strangers put into it, and keeps no secrets."""

import json
import logging
from collections.abc import Generator

import pytest
import structlog

from csms.logs import configure_logging


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Generator[None]:
    root, levels = logging.getLogger(), {}
    handlers, level = root.handlers[:], root.level
    for name in ("websockets", "uvicorn.access", "aiosqlite"):
        levels[name] = logging.getLogger(name).level
    yield
    root.handlers[:], root.level = handlers, level
    for name, was in levels.items():
        logging.getLogger(name).setLevel(was)
    structlog.reset_defaults()


@pytest.mark.parametrize("log_format", ["console", "json"])
def test_nobody_begins_a_line_or_steers_a_terminal(capsys: pytest.CaptureFixture[str], log_format: str) -> None:
    configure_logging("INFO", log_format)
    structlog.get_logger("ours").info("refused", identity="CP-1\n2026-01-01 everything is fine\x1b[2J\u202e")
    logging.getLogger("theirs").warning("no such page: %s", "/x\r\nsecond")
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 2
    assert "\x1b[2J" not in lines[0]
    assert "\u202e" not in lines[0]


def test_secrets_are_masked_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    structlog.get_logger("ours").info("signed in", password="hunter2", Authorization="Bearer x", identity="CP-1")
    told = json.loads(capsys.readouterr().err)
    assert (told["password"], told["Authorization"], told["identity"]) == ("***", "***", "CP-1")


def test_a_time_is_utc(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging("INFO", "json")
    structlog.get_logger("ours").info("x")
    assert json.loads(capsys.readouterr().err)["timestamp"].endswith("Z")

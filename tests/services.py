"""Where Redis and RabbitMQ are for tests, and what is said when one does not answer.

`make services` finds, starts or installs them. The questions are asked on bare sockets, so no client is needed.
"""

import os
import socket
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import unquote, urlsplit

import pytest

REDIS_VARIABLE = "VOLTDECK_TEST_REDIS_URL"
REDIS_DEFAULT = "redis://127.0.0.1:6379/15"
"""The last of its sixteen databases, where nobody keeps anything."""
BROKER_VARIABLE = "VOLTDECK_TEST_BROKER_URL"
BROKER_DEFAULT = "amqp://guest:guest@127.0.0.1:5672/"
PATIENCE_S = 10.0


def skip_or_fail(reason: str) -> NoReturn:
    """Skip the test for want of a service; where VOLTDECK_CI=1 nothing may be missing, and it fails."""
    if os.environ.get("VOLTDECK_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def redis_url() -> str:
    """$VOLTDECK_TEST_REDIS_URL, or Redis on this machine."""
    return os.environ.get(REDIS_VARIABLE) or REDIS_DEFAULT


def broker_url() -> str:
    """$VOLTDECK_TEST_BROKER_URL, or RabbitMQ on this machine."""
    return os.environ.get(BROKER_VARIABLE) or BROKER_DEFAULT


def require_redis() -> str:
    """URL of the Redis that answers; skips without one, fails instead in CI."""
    if not redis_answers(redis_url()):
        skip_or_fail(f"Redis does not answer; `make services` starts it, or set {REDIS_VARIABLE}")
    return redis_url()


def require_broker() -> str:
    """URL of the RabbitMQ that answers; skips without one, fails instead in CI."""
    if not broker_answers(broker_url()):
        skip_or_fail(f"RabbitMQ does not answer; `make services` starts it, or set {BROKER_VARIABLE}")
    return broker_url()


def redis_answers(url: str) -> bool:
    """Whether a Redis says PONG to PING, after AUTH where the URL has a password."""
    parts = urlsplit(url)
    words = [unquote(word) for word in (parts.username, parts.password) if word]
    sign_in = _command("AUTH", *words) if parts.password else b""
    answer = _ask(url, 6379, sign_in + _command("PING"), lambda heard: heard.count(b"\r\n") > bool(sign_in))
    return answer.endswith(b"+PONG\r\n")


def broker_answers(url: str) -> bool:
    """Whether a broker answers AMQP 0-9-1's protocol header with Connection.Start (class 10, method 10)."""
    frame = _ask(url, 5672, b"AMQP\x00\x00\x09\x01", lambda heard: len(heard) >= 11)
    return frame[:1] == b"\x01" and frame[7:11] == b"\x00\x0a\x00\x0a"


def _command(*words: str) -> bytes:
    """A Redis command: an array of bulk strings."""
    encoded = [word.encode() for word in words]
    return b"*%d\r\n" % len(encoded) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in encoded)


def _ask(url: str, port: int, question: bytes, is_complete: Callable[[bytes], bool]) -> bytes:
    """What the service at `url` says to `question`; nothing when it cannot be reached or falls silent."""
    parts = urlsplit(url)
    heard = b""
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or port), PATIENCE_S) as connection:
            connection.sendall(question)
            while not is_complete(heard) and (more := connection.recv(4096)):
                heard += more
    except OSError:
        return b""
    return heard

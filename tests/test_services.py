"""Redis and RabbitMQ answer; what is missing skips on a developer's machine and fails in CI."""

import socket
import threading
from collections.abc import Iterator

import pytest

from tests import services
from tests.processes import free_port
from tests.services import broker_answers, redis_answers, require_broker, require_redis


def test_redis_answers() -> None:
    assert redis_answers(require_redis())


def test_rabbitmq_answers() -> None:
    assert broker_answers(require_broker())


@pytest.mark.parametrize("answers", [redis_answers, broker_answers])
def test_nobody_is_no_answer(answers) -> None:
    assert not answers(f"tcp://127.0.0.1:{free_port()}/")


@pytest.fixture
def other_service() -> Iterator[int]:
    """The port of something that is neither: it says 400 to one visitor and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            visitor, _ = server.accept()
            with visitor:
                visitor.recv(4096)
                visitor.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()[1]
        thread.join()


@pytest.mark.parametrize("answers", [redis_answers, broker_answers])
def test_something_else_is_no_answer(answers, other_service: int) -> None:
    assert not answers(f"tcp://127.0.0.1:{other_service}/")


def test_a_redis_with_a_password_is_asked_with_it() -> None:
    heard: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            visitor, _ = server.accept()
            with visitor:
                heard.append(visitor.recv(4096))
                visitor.sendall(b"+OK\r\n+PONG\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        assert redis_answers(f"redis://ann:p%40ss@127.0.0.1:{server.getsockname()[1]}/0")
        thread.join()
    assert heard == [b"*3\r\n$4\r\nAUTH\r\n$3\r\nann\r\n$4\r\np@ss\r\n*1\r\n$4\r\nPING\r\n"]


@pytest.mark.parametrize(("ci", "outcome"), [("0", pytest.skip.Exception), ("1", pytest.fail.Exception)])
@pytest.mark.parametrize(
    ("require", "variable"),
    [(require_redis, services.REDIS_VARIABLE), (require_broker, services.BROKER_VARIABLE)],
)
def test_what_is_missing_is_said_with_what_helps(require, variable, ci, outcome, monkeypatch) -> None:
    monkeypatch.setenv(variable, f"tcp://127.0.0.1:{free_port()}/")
    monkeypatch.setenv("VOLTDECK_CI", ci)
    with pytest.raises(outcome, match=f"does not answer; `make services` starts it, or set {variable}"):
        require()

"""Letters reach a real SMTP server, or a file, in the brand of the tenant that writes."""

import email
from collections.abc import Iterator
from email import policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from csms.config import Settings
from csms.errors import UndeliverableError
from csms.notify.mail import Mailer, ink_on
from csms.obligations import SendMail
from csms.tenants.directory import TenantDirectory
from models.db import Database
from tests.processes import free_port
from tests.tenancy import TwoTenants

LETTER = SendMail(
    to="ann@green.example",
    subject="Come\nin",
    paragraphs=["You are <invited>."],
    link_label="Accept",
    link_url="http://green.localhost/join?token=1&x=2",
    note="It works for a day.",
)


class Postbox:
    """What the server took in."""

    def __init__(self) -> None:
        self.letters: list[email.message.EmailMessage] = []

    async def handle_RCPT(self, _server: SMTP, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address.startswith("nobody@"):
            return "550 No such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Any, envelope: Any) -> str:
        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, str]]:
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


async def mailer(database: Database, tmp_path: Path, **settings: Any) -> Mailer:
    directory = TenantDirectory(database)
    await directory.load()
    return Mailer(Settings(data_dir=tmp_path, mail_from="post@voltdeck.example", _env_file=None, **settings), directory)


async def test_over_smtp(
    database: Database, two_tenants: TwoTenants, tmp_path: Path, postbox: tuple[Postbox, str]
) -> None:
    box, url = postbox
    await (await mailer(database, tmp_path, smtp_url=url)).send(LETTER, two_tenants.blue.id)
    [letter] = box.letters
    assert (letter["To"], letter["From"]) == ("ann@green.example", "Blue <post@voltdeck.example>")
    assert letter["Subject"] == "Come in", "no header can be smuggled in"
    plain = letter.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = letter.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert "http://green.localhost/join?token=1&x=2" in plain
    assert "You are &lt;invited&gt;." in html
    assert "token=1&amp;x=2" in html


async def test_a_mailbox_that_is_not_there(
    database: Database, two_tenants: TwoTenants, tmp_path: Path, postbox: tuple[Postbox, str]
) -> None:
    letter = SendMail(to="nobody@green.example", subject="Hello")
    with pytest.raises(UndeliverableError):
        await (await mailer(database, tmp_path, smtp_url=postbox[1])).send(letter, two_tenants.green.id)
    with pytest.raises(UndeliverableError):
        await (await mailer(database, tmp_path, smtp_url=postbox[1])).send(SendMail(to="no one", subject="x"), None)


async def test_without_a_server_it_is_a_file(database: Database, two_tenants: TwoTenants, tmp_path: Path) -> None:
    await (await mailer(database, tmp_path)).send(LETTER, None)
    [path] = (tmp_path / "mail").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    assert "From: Voltdeck <post@voltdeck.example>" in path.read_text()


def test_words_on_the_button_can_be_read() -> None:
    assert [ink_on(accent) for accent in ("#127c48", "#000000", "#ffe600", "#ffffff")] == [
        "#ffffff",
        "#ffffff",
        "#0b1220",
        "#0b1220",
    ]

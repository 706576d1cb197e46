"""By a real mail server: from the invitation to a signed-in person, and from a forgotten password to a new one."""

import re
from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller
from pydantic import SecretStr

from csms.jobs.outbox import Claim, Outbox
from csms.notify.mail import Mailer
from csms.obligations import SendMail
from pages.services import Services
from tests.csms.notify.test_mail import Postbox
from tests.pages.conftest import Visitor, sign_in
from tests.pages.test_joining import NEW, invited, post
from tests.processes import free_port
from tests.tenancy import TwoTenants


class Mail:
    """The outbox that delivers, and the server that takes in."""

    def __init__(self, services: Services, box: Postbox) -> None:
        mailer = Mailer(services.settings, services.directory)

        async def send(letter: SendMail, claim: Claim) -> None:
            await mailer.send(letter, claim.tenant_id)

        self._outbox = Outbox(services.committer, services.clock, {SendMail: send})
        self._box = box

    async def link(self, to: str, subject: str) -> str:
        """The path of the link in the letter that just came."""
        await self._outbox.meet_due()
        letter = self._box.letters[-1]
        assert (letter["To"], letter["Subject"]) == (to, subject)
        found = re.search(r"http://green\.localhost:8080(/\S+)", letter.get_body(("plain",)).get_content())  # type: ignore[union-attr]
        assert found is not None
        return found[1]


@pytest.fixture
def mail(services: Services) -> Iterator[Mail]:
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    services.settings.smtp_url = SecretStr(f"smtp://127.0.0.1:{port}")
    yield Mail(services, box)
    controller.stop()


async def test_from_the_invitation_to_signed_in(
    services: Services, two_tenants: TwoTenants, visitor: Visitor, mail: Mail
) -> None:
    await invited(services, two_tenants, "nina@new.example", "http://green.localhost:8080")
    path = await mail.link("nina@new.example", "Your invitation to Green")
    browser = visitor()
    assert "nina@new.example" in (await browser.get(path)).text
    form = {"token": path.partition("token=")[2], "name": "Nina", "password": NEW, "again": NEW}
    assert (await post(browser, "/join", **form)).status_code == 303
    assert (await browser.get("/data/map")).status_code == 200
    assert (await sign_in(visitor(), "nina@new.example", NEW)).status_code == 303
    assert (await sign_in(visitor("blue.localhost"), "nina@new.example", NEW)).status_code == 401


async def test_from_forgotten_to_reset(services: Services, visitor: Visitor, mail: Mail) -> None:
    browser = visitor()
    assert (await post(browser, "/forgot", email="operator@green.example")).status_code == 200
    path = await mail.link("operator@green.example", "Reset your password for Green")
    assert (await browser.get(path)).status_code == 200
    token = path.partition("token=")[2]
    assert (await post(browser, "/reset", token=token, password=NEW, again=NEW)).status_code == 303
    assert (await sign_in(browser, "operator@green.example", NEW)).status_code == 303
    assert await mail.link("operator@green.example", "Your password for Green was changed") == "/sign-in"

"""From sign-up to one's own platform, and to a domain of one's own behind a real Caddy; each tenant under its names."""

import base64
import contextlib
import email
import email.policy
import re
import shutil
import socket
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from websockets.sync.client import connect
from websockets.typing import Subprotocol

from tests.browser.axe import check, check_both_modes
from tests.browser.conftest import connected
from tests.browser.stranger import Stranger
from tests.browser.world import OWNER, PASSWORD, SECRET_KEY
from tests.caddy import Caddy
from tests.chromium import new_context
from tests.databases import FurnishedFile
from tests.forking import fork
from tests.nameserver import NameServer
from tests.processes import ServerProcess, free_port

pytestmark = pytest.mark.browser
HOST = "charge.green.example"
DOMAIN = "charge.redrock.example"
RIVER = "a quiet long river"


@dataclass(frozen=True, slots=True)
class Front:
    """The platform behind Caddy, and the DNS that it asks."""

    caddy: Caddy
    names: NameServer
    mails: Path
    web_port: int

    def address(self, host: str, path: str = "/") -> str:
        return f"https://{host}:{self.caddy.https_port}{path}"

    def newest_link(self) -> str:
        """The link in the mail that was kept last."""
        newest = max(self.mails.iterdir())
        message = email.message_from_bytes(newest.read_bytes(), policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        found = re.search(r"https://\S+", body.get_content())
        assert found is not None
        return found[0]


@pytest.fixture(scope="module")
def front(world: FurnishedFile, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    folder = tmp_path_factory.mktemp("front")
    ocpp_port, web_port = free_port(), free_port()
    caddy, names = Caddy(folder, web_port, ocpp_port), NameServer()
    names.zone = {(f"{key}.localhost", "A"): ["127.0.0.1"] for key in ("green", "blue")}
    database = shutil.copy(world.path, folder)
    with contextlib.closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE charging_station SET security_profile = 2 WHERE identity = 'GREEN-1'")
    server = ServerProcess(
        ["main.py", "serve"],
        ocpp_port,
        {
            "VOLTDECK_DATABASE_URL": f"sqlite:///{database}",
            "VOLTDECK_DATA_DIR": str(folder),
            "VOLTDECK_SECRET_KEY": SECRET_KEY,
            "VOLTDECK_OCPP_PORT": str(ocpp_port),
            "VOLTDECK_OCPP_HOST": "127.0.0.1",
            "VOLTDECK_OCPP_PROXIES": "127.0.0.1",
            "VOLTDECK_OCPP_PUBLIC_URL": f"wss://{{host}}:{caddy.https_port}/ocpp",
            "VOLTDECK_WEB_PORT": str(web_port),
            "VOLTDECK_WEB_HOST": "127.0.0.1",
            "VOLTDECK_PLATFORM_HOST": "platform.localhost",
            "VOLTDECK_PLATFORM_DOMAIN": "localhost",
            "VOLTDECK_SIGN_UP": "open",
            "VOLTDECK_SECURE_COOKIES": "true",
            "VOLTDECK_PUBLIC_PORT": str(caddy.https_port),
            "VOLTDECK_DNS_SERVER": names.address,
            "VOLTDECK_LOG_LEVEL": "WARNING",
            "SSL_CERT_FILE": str(caddy.root),
        },
        web_port,
        fork,
    )
    yield Front(caddy, names, folder / "mail", web_port)
    assert server.stop() == 0
    caddy.stop()
    names.stop()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser that takes the test's authority on trust; whether it may is asked by Caddy.get."""
    opened = new_context(chromium, locale="de-CH", ignore_https_errors=True)
    yield opened
    opened.close()


def sign_in(page: Page, front: Front, host: str, who: str, path: str, password: str = PASSWORD) -> None:
    page.goto(front.address(host, path))
    page.get_by_label("E-mail").fill(who)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    connected(page)


@pytest.mark.timeout(300)  # one long story: ten pages under three names
def test_from_sign_up_to_a_charging_platform_of_ones_own(
    front: Front, context: BrowserContext, chromium: Browser
) -> None:
    """What a tenant's Admin does in the first ten minutes, without a shell and without asking anybody."""
    page = context.new_page()
    sign_up(page, front)
    make_it_ones_own(page, front)
    answer_under(DOMAIN, page, front)
    expect(page).to_have_title("Overview · Red Rock Power")
    charger = add_charger(page, front)
    context_of_ben = new_context(chromium, locale="de-CH", ignore_https_errors=True)
    ben = invite("ben@redrock.example", page, front, context_of_ben)
    expect(ben).to_have_title("Overview · Red Rock Power")
    ben.goto(front.address(DOMAIN, "/stations"))
    expect(ben.locator("tbody a.vd-row__link")).to_have_text(["ROCK-1"])
    context_of_ben.close()
    charger.stop()


def sign_up(page: Page, front: Front) -> None:
    """From the platform's own page to the overview of a tenant that was not there before."""
    page.goto(front.address("platform.localhost", "/sign-in"))
    page.get_by_role("link", name="Make a charging platform").click()
    check(page, "sign-up")
    page.get_by_label("E-mail").fill("ada@redrock.example")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    check(page, "letter sent")
    page.goto(front.newest_link())
    expect(page.get_by_label("Currency")).to_have_value("CHF")
    check(page, "tenant form")
    page.get_by_label("Name", exact=True).fill("Red Rock Charging")
    page.get_by_label("Short name").fill("admin")
    page.get_by_label("Your name").fill("Ada Lovelace")
    for label in ("Password", "Password again"):
        page.get_by_label(label, exact=True).fill(RIVER)
    page.get_by_role("button", name="Make the platform").click()
    expect(page.get_by_role("alert")).to_contain_text("reserved")
    page.get_by_label("Short name").fill("redrock")
    for label in ("Password", "Password again"):
        page.get_by_label(label, exact=True).fill(RIVER)
    page.get_by_role("button", name="Make the platform").click()
    page.wait_for_url(front.address("redrock.localhost"))
    connected(page)
    expect(page).to_have_title("Overview · Red Rock Charging")
    expect(page.get_by_role("button", name=re.compile("Ada Lovelace, Admin"))).to_be_visible()


def make_it_ones_own(page: Page, front: Front) -> None:
    """Another name and colour, published: what everybody sees from then on."""
    page.goto(front.address("redrock.localhost", "/settings/brand"))
    connected(page)
    page.get_by_label("App name").fill("Red Rock Power")
    page.get_by_label("Accent in light mode", exact=True).fill("#a02030")
    expect(page.get_by_test_id("dashboard-light").locator(".vd-brand__name")).to_have_text("Red Rock Power")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("is published. Open pages show it")).to_be_visible()
    shown = front.caddy.get("redrock.localhost", "/api/v1/tenant/config").json()
    assert (shown["appName"], shown["colors"]["light"]["accent"]) == ("Red Rock Power", "#a02030")


def answer_under(domain: str, page: Page, front: Front) -> None:
    """A name of one's own, from the form to a page under it; only its DNS is set elsewhere, as told."""
    page.goto(front.address("redrock.localhost", "/settings/domains"))
    connected(page)
    page.get_by_role("button", name="Add a domain").first.click()
    page.get_by_label("Hostname").fill(domain)
    page.get_by_role("button", name="Add", exact=True).click()
    card = page.get_by_role("region", name=domain)
    expect(card.locator("[data-copyable]")).to_have_count(4)
    alias, target, proof, value = card.locator("[data-copyable]").all_inner_texts()
    front.names.zone |= {(alias, "CNAME"): [target], (target, "A"): ["127.0.0.1"], (proof, "TXT"): [value]}
    expect(card.get_by_text("Verified, certificate served")).to_be_visible()
    page.get_by_role("button", name=f"Make {domain} the main address").click()
    expect(page.get_by_text(f"Links lead to {domain} from now on.")).to_be_visible()
    assert "Sign in · Red Rock Power" in front.caddy.get(domain, "/sign-in").text
    sign_in(page, front, domain, "ada@redrock.example", "/", RIVER)


def add_charger(page: Page, front: Front) -> Stranger:
    """The address and the password that the page shows are all that the charger is given."""
    page.goto(front.address(DOMAIN, "/stations/new"))
    connected(page)
    page.get_by_label("Identity").fill("ROCK-1")
    page.get_by_label("Location name").fill("Quarry")
    page.get_by_label("Latitude").fill("47.3769")
    page.get_by_label("Longitude").fill("8.5417")
    page.get_by_role("button", name="Add the charger").click()
    expect(page.get_by_test_id("waiting")).to_contain_text("Waiting for the charger")
    address = page.get_by_test_id("address").locator("code").inner_text()
    password = page.get_by_test_id("password").locator("code").inner_text()
    assert address == front.address(DOMAIN, "/ocpp").replace("https:", "wss:")
    charger = Stranger(f"{address}/ROCK-1", password, front.caddy.trust()).start()
    expect(page.get_by_test_id("waiting")).to_contain_text("The charger is here")
    expect(page.get_by_text("Acme")).to_be_visible()
    return charger


def invite(email: str, page: Page, front: Front, guest: BrowserContext) -> Page:
    """Invited by mail, and in by the link in it: the guest's own page."""
    page.goto(front.address(DOMAIN, "/settings/people"))
    connected(page)
    page.get_by_role("button", name="Invite").first.click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_role("button", name="Send the invitation").click()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("button", name=email)).to_be_visible()
    theirs = guest.new_page()
    theirs.goto(front.newest_link())
    theirs.get_by_label("Your name").fill("Ben Red")
    for label in ("Password", "Password again"):
        theirs.get_by_label(label, exact=True).fill(RIVER)
    theirs.get_by_role("button", name="Create my account").click()
    connected(theirs)
    return theirs


def test_a_domain_is_verified_live_and_served_with_its_certificate(front: Front, context: BrowserContext) -> None:
    with pytest.raises(httpx.ConnectError):
        front.caddy.get(HOST, "/sign-in")
    page = context.new_page()
    sign_in(page, front, "green.localhost", "admin@green.example", "/settings/domains")
    page.get_by_role("button", name="Add a domain").first.click()
    page.get_by_label("Hostname").fill(HOST)
    page.get_by_role("button", name="Add", exact=True).click()
    card = page.get_by_role("region", name=HOST)
    expect(card.get_by_text("Waiting for DNS")).to_be_visible()
    check_both_modes(page, "domains")
    expect(card.locator("[data-copyable]")).to_have_count(4)
    records = card.locator("[data-copyable]").all_inner_texts()
    assert records[:3] == [HOST, "green.localhost", f"_voltdeck.{HOST}"]
    with pytest.raises(httpx.ConnectError):
        front.caddy.get(HOST, "/sign-in")
    front.names.zone[HOST, "CNAME"] = ["elsewhere.example"]
    expect(card.get_by_text("Leads to elsewhere.example instead.")).to_be_visible()
    front.names.zone[HOST, "CNAME"] = [records[1]]
    front.names.zone[records[2], "TXT"] = [records[3]]
    expect(card.get_by_text("Verified, certificate served")).to_be_visible()

    answer = front.caddy.get(HOST, "/sign-in")
    assert "Sign in · Green Energy" in answer.text
    assert "Blue" not in answer.text
    assert "Blue Wave" in front.caddy.get("blue.localhost", "/sign-in").text
    page.get_by_role("button", name=f"Make {HOST} the main address").click()
    expect(page.get_by_text(f"Links lead to {HOST} from now on.")).to_be_visible()
    page.get_by_role("switch").click()
    expect(page.get_by_text(f"Visitors of your other addresses are led to {HOST}")).to_be_visible()
    led = front.caddy.get("green.localhost", "/stations?q=1")
    assert (led.status_code, led.headers["location"]) == (307, f"https://{HOST}:{front.caddy.https_port}/stations?q=1")
    assert front.caddy.get("blue.localhost", "/").headers["location"].startswith("/sign-in")


def test_the_organisation_is_set_and_seen(front: Front, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, front, "blue.localhost", "admin@blue.example", "/settings/organisation")
    page.get_by_label("Phone").fill("call me")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Phone:")
    page.get_by_label("Phone").fill("+65 6123 4567")
    page.get_by_label("Postal address").fill("Quay 1\nSingapore")
    page.get_by_role("button", name="Take the middle").click()
    expect(page.get_by_label("Latitude")).to_have_value("52.5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    check_both_modes(page, "organisation", ".admin-form")
    page.reload()
    expect(page.get_by_label("Phone")).to_have_value("+65 6123 4567")
    expect(page.get_by_label("Postal address")).to_have_value("Quay 1\nSingapore")


def test_the_owner_invites_and_withdraws(front: Front, context: BrowserContext) -> None:
    page = context.new_page()
    sign_in(page, front, "platform.localhost", OWNER, "/invitations")
    page.get_by_label("E-mail").fill("grace@hopper.example")
    page.get_by_role("button", name="Send the invitation").click()
    withdraw = page.get_by_role("button", name="Withdraw the invitation of grace@hopper.example")
    expect(withdraw).to_be_visible()
    check_both_modes(page, "invitations", ".vd-main")
    withdraw.click()
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.get_by_text("No open invitations")).to_be_visible()


def test_names_of_nobody_get_no_certificate(front: Front) -> None:
    for name in ("nobody.localhost", "example.com", "evil.green.localhost"):
        with pytest.raises(httpx.ConnectError):
            front.caddy.get(name)
    asked = httpx.get(f"http://127.0.0.1:{front.web_port}/internal/tls-ask", params={"domain": "green.localhost"})
    assert asked.status_code == 200
    assert front.caddy.get("green.localhost", "/internal/tls-ask?domain=green.localhost").status_code == 404


def test_stations_come_through_the_same_door(front: Front) -> None:
    secret = base64.b64encode(f"GREEN-1:{PASSWORD}".encode()).decode()
    with connect(
        front.address("green.localhost", "/ocpp/GREEN-1").replace("https:", "wss:"),
        sock=socket.create_connection(("127.0.0.1", front.caddy.https_port)),
        ssl=front.caddy.trust(),
        subprotocols=[Subprotocol("ocpp1.6")],
        additional_headers={"Authorization": f"Basic {secret}"},
    ) as station:
        station.send('[2,"1","Heartbeat",{}]')
        assert '"1"' in str(station.recv(20))

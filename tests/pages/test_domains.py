"""Names in front of the web: which may have a certificate, and who is led to the main address."""

from sqlalchemy import update
from sqlmodel import col

from csms.work import Work
from models import Tenant, TenantHost
from models.scope import platform_scope
from pages.services import Services
from tests.pages.conftest import Visitor, sign_in
from tests.tenancy import TwoTenants

OWN = "charge.green.example"


async def give_domain(services: Services, tenant_id: int, *, redirects: bool = False) -> None:
    """A verified domain, which is the main address."""

    async def unit(work: Work) -> None:
        session = work.session()
        session.add(TenantHost(hostname=OWN, tenant_id=tenant_id, is_custom=True))
        chosen = update(Tenant).where(col(Tenant.id) == tenant_id).values(main_hostname=OWN, redirects=redirects)
        await session.execute(chosen)

    with platform_scope():
        await services.committer.run(unit)


async def test_certificates_are_for_names_that_are_ours(
    services: Services, visitor: Visitor, two_tenants: TwoTenants
) -> None:
    proxy = visitor("127.0.0.1:8080", peer="127.0.0.1")

    async def ask(name: str) -> int:
        return (await proxy.get("/internal/tls-ask", params={"domain": name})).status_code

    assert [await ask(name) for name in ("green.localhost", "GREEN.localhost", "platform.localhost")] == [200] * 3
    for name in ("nobody.localhost", "evil.green.localhost", "localhost", "127.0.0.1", "", OWN):
        assert await ask(name) == 404, name
    await give_domain(services, two_tenants.green.id)
    await services.directory.load()
    assert await ask(OWN) == 200
    assert (await proxy.get("/internal/tls-ask")).status_code == 404
    assert (await proxy.get(f"/internal/tls-ask?domain={OWN}&domain=evil.example")).status_code == 404


async def test_only_proxies_of_ours_may_ask(visitor: Visitor) -> None:
    path = "/internal/tls-ask?domain=green.localhost"
    for peer in ("203.0.113.9", "10.0.0.7"):
        assert (await visitor("green.localhost", peer=peer).get(path)).status_code == 404
    near = visitor("green.localhost", peer="127.0.0.1")
    assert (await near.get(path)).status_code == 200
    for header in ("X-Forwarded-For", "Forwarded"):
        assert (await near.get(path, headers={header: "203.0.113.9"})).status_code == 404, "a visitor's, passed on"


async def test_a_proxy_elsewhere_may_ask_when_it_is_listed(services: Services, visitor: Visitor) -> None:
    services.settings.web_proxies = "127.0.0.1, 10.0.0.0/24"
    path = "/internal/tls-ask?domain=green.localhost"
    assert (await visitor("green.localhost", peer="10.0.0.7").get(path)).status_code == 200
    assert (await visitor("green.localhost", peer="10.0.1.7").get(path)).status_code == 404


async def test_a_domain_shows_its_tenant_and_no_other(
    services: Services, visitor: Visitor, two_tenants: TwoTenants
) -> None:
    assert (await visitor(OWN).get("/sign-in")).status_code == 404
    await give_domain(services, two_tenants.green.id)
    await services.directory.load()
    page = await visitor(OWN).get("/sign-in")
    assert "Sign in · Green" in page.text
    assert "Blue" not in page.text
    green = visitor(OWN)
    assert (await sign_in(green, "admin@blue.example")).status_code == 401
    await sign_in(green, "admin@green.example")
    assert {row[0] for row in (await green.get("/data/map")).json()} == {"GREEN-1", "GREEN-2"}
    assert (await visitor("green.localhost").get("/sign-in")).status_code == 200, "both answer"


async def test_people_are_led_to_the_main_address_and_programs_are_not(
    services: Services, visitor: Visitor, two_tenants: TwoTenants
) -> None:
    await give_domain(services, two_tenants.green.id, redirects=True)
    await services.directory.load()
    services.settings.public_port = 80
    green = visitor("green.localhost")
    led = await green.get("/stations?q=a%20b&x=%2F")
    assert (led.status_code, led.headers["location"]) == (307, f"http://{OWN}/stations?q=a%20b&x=%2F")
    assert "Host" in led.headers["vary"]
    for path in ("/data/map", "/api/v1/x", "/manifest.webmanifest", "/favicon.ico"):
        assert (await green.get(path)).status_code != 307, path
    assert (await sign_in(green, "admin@green.example")).status_code == 303, "a form is taken where it was shown"
    assert (await visitor(OWN).get("/sign-in")).status_code == 200
    assert (await visitor("blue.localhost").get("/sign-in")).status_code == 200

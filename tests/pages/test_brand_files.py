"""What a host hands out in its tenant's name: to anybody its public face, and from an Admin a logo, judged first."""

from io import BytesIO

import httpx
import pytest
from PIL import Image

from csms.access.policy import Actor
from models import Role
from models.scope import tenant_scope
from pages.admin.brand_tokens import branding_of
from pages.services import Services
from tests.pages.conftest import Visitor, sign_in
from tests.tenancy import TwoTenants
from themes.images import MAX_BYTES

CONFIG = "/api/v1/tenant/config"
MARK = "/data/brand/mark"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><circle r="3"/></svg>'


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (64, 32), "#a02030").save(file, "PNG")
    return file.getvalue()


async def signed_in(visitor: Visitor, role: str = "admin", key: str = "green") -> httpx.AsyncClient:
    client = visitor(f"{key}.localhost")
    await sign_in(client, f"{role}@{key}.example")
    return client


async def send(client: httpx.AsyncClient, data: bytes, origin: str = "") -> httpx.Response:
    return await client.post(MARK, content=data, headers={"Origin": origin or str(client.base_url).rstrip("/")})


async def publish(services: Services, tenant_id: int, **tokens: object) -> None:
    admin = Actor(None, "test", "test@example.com", tenant_id, Role.ADMIN)
    with tenant_scope(tenant_id):
        await branding_of(services).publish(admin, tokens, base=1, over=True)


async def test_the_config_is_the_hosts_own(visitor: Visitor, services: Services, two_tenants: TwoTenants) -> None:
    await publish(services, two_tenants.green.id, accent="#a02030", app_name="Red Kite", legal_text="Kite GmbH\nBerlin")
    green = (await visitor("green.localhost").get(CONFIG)).json()
    blue = (await visitor("blue.localhost").get(CONFIG)).json()
    assert (green["appName"], green["currency"], green["timeZone"]) == ("Red Kite", "EUR", "Europe/Berlin")
    assert green["legalText"] == "Kite GmbH\nBerlin"
    assert green["colors"]["light"]["accent"] == green["colors"]["dark"]["accent"] == "#a02030"
    assert green["colors"]["light"]["onAccent"] == "#ffffff"
    assert (blue["appName"], blue["currency"], blue["legalText"]) == ("Blue", "SGD", "")
    assert (green["tenant"], blue["tenant"]) == ("green", "blue")
    assert "mailSender" not in green  # of no use to a front end


async def test_the_config_is_open_and_can_be_kept(
    visitor: Visitor, services: Services, two_tenants: TwoTenants
) -> None:
    client = visitor("green.localhost")
    first = await client.get(CONFIG, headers={"Origin": "https://app.example"})
    assert first.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in first.headers
    assert first.headers["cache-control"] == "public, max-age=60"
    assert "Host" in first.headers["vary"]
    again = await client.get(CONFIG, headers={"If-None-Match": f'"other", W/{first.headers["etag"]}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["access-control-allow-origin"] == "*"
    await publish(services, two_tenants.green.id, accent="#a02030")
    changed = await client.get(CONFIG, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200
    asked = {"Origin": "https://app.example", "Access-Control-Request-Headers": "if-none-match"}
    before = await client.request("OPTIONS", CONFIG, headers=asked | {"Access-Control-Request-Method": "GET"})
    assert (before.status_code, before.headers["access-control-allow-headers"]) == (204, "If-None-Match, Accept")


async def test_only_this_path_of_the_api_is_open(visitor: Visitor) -> None:
    client = visitor("green.localhost")
    other = await client.get("/api/v1/tenant/config/more", headers={"Origin": "https://app.example"})
    assert other.status_code in (401, 404)
    assert "access-control-allow-origin" not in other.headers
    platform = await visitor("platform.localhost").get(CONFIG)
    assert (platform.status_code, platform.json()["code"]) == (404, "tenant.none")


@pytest.mark.parametrize(
    ("name", "side"), [("180.png", 180), ("192.png", 192), ("512.png", 512), ("maskable.png", 512)]
)
async def test_icons_come_in_the_sizes_that_are_asked_for(visitor: Visitor, name: str, side: int) -> None:
    answer = await visitor("green.localhost").get(f"/icons/{name}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert Image.open(BytesIO(answer.content)).size == (side, side)


async def test_the_manifests_icons_are_there_and_may_be_kept(visitor: Visitor) -> None:
    client = visitor("green.localhost")
    for icon in (await client.get("/manifest.webmanifest")).json()["icons"]:
        answer = await client.get(icon["src"])
        assert (answer.status_code, answer.headers["content-type"]) == (200, icon["type"])
        assert "immutable" in answer.headers["cache-control"]
        assert "sandbox" in answer.headers["content-security-policy"]
    assert (await client.get("/icons/13.png")).status_code == 404


async def test_a_picture_is_the_hosts_own(visitor: Visitor, services: Services, two_tenants: TwoTenants) -> None:
    admin = await signed_in(visitor)
    name = (await send(admin, png())).json()["image"]
    await publish(services, two_tenants.green.id, logo_image=name)
    stranger = visitor("green.localhost")
    picture = await stranger.get(f"/pictures/{name}")
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/png")
    assert picture.headers["x-content-type-options"] == "nosniff"
    assert f"/pictures/{name}" in (await stranger.get("/sign-in")).text
    favicon = await stranger.get("/favicon.ico")
    assert favicon.headers["content-type"] == "image/png"
    kept = await stranger.get("/favicon.ico", headers={"If-None-Match": favicon.headers["etag"]})
    assert kept.status_code == 304
    assert (await stranger.get(CONFIG)).json()["logo"]["url"].endswith(f"/pictures/{name}")
    assert (await stranger.get("/icons/any.svg")).status_code == 404
    assert (await visitor("blue.localhost").get(f"/pictures/{name}")).status_code == 404
    assert (await stranger.get("/pictures/..%2f..%2fetc%2fpasswd")).status_code == 404


async def test_an_upload_is_judged(visitor: Visitor) -> None:
    admin = await signed_in(visitor)
    assert (await send(admin, SVG)).json()["svg"].startswith("<svg")
    hostile = (await send(admin, SVG.replace(b"<circle", b"<script>1</script><circle"))).json()
    assert hostile["problem"].startswith("This drawing was not taken: <script> is not allowed.")
    polyglot = (await send(admin, b"<html>" + png())).json()
    assert "was not taken" in polyglot["problem"]
    assert "not a PNG" in (await send(admin, b"GIF89a")).json()["problem"]
    too_big = await send(admin, b"\x00" * (MAX_BYTES + 1))
    assert (too_big.status_code, "larger than 1024 KiB" in too_big.json()["problem"]) == (413, True)


async def test_who_may_not_upload(visitor: Visitor) -> None:
    admin, operator = await signed_in(visitor), await signed_in(visitor, "operator")
    foreign = await send(admin, png(), origin="https://evil.example")
    assert (foreign.status_code, "another site" in foreign.json()["problem"]) == (403, True)
    refused = await send(operator, png())
    assert (refused.status_code, "change the brand" in refused.json()["problem"]) == (403, True)
    assert (await send(visitor("green.localhost"), png())).status_code == 401

"""The documents about the API do not lie, and what it says of itself is whole."""

import re
from pathlib import Path

from csms.api.problems import error_table
from tests.csms.api.conftest import World
from tests.csms.api.test_isolation import document, operations

PAGE = (Path(__file__).parents[3] / "docs" / "api.md").read_text()


def test_every_error_code_is_documented() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \| (\d+) \| (.*) \|$", PAGE, re.MULTILINE)
    assert [(code, int(status), meaning) for code, status, meaning in rows] == [
        (each.code, each.status, each.meaning) for each in error_table()
    ]


async def test_addresses_named_on_the_page_exist(world: World) -> None:
    paths = [operation["path"] for operation in operations(await document(world))]
    for named in re.findall(r"\$HOST/api/v1(/[^\s\"?]*)", PAGE):
        patterns = [re.sub(r"\{\w+\}", "[^/]+", path) for path in paths]
        assert any(re.fullmatch(pattern, named) for pattern in patterns), named


async def test_the_document_is_whole(world: World) -> None:
    told = await document(world)
    seen: set[str] = set()
    for path, methods in told["paths"].items():
        for method, operation in methods.items():
            assert operation["operationId"] not in seen
            seen.add(operation["operationId"])
            assert operation["summary"], path
            assert operation["description"], path
            assert operation["tags"], path
            for status in ("422", "429", "500"):
                assert "application/problem+json" in operation["responses"][status]["content"], (method, path)
            if "security" in operation:
                assert operation["security"] == [{"bearer": []}]
                assert "401" in operation["responses"]
    public = {operation["id"] for operation in operations(told) if operation["is_public"]}
    assert public == {"createToken", "revokeToken", "listSigningKeys", "getTenantConfig"}


async def test_the_documentation_page_names_everything(world: World) -> None:
    page = await world.client().get("/docs")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    assert "<script" not in page.text
    for operation in operations(await document(world)):
        assert f'id="{operation["id"]}"' in page.text
    for each in error_table():
        assert f'id="{each.code}"' in page.text

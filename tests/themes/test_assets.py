"""Static files: one address per content, compressed once, nothing else held in memory."""

import gzip
import re
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from themes.assets import PrecompressedAssets, publish, serve
from themes.fonts import FONTS, MONO
from themes.icons import ICONS, STATIC_DIR, icon_svg


class Counting:
    """Counts what reaches the app behind the layer under test."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self.calls = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.calls += 1
        await self.app(scope, receive, send)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.css").write_text("a{color:red}" * 200)
    (tmp_path / "f.woff2").write_bytes(b"wOF2" * 300)
    return tmp_path


@pytest.fixture
def behind() -> Counting:
    app = Starlette()
    serve(app)

    async def page(request: Request) -> PlainTextResponse:
        return PlainTextResponse("page")

    app.add_route("/", page)
    return Counting(app)


def client(app: PrecompressedAssets) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


async def test_a_file_is_compressed_once_and_kept_for_a_year(folder: Path, behind: Counting) -> None:
    url = publish("x", folder)
    async with client(PrecompressedAssets(behind)) as http:
        first = await http.get(f"{url}/a.css")
        second = await http.get(f"{url}/a.css")
    assert first.text == second.text == "a{color:red}" * 200
    assert second.headers["content-encoding"] == "gzip"
    assert int(second.headers["content-length"]) < 200
    assert "immutable" in second.headers["cache-control"]
    assert behind.calls == 1


async def test_who_cannot_unpack_gets_it_plain(folder: Path, behind: Counting) -> None:
    url = publish("x", folder)
    async with client(PrecompressedAssets(behind)) as http:
        answer = await http.get(f"{url}/a.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in answer.headers
    assert len(answer.content) == 2400


async def test_fonts_are_not_compressed_again(folder: Path, behind: Counting) -> None:
    url = publish("x", folder)
    async with client(PrecompressedAssets(behind)) as http:
        answer = await http.get(f"{url}/f.woff2")
    assert "content-encoding" not in answer.headers
    assert answer.content == b"wOF2" * 300


async def test_pages_misses_and_aliases_are_not_kept(folder: Path, behind: Counting) -> None:
    url = publish("x", folder)
    layer = PrecompressedAssets(behind, most=1)
    async with client(layer) as http:
        assert (await http.get("/")).text == "page"
        assert (await http.get(f"{url}/none.css")).status_code == 404
        assert (await http.get("/_voltdeck/other-0/a.css")).status_code == 404
        assert (await http.get(f"{url}/../../etc/passwd")).status_code == 404
        await http.get(f"{url}//a.css")
        assert not layer._ready
        await http.get(f"{url}/a.css")
        await http.get(f"{url}/f.woff2")
        assert len(layer._ready) == 1


def test_the_address_changes_with_the_content(folder: Path) -> None:
    before = publish("x", folder)
    (folder / "a.css").write_text("b{}")
    assert publish("x", folder) != before


def test_every_font_is_there_with_its_licence() -> None:
    for font in (*FONTS.values(), MONO):
        if font.file:
            for subset in ("latin", "latin-ext"):
                assert (STATIC_DIR / "fonts" / f"{font.file}-{subset}-wght-normal.woff2").is_file()
            assert "SIL Open Font License" in (STATIC_DIR / "fonts" / f"{font.file}.OFL.txt").read_text()


def test_icons_exist_or_fail_at_once() -> None:
    assert len(ICONS) > 100
    assert "#zap" in icon_svg("zap")
    with pytest.raises(KeyError):
        icon_svg("<script>")


def test_vendored_files_stay_small() -> None:
    root = Path(__file__).parents[2]
    sizes = [
        p.stat().st_size for d in ("themes/static", "components/static") for p in (root / d).rglob("*") if p.is_file()
    ]
    assert sum(sizes) < 3_000_000


def test_style_sheets_reach_nobody_outside() -> None:
    for sheet in STATIC_DIR.glob("*.css"):
        text = sheet.read_text()
        assert not re.search(r"url\(|@import|https?:", text), sheet.name
        assert gzip.compress(text.encode())  # readable as text


async def test_a_visitor_who_leaves_does_not_spoil_the_file_for_the_next(folder: Path) -> None:
    async def stops_when_left(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/css")]})
        await receive()
        async with anyio.create_task_group() as group:
            with anyio.move_on_after(0.05):
                if (await receive())["type"] == "http.disconnect":
                    group.cancel_scope.cancel()
            await send({"type": "http.response.body", "body": b"whole"})

    async def gone() -> Message:
        return {"type": "http.disconnect"}

    async def nowhere(_: Message) -> None:
        return None

    layer = PrecompressedAssets(stops_when_left)
    scope = {"type": "http", "method": "GET", "path": "/_nicegui/a.css", "headers": [(b"accept-encoding", b"gzip")]}
    await layer(scope, gone, nowhere)
    async with client(layer) as http:
        assert (await http.get("/_nicegui/a.css")).text == "whole"

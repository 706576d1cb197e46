"""What a tenant may put into a brand, and what is refused before it could reach a page."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from themes.brand import Brand, BrandError
from themes.builtin import BUILTIN, VOLTDECK
from themes.css import brand_css
from themes.page import favicon_mark, favicon_url, logo_url, manifest, quasar_language

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8">{}</svg>'


@pytest.mark.parametrize("brand", BUILTIN.values(), ids=BUILTIN.keys())
def test_tokens_survive_json(brand: Brand) -> None:
    assert Brand.from_tokens(json.loads(json.dumps(brand.to_tokens()))) == brand


def test_what_is_missing_is_the_platforms_own() -> None:
    assert Brand.from_tokens({}).to_tokens() == VOLTDECK.to_tokens() | {"tagline": ""}


def test_one_accent_serves_both_modes() -> None:
    assert Brand.from_tokens({"accent": "#AA0000"}).accent_pair == ("#aa0000", "#aa0000")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("accent", "red"),
        ("accent", "#fff"),
        ("accent", "#ffffff;}body{display:none"),
        ("accent", "#ffffff\n"),
        ("accent_dark", "url(//evil.example)"),
        ("accent", None),
        ("font", "'; src: url(//evil.example)"),
        ("font", "comic-sans"),
        ("font", ["inter"]),
        ("tone", "</style>"),
        ("mode", "dim"),
        ("radius_px", -1),
        ("radius_px", 21),
        ("radius_px", "8px;color:red"),
        ("radius_px", True),
        ("language", 'en-SG"><script>'),
        ("language", "x"),
        ("key", "../etc"),
        ("key", ""),
        ("app_name", ""),
        ("app_name", "x" * 41),
        ("app_name", "two\nlines"),
        ("tagline", 7),
        ("logo_svg", "not a drawing"),
        ("logo_svg", SVG.format("<script>alert(1)</script>")),
        ("logo_svg", SVG.format('<path d="M0 0" onload="alert(1)"/>')),
        ("logo_svg", SVG.format('<image href="https://evil.example/x.png"/>')),
        ("logo_svg", SVG.format('<use href="//evil.example#a"/>')),
        ("logo_svg", SVG.format('<a href="javascript:alert(1)"><path d="M0 0"/></a>')),
        ("logo_svg", SVG.format('<rect width="1" height="1" fill="url(https://evil.example)"/>')),
        ("logo_svg", SVG.format('<rect width="1" height="1" style="background:url(//evil.example)"/>')),
        ("logo_svg", SVG.format("<style>*{fill:red}</style>")),
        ("logo_svg", SVG.format("<foreignObject><p>hi</p></foreignObject>")),
        ("logo_svg", SVG.format("<!-- hidden -->")),
        ("logo_svg", '<!DOCTYPE svg [<!ENTITY a "aaaa">]>' + SVG.format("<title>&a;</title>")),
        ("logo_svg", SVG.format("<path d='" + "M0 0" * 10_000 + "'/>")),
        ("logo_svg", "<svg><path d='M0 0'/></svg>"),
        ("logo_svg", '<html viewBox="0 0 1 1"/>'),
        ("background", "#ffffff"),
        ("favicon_svg", SVG.format("<script>alert(1)</script>")),
        ("logo_image", "../../etc/passwd.png"),
        ("logo_image", "https://evil.example/x.png"),
        ("favicon_image", "0" * 32 + ".svg"),
        ("footer", "two\nlines"),
        ("mail_sender", "boss@bank.example"),
        ("mail_sender", "Name\r\nBcc: all@example.com"),
        ("legal_text", "x" * 2001),
        ("legal_text", "a\x00b"),
    ],
)
def test_a_hostile_value_is_refused_by_name(field: str, value: Any) -> None:
    with pytest.raises(BrandError) as raised:
        Brand.from_tokens({field: value})
    assert raised.value.field == field


def test_a_drawing_is_written_anew() -> None:
    brand = Brand.from_tokens({"logo_svg": SVG.format("<title>&lt;b&gt;</title><path d='M0 0h8'/>")})
    assert brand.logo_svg == (
        '<svg viewBox="0 0 8 8" xmlns="http://www.w3.org/2000/svg"><title>&lt;b&gt;</title><path d="M0 0h8" /></svg>'
    )
    assert favicon_mark(brand) == brand.logo_svg


@given(name=st.text(max_size=60), tagline=st.text(max_size=130))
def test_no_text_of_a_tenant_reaches_the_style_sheet(name: str, tagline: str) -> None:
    try:
        brand = Brand.from_tokens({"app_name": name, "tagline": tagline})
    except BrandError:
        return
    assert brand_css(brand) == brand_css(VOLTDECK)


@pytest.mark.parametrize("brand", BUILTIN.values(), ids=BUILTIN.keys())
def test_the_style_block_holds_only_what_it_should(brand: Brand) -> None:
    css = brand_css(brand)
    assert "<" not in css
    assert css.count("{") == css.count("}")
    assert set(re.findall(r"url\((.*?)\)", css)) == {
        url for url in re.findall(r"url\((.*?)\)", css) if url.startswith("/_voltdeck/themes-")
    }
    assert f"--vd-accent:light-dark({brand.accent},{brand.accent_dark})" in css


def test_manifest_speaks_for_the_tenant() -> None:
    brand = BUILTIN["bluewave"]
    told = json.loads(json.dumps(manifest(brand, start_url="/drive")))
    assert (told["name"], told["start_url"], told["lang"]) == ("Blue Wave", "/drive", "en-SG")


@pytest.mark.parametrize(
    ("wanted", "had"), [("de", "de"), ("de-CH", "de-CH"), ("en-SG", "en-GB"), ("en", "en-US"), ("zz", "en-US")]
)
def test_the_nearest_language_the_framework_speaks(wanted: str, had: str) -> None:
    assert quasar_language(wanted) == had


def test_a_picture_goes_before_a_drawing() -> None:
    picture = f"{'0' * 32}.png"
    brand = Brand.from_tokens({"logo_image": picture})
    assert logo_url(brand) == f"/pictures/{picture}"
    assert favicon_url(brand) is None  # it is at /favicon.ico
    own = Brand.from_tokens({"logo_image": picture, "favicon_svg": SVG.format("")})
    assert (favicon_mark(own), (favicon_url(own) or "")[:19]) == (own.favicon_svg, "data:image/svg+xml;")


def test_legal_text_has_lines() -> None:
    brand = Brand.from_tokens({"legal_text": " Example GmbH \r\n VAT DE 1 \n\n"})
    assert brand.legal_text == "Example GmbH\n VAT DE 1"


def test_the_manifest_has_icons_that_change_with_the_brand() -> None:
    told = manifest(VOLTDECK)
    assert [icon["sizes"] for icon in told["icons"]] == ["any", "192x192", "512x512", "512x512"]
    assert told["icons"][-1]["purpose"] == "maskable"
    other = manifest(Brand.from_tokens({"accent": "#aa0000"}))
    assert told["icons"][1]["src"] != other["icons"][1]["src"]

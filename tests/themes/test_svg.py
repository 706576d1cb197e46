"""Drawings as drawing programs write them, and as attackers do."""

import pytest

from themes.svg import MAX_DEPTH, SvgError, clean_svg, tidy_svg

NS = 'xmlns="http://www.w3.org/2000/svg"'
ILLUSTRATOR = f"""<?xml version="1.0" encoding="utf-8"?>
<!-- Generator: Some Program -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" id="Layer_1" {NS} xmlns:xlink="http://www.w3.org/1999/xlink" x="0px" y="0px" viewBox="0 0 8 8"
  style="enable-background:new 0 0 8 8;" xml:space="preserve">
<style type="text/css"><![CDATA[.st0{{fill:#00A651;}} .st0,.st1{{stroke-width:2}}]]></style>
<path class="st0" d="M0 0h8v8z"/><circle class="st1" cx="4" cy="4" r="2" style="fill:none;stroke:#ffffff"/>
</svg>"""
INKSCAPE = f"""<svg width="32" height="32px" {NS} xmlns:sodipodi="http://sodipodi.example" inkscape:version="1.2"
  xmlns:inkscape="http://inkscape.example"><sodipodi:namedview pagecolor="#fff"/><metadata>me</metadata>
  <g inkscape:label="Layer 1"><rect data-name="x" width="8" height="8" style="fill:#112233;-inkscape-font:x"/></g>
</svg>"""


def test_a_program_that_writes_style_sheets() -> None:
    clean = tidy_svg(ILLUSTRATOR)
    assert '<path d="M0 0h8v8z" fill="#00A651" stroke-width="2" />' in clean
    assert '<circle cx="4" cy="4" r="2" stroke-width="2" fill="none" stroke="#ffffff" />' in clean
    for word in ("style", "class", "Generator", "DOCTYPE"):
        assert word not in clean
    assert clean_svg(clean) == clean


def test_a_program_that_writes_notes_for_itself() -> None:
    clean = tidy_svg(INKSCAPE)
    assert 'viewBox="0 0 32 32"' in clean
    assert '<rect width="8" height="8" fill="#112233" />' in clean
    for word in ("inkscape", "sodipodi", "metadata", "me<"):
        assert word not in clean


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        ("<script>alert(1)</script>", "<script> is not allowed"),
        ("<text>Volt</text>", "<text> is not allowed"),
        ('<image href="https://evil.example/x.png"/>', "<image> is not allowed"),
        ('<a href="javascript:alert(1)"><path d="M0 0"/></a>', "<a> is not allowed"),
        ("<foreignObject><iframe/></foreignObject>", "<foreignObject> is not allowed"),
        ('<path d="M0 0" onclick="alert(1)"/>', "has a script"),
        ('<g OnLoad="alert(1)"/>', "has a script"),
        ('<rect width="1" height="1" style="fill:url(https://evil.example)"/>', "outside the drawing"),
        ('<style>.a{fill:url("//evil.example")}</style><rect class="a"/>', "outside the drawing"),
        ('<rect fill="url(#a);background:url(//evil.example)"/>', "outside the drawing"),
        ("<?xml-stylesheet href='//evil.example'?>", "processing instructions"),
        ("<animate attributeName='href'/>", "<animate> is not allowed"),
        ("<g>" * (MAX_DEPTH + 2) + "</g>" * (MAX_DEPTH + 2), "nested"),
        ("<path", "not well-formed"),
    ],
)
def test_what_could_do_more_than_draw_is_refused_by_name(inside: str, words: str) -> None:
    with pytest.raises(SvgError, match=words):
        tidy_svg(f'<svg {NS} viewBox="0 0 8 8">{inside}</svg>')


@pytest.mark.parametrize(
    "text",
    [
        f'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg {NS} viewBox="0 0 1 1"><title>&a;</title></svg>',
        f'<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg {NS} viewBox="0 0 1 1"><desc>&a;</desc></svg>',
    ],
)
def test_entities_are_refused_before_they_are_read(text: str) -> None:
    with pytest.raises(SvgError, match="entities"):
        tidy_svg(text)


def test_nesting_exhausts_nobody() -> None:
    deep = f'<svg {NS} viewBox="0 0 8 8">{"<g>" * 4000}{"</g>" * 4000}</svg>'
    with pytest.raises(SvgError, match="nested"):
        clean_svg(deep)


def test_size_is_looked_at_first() -> None:
    with pytest.raises(SvgError, match="larger than 256 KiB"):
        tidy_svg("<" * 300_000)

"""Lets only drawings through: an SVG from a tenant is rebuilt from an allow-list of shapes, or refused."""

import re
from typing import Final
from xml.etree import ElementTree

MAX_BYTES: Final = 32 * 1024
_NAMESPACE: Final = "http://www.w3.org/2000/svg"
_SHAPES: Final = re.compile(
    "svg|g|path|circle|ellipse|rect|line|polyline|polygon|defs|linearGradient|radialGradient|stop|clipPath|mask|title|desc"
)
_ATTRIBUTES: Final = re.compile(
    "viewBox|preserveAspectRatio|role|id|width|height|x|y|x1|y1|x2|y2|cx|cy|r|rx|ry|fx|fy|d|points|transform|opacity|mask"
    "|fill(-opacity|-rule)?|clip-(path|rule)|stroke(-width|-linecap|-linejoin|-opacity|-dasharray|-miterlimit)?|offset"
    "|stop-(color|opacity)|gradient(Units|Transform)|spreadMethod"
)
_EDITORS_OWN: Final = re.compile(r"<\?xml\s[^>]*\?>|<!--.*?-->|<!DOCTYPE[^>\[]*>", re.DOTALL)
_RULE: Final = re.compile(r"([^{}]+)\{([^{}]*)\}")
_IGNORED: Final = frozenset({"metadata", "style"})
MAX_DEPTH: Final = 64
_VALUE: Final = re.compile(r"[\w\s.,#%+()-]*")
_REFERENCE: Final = re.compile(r"url\(#[\w-]+\)")


class SvgError(ValueError):
    """The text is not a drawing we are willing to put into a page."""


def clean_svg(text: str) -> str:
    """The same drawing written anew from allowed shapes and attributes; raises SvgError for anything else.

    There are no scripts, styles, links, images, foreign objects, entities or outside references in the result.
    """
    if len(text.encode()) > MAX_BYTES:
        raise SvgError(f"the SVG is larger than {MAX_BYTES // 1024} KiB")
    if "<!" in text or "<?" in text:
        raise SvgError("the SVG has a declaration, comment or processing instruction")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - declarations, hence entities, were refused above
    except ElementTree.ParseError as error:
        raise SvgError(f"not well-formed: {error}") from None
    _refuse_depth(root)
    if _local(root.tag) != "svg" or "viewBox" not in root.attrib:
        raise SvgError("the root must be <svg> with a viewBox")
    clean = _rebuild(root)
    clean.set("xmlns", _NAMESPACE)
    return ElementTree.tostring(clean, encoding="unicode")


def tidy_svg(text: str) -> str:
    """What drawing programs write, made plain enough for `clean_svg`; raises SvgError.

    Declarations, comments, notes of the program and unknown attributes are left out, styles become attributes. What
    could do anything but draw (a script, a link, an embedded picture) is refused by name, not dropped.
    """
    if len(text.encode()) > 8 * MAX_BYTES:
        raise SvgError(f"the SVG is larger than {8 * MAX_BYTES // 1024} KiB")
    text = _EDITORS_OWN.sub("", text.removeprefix("\ufeff")).strip()
    if "<!" in text.replace("<![CDATA[", "") or "<?" in text:
        raise SvgError("the SVG declares entities or holds processing instructions")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - declarations, hence entities, were refused above
    except ElementTree.ParseError as error:
        raise SvgError(f"not well-formed: {error}") from None
    _refuse_depth(root)
    rules = _rules("".join(style.text or "" for style in root.iter(f"{{{_NAMESPACE}}}style")))
    plain = _plain(root, rules)
    if "viewBox" not in plain.attrib:
        sides = [re.fullmatch(r"([\d.]+)(?:px)?", root.get(side, "")) for side in ("width", "height")]
        if all(sides):
            plain.set("viewBox", f"0 0 {' '.join(side[1] for side in sides if side)}")
    plain.set("xmlns", _NAMESPACE)
    return clean_svg(ElementTree.tostring(plain, encoding="unicode"))


def _plain(element: ElementTree.Element, rules: dict[str, dict[str, str]]) -> ElementTree.Element:
    if any(key.lower().startswith("on") for key in element.attrib):
        raise SvgError(f"<{_local(element.tag)}> has a script")
    attributes = {key: value for key, value in element.attrib.items() if _ATTRIBUTES.fullmatch(key)}
    for name in element.get("class", "").split():
        attributes |= rules.get(name, {})
    attributes |= _declarations(element.get("style", ""))
    copy = ElementTree.Element(_local(element.tag), attributes)
    copy.text = element.text
    copy.extend([_plain(child, rules) for child in element if not _is_note(child)])
    return copy


def _is_note(element: ElementTree.Element) -> bool:
    """What belongs to a drawing program alone: its own namespace, or a word that draws nothing."""
    foreign = element.tag.startswith("{") and not element.tag.startswith(f"{{{_NAMESPACE}}}")
    return foreign or _local(element.tag) in _IGNORED


def _rules(sheet: str) -> dict[str, dict[str, str]]:
    """Attributes by class name: the only selectors that drawing programs write."""
    rules: dict[str, dict[str, str]] = {}
    for selectors, declarations in _RULE.findall(sheet):
        for selector in selectors.split(","):
            if selector.strip().startswith("."):
                rules.setdefault(selector.strip()[1:], {}).update(_declarations(declarations))
    return rules


def _declarations(text: str) -> dict[str, str]:
    pairs = (part.partition(":")[::2] for part in text.split(";"))
    return {name.strip(): value.strip() for name, value in pairs if _ATTRIBUTES.fullmatch(name.strip())}


def _rebuild(element: ElementTree.Element) -> ElementTree.Element:
    name = _local(element.tag)
    if not _SHAPES.fullmatch(name):
        raise SvgError(f"<{name}> is not allowed")
    copy = ElementTree.Element(name, {key: _value(key, value) for key, value in element.attrib.items()})
    if name in ("title", "desc"):
        copy.text = element.text
    copy.extend([_rebuild(child) for child in element])
    return copy


def _value(key: str, value: str) -> str:
    if not _ATTRIBUTES.fullmatch(key):
        raise SvgError(f"attribute {key} is not allowed")
    if "url" in value.lower() and not _REFERENCE.fullmatch(value):
        raise SvgError(f"{key} refers to something outside the drawing")
    if not _VALUE.fullmatch(value):
        raise SvgError(f"{key} has characters that no drawing needs")
    return value


def _refuse_depth(root: ElementTree.Element) -> None:
    """A drawing is flat; one that is not would exhaust whoever walks through it."""
    level = [root]
    for _ in range(MAX_DEPTH):
        level = [child for element in level for child in element]
        if not level:
            return
    raise SvgError(f"its groups are nested more than {MAX_DEPTH} deep")


def _local(tag: str) -> str:
    return tag.removeprefix(f"{{{_NAMESPACE}}}")

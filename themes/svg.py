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
    if _local(root.tag) != "svg" or "viewBox" not in root.attrib:
        raise SvgError("the root must be <svg> with a viewBox")
    clean = _rebuild(root)
    clean.set("xmlns", _NAMESPACE)
    return ElementTree.tostring(clean, encoding="unicode")


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


def _local(tag: str) -> str:
    return tag.removeprefix(f"{{{_NAMESPACE}}}")

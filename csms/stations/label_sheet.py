"""Prints labels: a PDF by Typst, with a QR code, the tenant's mark and what a driver at the charger needs to know."""

import io
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

from csms.stations.labels import LabelRow

_TEMPLATE = Path(__file__).with_name("label_sheet.typ")
_QUIET_ZONE = 4
"""White modules around the code, without which readers do not find it."""


@dataclass(frozen=True, slots=True)
class LabelForm:
    """A kind of paper; measures in millimetres, sizes of text in points or of the text's size."""

    title: str
    page_width: float
    page_height: float
    columns: int
    rows: int
    left: float
    top: float
    step_x: float
    step_y: float
    width: float
    height: float
    padding: float
    qr: float
    logo: float
    gap: float
    text_size: float
    place_size: float


FORMS = {
    "a4-21": LabelForm(
        "A4, 21 labels of 63.5 × 38.1 mm",
        210,
        297,
        3,
        7,
        7.2,
        15.1,
        66.0,
        38.1,
        63.5,
        38.1,
        2.5,
        28,
        4.2,
        2.5,
        7.5,
        1.25,
    ),
    "a4-8": LabelForm(
        "A4, 8 of 99.1 × 67.7 mm", 210, 297, 2, 4, 4.7, 13.1, 101.6, 67.7, 99.1, 67.7, 4.5, 50, 7, 4, 11, 1.4
    ),
    "single-100": LabelForm("Label printer, 100 × 60 mm", 100, 60, 1, 1, 0, 0, 0, 0, 100, 60, 4, 50, 7, 4, 11, 1.4),
    "single-62": LabelForm("Label printer, 62 × 29 mm", 62, 29, 1, 1, 0, 0, 0, 0, 62, 29, 1.5, 26, 4, 2, 6.5, 1.2),
}
"""Papers to choose from, by key."""


@dataclass(frozen=True, slots=True)
class LabelBrand:
    """Whose labels they are. `logo_svg` is a checked drawing."""

    name: str
    logo_svg: str
    support_phone: str = ""
    """Printed where the location names no other."""


def label_sheet(rows: Sequence[LabelRow], form: LabelForm, brand: LabelBrand, address: str) -> bytes:
    """The PDF. `address` is where the tenant's drivers' pages are, such as https://charge.example; takes a moment."""
    import typst  # an optional part, slow to load

    data = {
        "title": f"Labels of {brand.name}",
        "brand": _short(brand.name, 24),
        "logo": brand.logo_svg,
        "form": asdict(form),
        "labels": [_label(row, address, brand.support_phone) for row in rows],
    }
    compiled: Any = typst.compile(str(_TEMPLATE), sys_inputs={"data": json.dumps(data)})
    return cast(bytes, compiled)


def label_address(address: str, code: str) -> str:
    """What the QR code says. It is on stickers: it never changes."""
    return f"{address}/c/{code}"


def place_words(row: LabelRow) -> str:
    """Which plug it is, as short as it can be said."""
    if row.connectors > 1:
        return f"EVSE {row.evse_number} · plug {row.connector_number}"
    return f"EVSE {row.evse_number}"


def _label(row: LabelRow, address: str, phone: str) -> dict[str, str]:
    url = label_address(address, row.code)
    return {
        "qr": _qr(url),
        "place": place_words(row),
        "station": _short(row.station, 34),
        "evse_id": _short(row.evse_id, 34),
        "shown": _short(url.partition("://")[2], 60),
        "phone": _short(row.support_phone or phone, 24),
    }


def _qr(text: str) -> str:
    import segno

    target = io.BytesIO()
    segno.make(text, error="m", micro=False).save(target, kind="svg", border=_QUIET_ZONE, xmldecl=False, nl=False)
    return target.getvalue().decode()


def _short(text: str, longest: int) -> str:
    if len(text) <= longest:
        return text
    cut = text[: longest - 1]
    return (cut.rpartition(" ")[0] or cut).rstrip() + "…"

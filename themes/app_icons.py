"""The icons of an installed web app: square PNGs made from a brand's mark, whether it is a drawing or a picture."""

import logging
from functools import lru_cache
from io import BytesIO
from typing import Final

from PIL import Image

from themes.color import rgb
from themes.images import as_png

SIZES: Final = (64, 180, 192, 512)
_PAGE: Final = (
    b"#set page(width: 1pt * int(sys.inputs.side), height: 1pt * int(sys.inputs.side), margin: 0pt, fill: none)\n"
    b'#image(bytes(sys.inputs.svg), format: "svg", width: 100%, height: 100%, fit: "contain")'
)
_SAFE: Final = 0.72
"""Share of the side that a launcher never cuts off, near enough: it may crop the icon to a circle."""
_log = logging.getLogger(__name__)


@lru_cache(maxsize=256)
def app_icon(mark: str | bytes, size: int, background: str = "", stand_in: str = "#808080") -> bytes:
    """The mark (SVG text or a stored PNG) as a square PNG. Slow: call it in a thread.

    On a `background` it fills the square and leaves room for a launcher to crop. A drawing that cannot be painted is
    replaced by a plain square in the colour `stand_in`.
    """
    inner = round(size * _SAFE) if background else size
    try:
        drawn = _painted(mark, inner)
    except Exception:
        _log.exception("an icon could not be painted")
        drawn = Image.new("RGBA", (inner, inner), (*rgb(stand_in), 255))
    square = Image.new("RGBA", (size, size), (*rgb(background), 255) if background else (0, 0, 0, 0))
    square.alpha_composite(drawn, ((size - drawn.width) // 2, (size - drawn.height) // 2))
    return as_png(square)


def _painted(mark: str | bytes, side: int) -> Image.Image:
    if isinstance(mark, bytes):
        picture = Image.open(BytesIO(mark), formats=("PNG",)).convert("RGBA")
        scale = side / max(picture.size)
        width, height = (max(1, round(length * scale)) for length in picture.size)
        return picture.resize((width, height), Image.Resampling.LANCZOS)
    import typst  # only here: it is large, and most processes never paint

    inputs = {"svg": mark, "side": str(side)}
    return Image.open(BytesIO(typst.compile(_PAGE, format="png", ppi=72.0, sys_inputs=inputs))).convert("RGBA")

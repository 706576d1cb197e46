"""Takes a picture that somebody sent and paints it anew: only its pixels pass, in one format and of a modest size."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

MAX_BYTES: Final = 1024 * 1024
MAX_SIDE: Final = 4096
"""Pixels. What is larger is refused before anything of it is decoded."""
KEPT_SIDE: Final = 512
MIN_SIDE: Final = 16
MEDIA_TYPE: Final = "image/png"
_FORMATS: Final = ("PNG", "JPEG", "WEBP")
_BAD_FILE: Final = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    ArithmeticError,
    LookupError,
    Image.DecompressionBombError,
)


class ImageError(ValueError):
    """The file is not a picture that we are willing to show."""


@dataclass(frozen=True, slots=True)
class CleanImage:
    """A PNG of our own making."""

    data: bytes
    width: int
    height: int

    @property
    def name(self) -> str:
        """What it is stored and served as: its content is in its name."""
        return f"{hashlib.sha256(self.data).hexdigest()[:32]}.png"


def clean_image(data: bytes) -> CleanImage:
    """The picture in a PNG, JPEG or WebP file, painted into a new PNG; raises ImageError.

    Nothing but pixels gets through: no metadata, no second file hidden behind the first, no further frames. Slow:
    call it in a thread.
    """
    if len(data) > MAX_BYTES:
        raise ImageError(f"the file is larger than {MAX_BYTES // 1024} KiB")
    _refuse_large_canvas(data)
    try:
        with Image.open(BytesIO(data), formats=_FORMATS) as opened:
            _refuse_size(*opened.size)
            opened.load()
            pixels = ImageOps.exif_transpose(opened).convert("RGBA")
    except UnidentifiedImageError:
        raise ImageError("the file is not a PNG, JPEG or WebP picture") from None
    except Image.DecompressionBombError:
        raise ImageError(f"the picture has too many pixels; at most {MAX_SIDE} × {MAX_SIDE} are taken") from None
    except ImageError:
        raise
    except _BAD_FILE as error:
        raise ImageError("the picture is damaged") from error
    pixels.thumbnail((KEPT_SIDE, KEPT_SIDE), Image.Resampling.LANCZOS)
    painted = Image.new("RGBA", pixels.size)
    painted.paste(pixels)
    return CleanImage(as_png(painted), *painted.size)


def as_png(image: Image.Image) -> bytes:
    """The picture as a PNG file."""
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _refuse_size(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE:
        raise ImageError(f"the picture is {width} × {height} pixels; at most {MAX_SIDE} × {MAX_SIDE} are taken")
    if min(width, height) < MIN_SIDE:
        raise ImageError(f"the picture is {width} × {height} pixels; at least {MIN_SIDE} × {MIN_SIDE} are needed")


def _refuse_large_canvas(data: bytes) -> None:
    """A WebP's canvas is allocated when it is opened, so its header is read before that."""
    if data[:4] == b"RIFF" and data[8:16] == b"WEBPVP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") + 1 for at in (24, 27))
        _refuse_size(width, height)

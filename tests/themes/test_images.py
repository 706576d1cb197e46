"""Pictures that strangers send: what reaches a page is painted by us, or nothing does."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from themes.app_icons import app_icon
from themes.builtin import BUILTIN
from themes.images import MAX_BYTES, ImageError, clean_image

PNG = b"\x89PNG\r\n\x1a\n"


def picture(size: tuple[int, int] = (40, 30), format: str = "PNG", mode: str = "RGB", **options: Any) -> bytes:
    file = BytesIO()
    Image.new(mode, size, "#aa3300" if mode in ("RGB", "RGBA") else 1).save(file, format, **options)
    return file.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def claimed_png(width: int, height: int, pixels: bytes = b"") -> bytes:
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return PNG + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(pixels, 9)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("format", ["PNG", "JPEG", "WEBP"])
def test_each_format_becomes_a_png_of_ours(format: str) -> None:
    clean = clean_image(picture(format=format))
    assert clean.data.startswith(PNG)
    assert (clean.width, clean.height) == (40, 30)
    red, green, _, alpha = Image.open(BytesIO(clean.data)).convert("RGBA").getpixel((20, 15))  # type: ignore[misc]
    assert red > 150 > green
    assert alpha == 255
    assert clean.name == clean_image(picture(format=format)).name


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_pixel(mode: str) -> None:
    assert clean_image(picture(mode=mode)).width == 40


def test_a_large_picture_is_made_smaller() -> None:
    clean = clean_image(picture((2000, 1000)))
    assert (clean.width, clean.height) == (512, 256)


def test_nothing_rides_along() -> None:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", "<script>alert(1)</script>")
    exif = Image.Exif()
    exif[0x010E] = "<?php evil(); ?>"
    hostile = picture(pnginfo=info, exif=exif) + b"<script>alert(1)</script>PK\x03\x04" + b"x" * 100
    clean = clean_image(hostile).data
    assert b"script" not in clean
    assert b"php" not in clean
    assert b"PK\x03\x04" not in clean
    kinds, at = [], 8
    while at < len(clean):
        length, kind = struct.unpack(">I4s", clean[at : at + 8])
        kinds.append(kind)
        at += length + 12
    assert set(kinds) == {b"IHDR", b"IDAT", b"IEND"}


def test_a_turned_photograph_is_turned_back() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    clean = clean_image(picture(format="JPEG", exif=exif))
    assert (clean.width, clean.height) == (30, 40)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a PNG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG"),
        (b"GIF89a" + b"\x00" * 40, "not a PNG"),
        (b"%PDF-1.7 " + b"\x00" * 40, "not a PNG"),
        (b"<html>" + picture(), "not a PNG"),
        (picture()[:60], "damaged"),
        (PNG + b"\x00" * 50, "not a PNG|damaged"),
        (b"\x00" * (MAX_BYTES + 1), "larger than 1024 KiB"),
        (picture((8, 8)), "at least 16 × 16"),
        (picture((5000, 20)), "at most 4096"),
        (claimed_png(60_000, 60_000), "at most 4096"),
        (claimed_png(60_000, 60_000, b"\x00" * 1_000_000), "at most 4096"),
    ],
)
def test_what_is_no_honest_picture_is_refused(data: bytes, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        clean_image(data)


def test_a_webp_that_claims_a_huge_canvas_is_refused_before_it_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    side = (16_383).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + side + side + b"\x00" * 64
    opened: list[Any] = []
    monkeypatch.setattr(Image, "open", lambda *found, **_: opened.append(found))
    with pytest.raises(ImageError, match="16384 × 16384"):
        clean_image(b"RIFF" + struct.pack("<I", len(body)) + body)
    assert not opened


def test_text_in_a_png_cannot_fill_the_memory() -> None:
    bomb = chunk(b"zTXt", b"Comment\x00\x00" + zlib.compress(b"\x00" * 3_000_000, 9))
    honest = picture()
    with pytest.raises(ImageError, match=r"damaged|not a PNG"):
        clean_image(honest[:33] + bomb + honest[33:])


@pytest.mark.parametrize("key", BUILTIN)
def test_a_drawing_becomes_an_icon(key: str) -> None:
    icon = Image.open(BytesIO(app_icon(BUILTIN[key].logo_svg, 192)))
    assert icon.size == (192, 192)
    assert icon.getpixel((96, 96))[3] == 255  # type: ignore[index]


def test_an_icon_on_a_background_leaves_room_to_crop() -> None:
    icon = Image.open(BytesIO(app_icon(BUILTIN["voltdeck"].logo_svg, 512, "#ffffff")))
    assert icon.getpixel((4, 256)) == (255, 255, 255, 255)
    assert icon.getpixel((256, 84)) != (255, 255, 255, 255)


def test_a_picture_becomes_a_square_icon() -> None:
    icon = Image.open(BytesIO(app_icon(clean_image(picture((100, 50))).data, 192)))
    assert icon.getpixel((96, 10)) == (0, 0, 0, 0)
    assert icon.getpixel((4, 96))[3] == 255  # type: ignore[index]


def test_what_cannot_be_painted_is_a_plain_square(caplog: pytest.LogCaptureFixture) -> None:
    icon = Image.open(BytesIO(app_icon("<svg", 64, "", "#123456")))
    assert icon.getpixel((32, 32)) == (0x12, 0x34, 0x56, 255)
    assert "could not be painted" in caplog.text

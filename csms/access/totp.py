"""Codes of authenticator apps (TOTP, RFC 6238): six digits that change every half minute."""

import hmac
from datetime import datetime
from typing import Final

import segno
from pyotp import random_base32
from pyotp.totp import TOTP

STEP_S: Final = 30
DRIFT: Final = 1
"""Steps that a phone's clock may be off, before and after (RFC 6238 section 5.2)."""


def new_secret() -> str:
    """160 random bits in base 32, as apps read them."""
    return random_base32()


def enrolment_url(secret: str, email: str, issuer: str) -> str:
    """What the QR code says."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def enrolment_svg(url: str) -> str:
    """The QR code as an SVG element: dark on white in every mode, for cameras want it so."""
    return segno.make(url, error="m").svg_inline(omitsize=True, border=3, dark="#000", light="#fff", svgclass="vd-qr")


def matching_step(secret: str, code: str, now: datetime, after: int) -> int | None:
    """The time step that `code` belongs to, later than step `after`; None when it is wrong, old or used up."""
    digits = "".join(code.split())
    if len(digits) != 6 or not digits.isascii():
        return None
    present = int(now.timestamp()) // STEP_S
    generator = TOTP(secret)
    found = None
    for step in range(present - DRIFT, present + DRIFT + 1):
        if hmac.compare_digest(generator.at(step * STEP_S), digits) and step > after:
            found = step
    return found

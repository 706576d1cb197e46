"""Sends letters: over SMTP, or into files where no server is set, so that nothing is lost on a machine without one."""

import re
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import aiosmtplib
import structlog

from csms.config import Settings
from csms.errors import UndeliverableError
from csms.notify.letters import Frame, html_of, text_of
from csms.obligations import SendMail
from csms.tenants.directory import TenantDirectory, TenantInfo

log = structlog.get_logger(__name__)
_TIMEOUT_S: Final = 30.0
_COLOR: Final = re.compile(r"#[0-9a-fA-F]{6}")
_PLAIN: Final = Frame("Voltdeck", "#4b56d2", "#ffffff")
_NEVER: Final = range(500, 600)
"""SMTP replies that mean: do not try this again."""


class Mailer:
    """Meets `SendMail`: in the brand of the tenant that owes it."""

    def __init__(self, settings: Settings, directory: TenantDirectory) -> None:
        self._settings = settings
        self._directory = directory

    async def send(self, letter: SendMail, tenant_id: int | None) -> None:
        """Hand the letter over. Raises UndeliverableError when it never can be, another error when not now."""
        tenant = self._directory.by_id(tenant_id) if tenant_id else None
        message = compose(letter, frame_of(tenant), self._settings.mail_from)
        if self._settings.smtp_url is None:
            keep(message, self._settings.data_dir / "mail")
            return
        await _hand_over(message, self._settings.smtp_url.get_secret_value())


def frame_of(tenant: TenantInfo | None) -> Frame:
    """How a tenant's letters look; the platform's own for None."""
    if tenant is None:
        return _PLAIN
    brand = tenant.brand
    name = str(brand.get("mail_sender") or brand.get("app_name") or tenant.name)
    accent = str(brand.get("accent", ""))
    return Frame(name, accent, ink_on(accent)) if _COLOR.fullmatch(accent) else Frame(name, _PLAIN.accent, _PLAIN.ink)


def ink_on(color: str) -> str:
    """White where it reads on `#rrggbb` (WCAG 2.2: 4.5 to 1), else near black."""
    channels = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "#ffffff" if 1.05 / (luminance + 0.05) >= 4.5 else "#0b1220"


def compose(letter: SendMail, frame: Frame, sender: str) -> EmailMessage:
    """The letter as a message in plain text and HTML. Raises UndeliverableError for an impossible address."""
    message = EmailMessage()
    try:
        message["From"] = Address(display_name=_one_line(frame.name), addr_spec=sender)
        message["To"] = Address(addr_spec=letter.to)
    except (ValueError, IndexError) as error:
        raise UndeliverableError(f"{letter.to!r} is not an e-mail address.") from error
    message["Subject"] = _one_line(letter.subject)
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2] or "localhost")
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text_of(letter, frame))
    message.add_alternative(html_of(letter, frame), subtype="html")
    return message


def keep(message: EmailMessage, folder: Path) -> None:
    """Write the message into a file of `folder` that only its owner reads: it may hold a link that opens something."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{re.sub(r'[^A-Za-z0-9.@-]', '_', str(message['To']))}.eml"
    path = folder / name
    path.touch(mode=0o600)
    path.write_bytes(message.as_bytes())
    log.info("mail kept in a file, for no SMTP server is set", file=str(path))


async def _hand_over(message: EmailMessage, url: str) -> None:
    parts = urlsplit(url)
    implicit = parts.scheme == "smtps"
    try:
        await aiosmtplib.send(
            message,
            hostname=parts.hostname,
            port=parts.port or (465 if implicit else 587),
            username=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password) if parts.password else None,
            use_tls=implicit,
            start_tls=None if not implicit else False,
            timeout=_TIMEOUT_S,
        )
    except aiosmtplib.SMTPRecipientsRefused as error:
        if all(refusal.code in _NEVER for refusal in error.recipients):
            raise UndeliverableError(f"The mail server refused the address: {error}") from error
        raise


def _one_line(text: str) -> str:
    return " ".join(text.split())

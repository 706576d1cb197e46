"""How a letter looks: plain text, and the same in HTML with the tenant's name and colour."""

from dataclasses import dataclass
from html import escape

from csms.obligations import SendMail


@dataclass(frozen=True, slots=True)
class Frame:
    """Who writes, as the reader sees it. `accent` is a checked #rrggbb colour, `ink` what reads on it."""

    name: str
    accent: str
    ink: str


def text_of(letter: SendMail, frame: Frame) -> str:
    """The letter as plain text."""
    parts = [*letter.paragraphs]
    if letter.link_url:
        parts.append(f"{letter.link_label}:\n{letter.link_url}")
    if letter.note:
        parts.append(letter.note)
    return "\n\n".join([*parts, f"-- \n{frame.name}"]) + "\n"


def html_of(letter: SendMail, frame: Frame) -> str:
    """The letter as HTML that mail programs understand: tables and inline styles, no images."""
    paragraphs = "".join(f'<p style="margin:0 0 16px">{escape(text)}</p>' for text in letter.paragraphs)
    link = ""
    if letter.link_url:
        url = escape(letter.link_url)
        link = (
            f'<p style="margin:24px 0"><a href="{url}" style="background:{frame.accent};color:{frame.ink};'
            'padding:12px 20px;border-radius:8px;text-decoration:none;font-weight:600;display:inline-block">'
            f"{escape(letter.link_label)}</a></p>"
            f'<p style="margin:0 0 16px;font-size:13px;color:#5a6470;word-break:break-all">{url}</p>'
        )
    note = f'<p style="margin:16px 0 0;font-size:13px;color:#5a6470">{escape(letter.note)}</p>' if letter.note else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(letter.subject)}</title></head>"
        '<body style="margin:0;background:#f4f5f7;color:#171c22;font:16px/1.5 system-ui,Segoe UI,Roboto,sans-serif">'
        '<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center" '
        'style="padding:32px 16px"><table role="presentation" width="100%" cellpadding="0" cellspacing="0" '
        'style="max-width:560px;background:#ffffff;border-radius:12px;border:1px solid #e3e6ea"><tr>'
        f'<td style="padding:32px;border-top:4px solid {frame.accent};border-radius:12px">'
        f'<p style="margin:0 0 24px;font-weight:700">{escape(frame.name)}</p>'
        f"{paragraphs}{link}{note}</td></tr></table></td></tr></table></body></html>"
    )

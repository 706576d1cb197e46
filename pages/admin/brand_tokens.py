"""What of a brand is stored: tokens that were read, and written down anew, by the one who knows what they mean."""

from collections.abc import Mapping
from typing import Any, Final

from csms.errors import InvalidInputError
from csms.tenants.branding import Branding
from pages.services import Services
from themes.brand import Brand, BrandError

TENANTS_OWN: Final = frozenset({"key", "language"})
"""Said by the tenant itself; a copy in the brand would outlive a change of it."""
NAMES: Final = {
    "app_name": "App name",
    "logo_svg": "Logo",
    "logo_image": "Logo",
    "favicon_svg": "Favicon",
    "favicon_image": "Favicon",
    "accent": "Accent in light mode",
    "accent_dark": "Accent in dark mode",
    "tone": "Neutral tone",
    "font": "Typeface",
    "radius_px": "Corner radius",
    "mode": "Light or dark",
    "tagline": "Tagline",
    "footer": "Footer",
    "mail_sender": "Sender of mails",
    "legal_text": "Legal text",
}
"""How people call each token."""


def stored_tokens(tokens: Mapping[str, Any]) -> dict[str, Any]:
    """The tokens as they are stored. Raises InvalidInputError, naming the field in people's words."""
    try:
        brand = Brand.from_tokens(tokens)
    except BrandError as error:
        raise InvalidInputError(problem_words(error)) from None
    return {name: value for name, value in brand.to_tokens().items() if name not in TENANTS_OWN}


def problem_words(error: BrandError) -> str:
    """The error with the field's name as people know it."""
    problem = str(error).partition(": ")[2]
    return f"{NAMES.get(error.field, error.field)} {problem}."


def branding_of(services: Services) -> Branding:
    """The verbs, with what a brand may hold filled in."""
    return Branding(services.committer, services.clock, services.directory, stored_tokens)

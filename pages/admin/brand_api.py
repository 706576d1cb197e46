"""What the API needs to know of brands, which the engine does not (csms.api.brands)."""

from functools import partial

from csms.api.brands import Brands
from pages.admin.brand_editing import shown_tokens
from pages.admin.brand_tokens import branding_of
from pages.admin.brand_upload import take_mark
from pages.services import Services


def brands_of(services: Services) -> Brands:
    """The verbs of the brand editor, for programs."""
    branding = branding_of(services)
    return Brands(branding, shown_tokens, partial(take_mark, branding))

"""What a browser's languages say of its reader's country: a first guess for forms, never more."""

from babel.core import get_global
from babel.numbers import get_territory_currencies

from csms.tenants.choices import LANGUAGES, currencies, time_zones


def guess_place(accept_language: str) -> tuple[str, str, str]:
    """Language, currency and time zone for an Accept-Language header; English and Berlin's when it says nothing."""
    tag = next((tag for tag in _tags(accept_language) if tag in LANGUAGES), "")
    territory = tag.partition("-")[2]
    currency = next(iter(get_territory_currencies(territory) if territory else ()), "")
    zone = next(iter(get_global("territory_zones").get(territory, ())), "")
    return (
        tag or "en-GB",
        currency if currency in currencies() else "EUR",
        zone if zone in time_zones() else "Europe/Berlin",
    )


def _tags(accept_language: str) -> list[str]:
    """Language tags in the order in which they are named; `de` alone is taken for `de-DE`."""
    found: list[str] = []
    for part in accept_language.split(",")[:10]:
        language, _, territory = part.partition(";")[0].strip().partition("-")
        found.append(f"{language.lower()}-{(territory or language).upper()}")
    return found

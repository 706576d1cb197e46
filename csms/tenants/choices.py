"""What a tenant chooses from: currencies, time zones, languages."""

from functools import lru_cache
from typing import Final
from zoneinfo import available_timezones

from babel.numbers import list_currencies

LANGUAGES: Final = {
    "en": "English",
    "en-GB": "English (United Kingdom)",
    "en-US": "English (United States)",
    "en-IE": "English (Ireland)",
    "en-SG": "English (Singapore)",
    "en-AU": "English (Australia)",
    "en-IN": "English (India)",
    "de-DE": "Deutsch (Deutschland)",
    "de-AT": "Deutsch (Österreich)",
    "de-CH": "Deutsch (Schweiz)",
    "fr-FR": "Français (France)",
    "fr-BE": "Français (Belgique)",
    "fr-CH": "Français (Suisse)",
    "nl-NL": "Nederlands (Nederland)",
    "nl-BE": "Nederlands (België)",
    "es-ES": "Español (España)",
    "pt-PT": "Português (Portugal)",
    "pt-BR": "Português (Brasil)",
    "it-IT": "Italiano (Italia)",
    "pl-PL": "Polski (Polska)",
    "cs-CZ": "Čeština (Česko)",
    "sk-SK": "Slovenčina (Slovensko)",
    "hu-HU": "Magyar (Magyarország)",
    "ro-RO": "Română (România)",
    "da-DK": "Dansk (Danmark)",
    "sv-SE": "Svenska (Sverige)",
    "nb-NO": "Norsk bokmål (Norge)",
    "fi-FI": "Suomi (Suomi)",
    "el-GR": "Ελληνικά (Ελλάδα)",
    "tr-TR": "Türkçe (Türkiye)",
    "ja-JP": "日本語 (日本)",
    "ko-KR": "한국어 (대한민국)",
    "zh-CN": "中文 (中国)",
}
"""BCP 47 tags of the languages in which numbers, money and dates are written, by their own names."""


@lru_cache
def currencies() -> list[str]:
    """Codes of the currencies that can be chosen."""
    return sorted(list_currencies("en") & list_currencies("de"))


@lru_cache
def time_zones() -> list[str]:
    """Names of places, as the time zone database has them."""
    return sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))

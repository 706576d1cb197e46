"""What may be a hostname, and what may be a slug: the short name in front of the platform's domain."""

import ipaddress
import re
import unicodedata
from typing import Final

import idna

from csms.errors import InvalidInputError

SHORTEST: Final = 3
LONGEST: Final = 40
_RESERVED: Final = """
    about abuse account accounts admin administrator api app apps assets auth autoconfig autodiscover billing blog
    cdn charge charging console dashboard demo dev dns docs download drive email example ftp gateway git help
    hostmaster imap internal invite invitations legal localhost login mail metrics mx news noc ns ns1 ns2 oauth
    ocpi ocpp oidc pay payments platform pop pop3 postmaster privacy proxy register root security setup shop
    sign-in sign-out sign-up signin signup smtp ssl sso staging static stations status store support system terms test
    tls voltdeck web webmaster webmail webhook webhooks wpad ws wss www www1 www2
"""
RESERVED: Final = frozenset(_RESERVED.split())
"""Names that people or programs would take for the platform's own."""
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_HOSTNAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*")


def bare_host(host: str) -> str:
    """A Host header's name alone: no port, lower case, no trailing dot."""
    name = host.strip()
    if name.startswith("["):  # an IPv6 literal has colons of its own
        return name.partition("]")[0].casefold() + "]"
    return name.partition(":")[0].rstrip(".").casefold()


def check_slug(text: str) -> str:
    """The slug in lower case. Raises InvalidInputError, saying what is wrong with it."""
    slug = text.strip().casefold()
    if not SHORTEST <= len(slug) <= LONGEST:
        raise InvalidInputError(f"Short name: it needs {SHORTEST} to {LONGEST} characters.")
    if not _SLUG.fullmatch(slug):
        raise InvalidInputError("Short name: use a to z, digits and hyphens, with a letter or digit at both ends.")
    if slug[2:4] == "--":  # RFC 5891, 4.2.3.1: such labels are for encodings, as xn-- is
        raise InvalidInputError("Short name: two hyphens may not be its third and fourth character.")
    if slug.replace("-", "").isdigit():
        raise InvalidInputError("Short name: it needs at least one letter.")
    if slug in RESERVED:
        raise InvalidInputError(f"Short name: “{slug}” is reserved. Please choose another one.")
    return slug


def check_hostname(text: str) -> str:
    """A hostname as people type it, in lower case; letters that DNS does not know become what it knows.

    Raises InvalidInputError.
    """
    if "/" in text or ":" in text:
        raise InvalidInputError("Hostname: write it as in charging.example.com, without http://, port or path.")
    name = text.strip().rstrip(".").lower()  # not casefold: "ß" is a letter of its own in hostnames
    try:
        name = name if name.isascii() else idna.encode(name, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    if not _HOSTNAME.fullmatch(name):
        raise InvalidInputError("Hostname: write it as in charging.example.com.")
    return name


def check_custom_domain(text: str, platform_domain: str, platform_host: str) -> str:
    """A hostname that somebody can own in public DNS. Raises InvalidInputError."""
    name = check_hostname(text)
    if "." not in name or _is_address(name):
        raise InvalidInputError("Hostname: write it with its domain, as in charging.example.com.")
    if name in (platform_domain, bare_host(platform_host)) or name.endswith(f".{platform_domain}"):
        raise InvalidInputError(f"Hostname: names below {platform_domain} belong to this platform.")
    return name


def slug_in(hostname: str, platform_domain: str) -> str:
    """The slug of `slug.<platform domain>`; empty for any other name."""
    slug, _, rest = hostname.partition(".")
    return slug if rest == platform_domain else ""


def slug_from(name: str) -> str:
    """A slug made of a name: "Grüne Energie" becomes grune-energie."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST].strip("-")


def free_key(name: str, taken: set[str]) -> str:
    """A slug of `name` that nobody has: "Grüne Energie" becomes grune-energie, or grune-energie-2."""
    key = slug_from(name) or "tenant"
    number = 2
    candidate = key
    while candidate in taken or candidate in RESERVED:
        candidate, number = f"{key}-{number}", number + 1
    return candidate


def _is_address(name: str) -> bool:
    """Whether it is an address, or would be taken for one: a top-level domain is never a number."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return name.rpartition(".")[2].isdigit()
    return True

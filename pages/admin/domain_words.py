"""How far a custom domain has come, as a status and in words: what it is, what it means, what to do."""

from enum import StrEnum
from typing import Final

from components.formats import Formats
from csms.tenants.dns import Found
from csms.tenants.domain_state import DomainState, ends_at, found_of, state_of
from models import CustomDomain

CHIPS: Final = {
    DomainState.WAITING: ("Preparing", "Waiting for DNS"),
    DomainState.WRONG: ("Faulted", "DNS is not right yet"),
    DomainState.TAKEN: ("Faulted", "In use elsewhere"),
    DomainState.VERIFIED: ("Finishing", "Verified"),
    DomainState.SERVED: ("Available", "Verified, certificate served"),
    DomainState.LOST: ("Faulted", "DNS has changed"),
    DomainState.EXPIRED: ("Unavailable", "Expired"),
}
"""Each state's look and word."""


def meaning(domain: CustomDomain, formats: Formats, *, is_https: bool) -> str:
    """A sentence or two on where it stands."""
    state, found = state_of(domain), found_of(domain)
    if found.is_silent:
        return "DNS did not answer when it was asked; it is asked again. Nothing changes meanwhile."
    if state is DomainState.LOST:
        return (
            "The records are no longer as they were. The domain answers until "
            f"{formats.moment(ends_at(domain))}; links lead to your other address meanwhile. Set the records again."
        )
    if state is DomainState.EXPIRED:
        return (
            "DNS has been wrong for a week, so the domain no longer answers. It does again once the records are right."
        )
    if state is DomainState.TAKEN:
        return "The records are right, but this name is in use on this platform already. Ask the platform's owner."
    if state is DomainState.SERVED:
        certificate = domain.certificate
        return f"It answers over HTTPS, with a certificate of {certificate.get('issuer') or 'an unnamed authority'}."
    if state is DomainState.VERIFIED:
        if not is_https:
            return "It answers. This installation runs without HTTPS, so there is no certificate to wait for."
        problem = domain.certificate.get("problem", "")
        return f"It answers; its certificate is being fetched. {problem}".strip()
    if state is DomainState.WRONG:
        return (
            "DNS answers, but not yet as it should: see below what was found. Changes often take minutes, sometimes "
            "hours, until they are seen; this page looks every few seconds."
        )
    return (
        "Set these two records where the domain is managed. It often takes minutes, sometimes hours, until they are "
        "seen; this page looks every few seconds."
    )


class Mark(StrEnum):
    """How one record stands."""

    FOUND = "found"
    WRONG = "wrong"
    MISSING = "missing"


def alias_words(found: Found, target: str) -> tuple[Mark, str]:
    """How the record stands that leads here, and what was found."""
    if found.leads_here:
        return Mark.FOUND, f"Leads to {target}." if found.alias else "Leads to our addresses."
    if found.alias:
        return Mark.WRONG, f"Leads to {found.alias} instead."
    if found.addresses:
        return Mark.WRONG, f"Leads to {', '.join(found.addresses)}, which is not here."
    return Mark.MISSING, "Nothing found yet."


def text_words(found: Found) -> tuple[Mark, str]:
    """How the proof stands, and what was found."""
    if found.is_proved:
        return Mark.FOUND, "Found."
    if found.texts:
        return Mark.WRONG, f"Found “{'”, “'.join(found.texts)}” instead."
    return Mark.MISSING, "Nothing found yet."


def apex_words(found: Found) -> str:
    """What to do where no CNAME can be."""
    ours = f"our addresses: {', '.join(found.ours)}" if found.ours else "our addresses"
    return (
        "At the very top of a domain (example.com itself) DNS allows no CNAME: set an ALIAS or ANAME record there, or "
        f"A and AAAA records with {ours}."
    )

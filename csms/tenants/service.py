"""Verbs of tenants, gathered: founding one, signing up for one, what it says of itself, and its own domains."""

from csms.tenants.domains import Domains
from csms.tenants.founding import FirstAdmin, Founded, NewTenant, first_password, found_tenant
from csms.tenants.organisation import Organisation, change_organisation
from csms.tenants.signing_up import Person, SignedUp, ask_to_sign_up, complete, invite, take_over, withdraw

__all__ = [
    "Domains",
    "FirstAdmin",
    "Founded",
    "NewTenant",
    "Organisation",
    "Person",
    "SignedUp",
    "ask_to_sign_up",
    "change_organisation",
    "complete",
    "first_password",
    "found_tenant",
    "invite",
    "take_over",
    "withdraw",
]

"""Verbs of access, gathered: signing in and out, people and their roles, one-time links."""

from csms.access.entrance import Entrance, Step, StepKind
from csms.access.passwords import hash_password
from csms.access.people import (
    FIRST_OWNER,
    add_membership,
    create_link,
    create_user,
    has_platform_owner,
    link_works,
    redeem_owner_link,
)
from csms.access.sessions import PLATFORM_OWNER, Door, actor_for_token, recognise, sign_out, touch

__all__ = [
    "FIRST_OWNER",
    "PLATFORM_OWNER",
    "Door",
    "Entrance",
    "Step",
    "StepKind",
    "actor_for_token",
    "add_membership",
    "create_link",
    "create_user",
    "has_platform_owner",
    "hash_password",
    "link_works",
    "recognise",
    "redeem_owner_link",
    "sign_out",
    "touch",
]

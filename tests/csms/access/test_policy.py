"""Roles and what they reach."""

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from csms.access.policy import Actor, Permission, allowed, require, require_grant
from csms.errors import PermissionDeniedError
from models import Role

VIEW = {"stations.view", "transactions.view", "audit.view", "tariffs.view"}
OPERATE = VIEW | {
    "stations.control",
    "stations.configure",
    "stations.manage",
    "transactions.repair",
    "frames.view",
    "tokens.view",
    "tokens.manage",
}
ADMINISTER = OPERATE | {"staff.manage", "brand.manage", "programs.manage", "tenant.manage"}


def actor(role: str) -> Actor:
    return Actor(1, "Ann", "ann@green.example", 1, role)


@pytest.mark.parametrize(
    ("role", "reach"),
    [(Role.VIEWER, VIEW), (Role.OPERATOR, OPERATE), (Role.ADMIN, ADMINISTER), ("", set())],
)
def test_each_role_reaches_what_it_should(role: str, reach: set[str]) -> None:
    assert {permission.value for permission in Permission if allowed(actor(role), permission)} == reach


def test_a_refusal_says_who_may() -> None:
    with pytest.raises(PermissionDeniedError, match=r"Viewer.*control stations.*Operator or Admin"):
        require(actor(Role.VIEWER), Permission.STATIONS_CONTROL)
    require(actor(Role.OPERATOR), Permission.STATIONS_CONTROL)


def test_a_refusal_is_in_the_log() -> None:
    with capture_logs() as told, pytest.raises(PermissionDeniedError):
        require(actor(Role.VIEWER), Permission.STAFF_MANAGE)
    assert [(line["event"], line["permission"], line["actor"]) for line in told] == [
        ("permission refused", "staff.manage", "ann@green.example")
    ]


def test_an_actor_without_an_address_is_named() -> None:
    assert Actor(None, "nightly job", "", 1, Role.ADMIN).words == "nightly job"


def test_a_program_has_its_scopes_and_no_more_than_its_role() -> None:
    program = Actor(None, "billing", "", 1, Role.OPERATOR, frozenset({"frames.view", "staff.manage"}))
    assert {permission.value for permission in Permission if allowed(program, permission)} == {"frames.view"}
    with pytest.raises(PermissionDeniedError, match=r"scope stations\.view"):
        require(program, Permission.STATIONS_VIEW)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_given_by_who_has_all_of_it(role: Role) -> None:
    people = Actor(1, "Ann", "ann@green.example", 1, Role.ADMIN)
    require_grant(people, role)
    program = replace(people, user_id=None, scopes=frozenset({Permission.STAFF_MANAGE}))
    with pytest.raises(PermissionDeniedError, match=f"cannot make somebody {role.title()}"):
        require_grant(program, role)

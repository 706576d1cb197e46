"""Documentation fails when it lies: what it lists is compared with the code."""

import re
from dataclasses import fields
from pathlib import Path

from csms.access.policy import Actor, Permission, allowed
from csms.api.resources.config import TenantConfig
from csms.bus.outside import BY_NAME
from csms.config import Settings
from csms.tenants.directory import TenantInfo
from models import Role
from pages.admin.brand_tokens import NAMES, TENANTS_OWN
from pages.web.tenant_config import public_config
from themes.brand import Brand

ROOT = Path(__file__).parent.parent
PEOPLE = ROOT / "docs/people.md"


def test_every_setting_is_documented() -> None:
    rows = re.findall(
        r"^\| `VOLTDECK_(\w+)` \| (.*?) \| (.*) \|$", (ROOT / "docs/settings.md").read_text(), re.MULTILINE
    )
    documented = {name.lower(): (default, meaning) for name, default, meaning in rows}
    assert documented.keys() == Settings.model_fields.keys()
    for name, field in Settings.model_fields.items():
        default, meaning = documented[name]
        assert meaning == field.description, name
        assert default.strip("`") == ("" if field.default is None else str(field.default)), name


def test_files_named_in_the_documents_exist() -> None:
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?://|#)([^)#]+)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_verbs_named_in_the_documents_exist() -> None:
    verbs = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]:
        assert set(re.findall(r"^(?:VOLTDECK_\S+ )?make ([a-z-]+)", page.read_text(), re.MULTILINE)) <= verbs


def test_every_outside_event_is_documented() -> None:
    rows = re.findall(r"^\| `([a-z]+\.[a-z_]+)` \| (.*) \|$", (ROOT / "docs/webhooks.md").read_text(), re.MULTILINE)
    assert dict(rows) == {name: outside.text for name, outside in BY_NAME.items()}


def test_the_table_of_roles_is_what_they_may() -> None:
    rows = re.findall(r"^\| .* \(`([a-z.]+)`\) \| (yes)? *\| (yes)? *\| (yes)? *\|$", PEOPLE.read_text(), re.MULTILINE)
    said = {permission: [mark == "yes" for mark in marks] for permission, *marks in rows}
    actors = [Actor(1, "Ann", "ann@example.com", 1, role) for role in Role]
    assert said == {str(one): [allowed(actor, one) for actor in actors] for one in Permission}


def test_the_audit_actions_of_people_are_those_written() -> None:
    told = set(re.findall(r"`([a-z_]+(?:\.[a-z_]+)?)`", PEOPLE.read_text().partition("## In the audit log")[2]))
    of_programs = ("grants.py", "programs.py")
    files = [path for path in (ROOT / "csms/access").glob("*.py") if path.name not in of_programs]
    source = "\n".join(path.read_text() for path in files)
    written = re.findall(r'\b(?:record|record_change)\([^"]*?"([a-z_]+(?:\.[a-z_]+)?)"', source)
    assert set(written) <= told
    assert all(f'"{action}"' in source for action in told)


def test_every_token_of_a_brand_is_documented() -> None:
    named = re.findall(
        r"^\| ((?:`\w+`(?:, )?)+) \| [A-Z]",
        (ROOT / "docs/branding.md").read_text().partition("## Logos")[0],
        re.MULTILINE,
    )
    tokens = {token for names in named for token in re.findall(r"`(\w+)`", names)}
    assert tokens == {field.name for field in fields(Brand)} - TENANTS_OWN == set(NAMES)


def test_every_field_of_the_public_config_is_documented() -> None:
    tenant = TenantInfo(1, "green", "Green", "EUR", "Europe/Berlin", "en", {}, ("green.localhost",), 0, 0, 1)
    config = TenantConfig.model_validate(public_config(tenant, "https://green.localhost"))
    page = (ROOT / "docs/branding.md").read_text().partition("## Other front ends")[2]
    told = {
        name.partition(".")[0]
        for row in re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
        for name in re.findall(r"`([\w.]+)`", row)
    }
    assert told == set(config.document())

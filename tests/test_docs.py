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
SECURITY = (ROOT / "docs/security.md").read_text()
# Requirements of levels 1 and 2: OWASP ASVS 5.0.0, but for V17 (WebRTC).
LEVELS_1_AND_2 = """
1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2 2.1.1-3 2.2.1-3 2.3.1-4 2.4.1-2 3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2
4.1.1-3 4.2.1-1 4.3.1-2 4.4.1-4 5.1.1-1 5.2.1-3 5.3.1-2 5.4.1-3 6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3
6.8.1-4 7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2 8.1.1-2 8.2.1-3 8.3.1-1 8.4.1-1 9.1.1-3 9.2.1-4 10.1.1-2
10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3 11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1-1 11.6.1-1 12.1.1-3
12.2.1-2 12.3.1-4 13.1.1-1 13.2.1-5 13.3.1-2 13.4.1-5 14.1.1-2 14.2.1-4 14.3.1-3 15.1.1-3 15.2.1-3 15.3.1-7 16.1.1-1
16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3
"""


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


def test_every_requirement_of_asvs_is_answered_once() -> None:
    told = [id for ids, _ in _answers() for id in ids.split(", ")]
    assert sorted(told) == sorted(_asked())
    for ids, answer in _answers():
        assert re.match(r"(yes|operator|partly|no|none)\b", answer), f"{ids}: {answer}"


def test_what_is_not_met_says_what_it_would_take() -> None:
    rows = re.findall(r"^\| ([\d., ]+) \| .+ \| .+ \|$", SECURITY.partition("## Not met, and why")[2], re.MULTILINE)
    explained = [id for ids in rows for id in ids.split(", ")]
    assert len(explained) == len(set(explained))
    open_ones = {id for ids, answer in _answers() if re.match(r"(partly|no)\b", answer) for id in ids.split(", ")}
    assert open_ones <= set(explained) <= set(_asked())


def test_tests_and_files_named_for_security_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", SECURITY)
    assert len(named) > 100
    for file, test in named:
        assert re.search(rf"^(async )?def {test}\(", (ROOT / file).read_text(), re.MULTILINE), f"{file}::{test}"
    for path in re.findall(r"`((?:csms|pages|models|themes|docs|deploy|requirements)/[\w./-]+)`", SECURITY):
        assert (ROOT / path).exists(), path
    for setting in re.findall(r"`VOLTDECK_(\w+)[`=]", SECURITY):
        assert setting.lower() in Settings.model_fields, setting


def _answers() -> list[tuple[str, str]]:
    """Requirements of a row, and how it begins its answer."""
    chapters = SECURITY.partition("# OWASP ASVS")[2].partition("## Not met, and why")[0]
    return re.findall(r"^\| (\d+\.[\d., ]+) \| [^|]+ \| ([^|]+) \|", chapters, re.MULTILINE)


def _asked() -> list[str]:
    parts = re.findall(r"(\d+\.\d+)\.(\d+)-(\d+)", LEVELS_1_AND_2)
    return [f"{section}.{number}" for section, first, last in parts for number in range(int(first), int(last) + 1)]

"""Documentation fails when it lies: what it lists is compared with the code."""

import re
from dataclasses import fields
from pathlib import Path

from csms.bus.outside import BY_NAME
from csms.config import Settings
from csms.tenants.directory import TenantInfo
from pages.admin.brand_tokens import NAMES, TENANTS_OWN
from pages.web.tenant_config import public_config
from themes.brand import Brand

ROOT = Path(__file__).parent.parent


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
    config = public_config(tenant, Brand(), "https://green.localhost")
    page = (ROOT / "docs/branding.md").read_text().partition("## Other front ends")[2]
    told = {
        name.partition(".")[0]
        for row in re.findall(r"^\| (`.+?`) \|", page, re.MULTILINE)
        for name in re.findall(r"`([\w.]+)`", row)
    }
    assert told == set(config)

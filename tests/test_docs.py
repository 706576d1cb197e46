"""Documentation fails when it lies: what it lists is compared with the code."""

import re
from pathlib import Path

from csms.bus.outside import BY_NAME
from csms.config import Settings

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

"""docs/conformance.md: every certification case, what stands for it, and how that went."""

import json
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "conformance.md"
SECTIONS = {
    "1.6": "OCPP 1.6",
    "2.0.1": "OCPP 2.0.1",
    "2.1": "OCPP 2.1",
    "rules": "Transport, data and what else every version shares",
}
Tests = dict[str, dict[str, str]]
"""By case: the tests that stand for it, and how each went."""


@dataclass(frozen=True)
class Case:
    """One certification case, in our words."""

    id: str
    version: str
    profile: str
    title: str
    certification: str

    @property
    def section(self) -> str:
        """Where on the page it stands."""
        return self.version if self.id.startswith("TC_") else "rules"


def cases() -> list[Case]:
    """Every case there is."""
    return [Case(**entry) for entry in json.loads((HERE / "cases.json").read_text())]


def exceptions() -> dict[str, str]:
    """Cases that are not met, and why."""
    return tomllib.loads((HERE / "exceptions.toml").read_text())


class Outcomes:
    """A pytest plugin that gathers how the tests of each case went."""

    def __init__(self) -> None:
        self.tests: Tests = defaultdict(dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep the worst a test came to: what fails in set-up or at its end has failed."""
        if report.when != "call" and report.passed:
            return
        name = report.nodeid.partition("[")[0].removeprefix("tests/")
        for kind, case in report.user_properties:
            if kind == "case" and self.tests[str(case)].get(name) != "failed":
                self.tests[str(case)][name] = report.outcome


def conformance_page(tests: Tests) -> str:
    """The page as Markdown."""
    why_not = exceptions()
    by_section: dict[str, list[Case]] = defaultdict(list)
    for case in cases():
        by_section[case.section].append(case)
    results = {case.id: result_of(tests.get(case.id, {}), why_not.get(case.id)) for case in cases()}
    parts = [_HEAD, _summary(by_section, results)]
    for section, title in SECTIONS.items():
        parts.append(f"\n## {title}\n")
        parts += [_table(profile, of_profile, results, tests) for profile, of_profile in _profiles(by_section[section])]
    return "\n".join(parts)


def result_of(tests: dict[str, str], why_not: str | None) -> str:
    """In a word, or the reason where there is none to be proud of."""
    if tests and all(outcome == "passed" for outcome in tests.values()):
        return "passes"
    if why_not is not None:
        return f"not met: {why_not}"
    return "**fails**" if tests else "**no test**"


def _summary(by_section: dict[str, list[Case]], results: dict[str, str]) -> str:
    rows = ["| | cases | pass | not met |", "|---|---|---|---|"]
    for section, title in SECTIONS.items():
        met = sum(results[case.id] == "passes" for case in by_section[section])
        rows.append(f"| {title} | {len(by_section[section])} | {met} | {len(by_section[section]) - met} |")
    return "\n".join(rows)


def _profiles(of_section: Iterable[Case]) -> list[tuple[str, list[Case]]]:
    by_profile: dict[str, list[Case]] = defaultdict(list)
    for case in of_section:
        by_profile[case.profile].append(case)
    return list(by_profile.items())


def _table(profile: str, of_profile: list[Case], results: dict[str, str], tests: Tests) -> str:
    rows = [f"\n### {profile}\n", "| case | what | result | tests |", "|---|---|---|---|"]
    for case in of_profile:
        named = "<br>".join(f"`{name}`" for name in sorted(tests.get(case.id, {})))
        rows.append(f"| {case.id.removesuffix('_CSMS')} | {case.title} | {results[case.id]} | {named} |")
    return "\n".join(rows)


_HEAD = """# Conformance

What the Open Charge Alliance's test cases ask of a central system, and rules of transport and data beyond them, each
with the test that plays it at the socket and how that went. Written by `make conformance`, which runs these tests;
titles are our own wording. No lab has certified this: it is what a lab would find by the same cases.
"""

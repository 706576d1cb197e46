"""The page of certification cases tells the truth: every case has a test or a reason."""

import runpy
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from tests.certification.page import Case, cases, conformance_page, exceptions, result_of

TESTS = Path(__file__).parents[1]


@cache
def marked() -> frozenset[str]:
    """Every id that some test is marked with, also by the marks of single parameters."""
    files = (path for path in TESTS.rglob("test_*.py") if path != Path(__file__) and "mark.case" in path.read_text())
    tests = (test for file in files for test in runpy.run_path(str(file)).values())
    return frozenset(case for test in tests for case in _cases_of(getattr(test, "pytestmark", [])))


def _cases_of(marks: Any) -> Iterator[str]:
    for mark in marks:
        if mark.name == "case":
            yield from mark.args
        elif mark.name == "parametrize":
            for parameter in mark.args[1]:
                yield from _cases_of(getattr(parameter, "marks", []))


def test_every_mark_is_a_case() -> None:
    assert marked() - {case.id for case in cases()} == set()


def test_every_case_has_a_test_or_a_reason() -> None:
    assert {case.id for case in cases()} - marked() - exceptions().keys() == set()


def test_no_reason_is_given_for_what_is_met() -> None:
    assert exceptions().keys() & marked() == set()


def test_results_in_words() -> None:
    assert result_of({"a": "passed", "b": "passed"}, None) == "passes"
    assert result_of({"a": "passed", "b": "failed"}, None) == "**fails**"
    assert result_of({}, None) == "**no test**"
    assert result_of({}, "no such thing") == "not met: no such thing"


def test_the_page_has_a_row_for_every_case() -> None:
    page = conformance_page({"TC_001_CSMS": {"x.py::test_boot": "passed"}})
    assert "| TC_001 | Cold boot | passes | `x.py::test_boot` |" in page
    assert sum(line.startswith("| ") and "case | what" not in line for line in page.splitlines()) >= len(cases())


def test_sections() -> None:
    assert Case("TC_001_CSMS", "1.6", "Core", "t", "c").section == "1.6"
    assert Case("X16_01", "1.6", "Beyond", "t", "c").section == "rules"

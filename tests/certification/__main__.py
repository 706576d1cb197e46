"""Plays every certification case and writes docs/conformance.md: `python -m tests.certification`."""

import sys

import pytest

from tests.certification.page import PAGE, Outcomes, conformance_page


def main() -> int:
    """Run, write, and say how it went: pytest's exit code."""
    outcomes = Outcomes()
    options = ["tests", "-m", "case and not browser", "-q", "--numprocesses=auto", "--dist=loadfile", "--durations=0"]
    code = pytest.main([*options, *sys.argv[1:]], plugins=[outcomes])
    PAGE.write_text(conformance_page(outcomes.tests))
    return int(code)


if __name__ == "__main__":
    raise SystemExit(main())

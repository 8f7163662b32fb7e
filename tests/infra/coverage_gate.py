"""A pytest plugin: `--domain-coverage=100` fails the run when the domain is covered by less."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

import coverage
import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

DOMAIN: Final = "app/domain/*"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option beside those of pytest-cov."""
    parser.getgroup("cov").addoption(
        "--domain-coverage",
        type=float,
        default=0.0,
        help="least per cent of lines and branches of app/domain (with --cov)",
    )


# Outside pytest-cov's own wrapper: its data of all processes is written when this goes on.
@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Measure after the last test, early enough for the exit code."""
    result = yield
    wanted: float = session.config.getoption("--domain-coverage")
    is_worker = hasattr(session.config, "workerinput")
    if wanted and not is_worker:
        covered, report = measure()
        if covered < wanted:
            session.testsfailed += 1
            session.config.stash[_SHORTFALL] = (
                f"{report}\nCoverage failure: app/domain is covered by {covered:.1f} %, "
                f"{wanted:.0f} % are wanted"
            )
    return result


def measure() -> tuple[float, str]:
    """Return the domain's coverage in per cent and the table of what is missing."""
    data = coverage.Coverage()
    data.load()
    table = io.StringIO()
    covered = data.report(include=[DOMAIN], show_missing=True, skip_covered=True, file=table)
    return covered, table.getvalue()


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say it before pytest's own last line."""
    shortfall = config.stash.get(_SHORTFALL, "")
    if shortfall:
        terminalreporter.write_sep("=", "coverage of app/domain")
        terminalreporter.write_line(shortfall, red=True)


_SHORTFALL: Final = pytest.StashKey[str]()

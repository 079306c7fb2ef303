"""Servers of the tests' own, before pytest-django reads settings; loaded with `-p tests.plugin`.

Servers that DATABASE_URL and REDIS_URL name are used as they are. Where CI is set, a skipped test is a failed one.
"""

import os
from collections.abc import Generator

import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

from config.local.home import ROOT, Home, HomeError, join_home, leave_home
from config.local.locks import FileLock

HOMES = 16  # test runs that may go on side by side


def _take_home() -> FileLock | None:
    """Name a home in the environment that no other test run has; None where one is given."""
    if given := os.environ.get("TEST_LIFEGRAPH_HOME"):
        os.environ["LIFEGRAPH_HOME"] = given
        return None
    for number in range(1, HOMES + 1):
        home = Home(ROOT / ".lifegraph" / ("test" if number == 1 else f"test-{number}"))
        home.path.parent.mkdir(mode=0o700, exist_ok=True)
        home.make()
        lock = home.lock("tests")
        if lock.take_alone():
            os.environ["LIFEGRAPH_HOME"] = str(home.path)
            return lock
        lock.close()
    pytest.exit("Too many test runs at once.", returncode=3)


def _join() -> tuple[Home, FileLock | None]:
    try:
        lock = _take_home()
        return join_home(), lock
    except HomeError as refusal:
        pytest.exit(str(refusal), returncode=3)


HOME, LOCK = _join()


def pytest_unconfigure() -> None:
    """Stop the servers as soon as the last test is over."""
    leave_home(HOME)
    if LOCK:
        LOCK.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _refuse_skips(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _refuse_skips(report)
    return report


def _refuse_skips(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"Skipped, which CI does not allow: {report.longrepr}"

"""Servers of the tests' own, before pytest-django reads settings; loaded with `-p tests.plugin`.

Servers that DATABASE_URL and REDIS_URL name are used as they are. Where CI is set, a skipped test is a failed one.
With `-n` each worker has a home and servers of its own but the first, who uses those of the process that was called:
transactions, locks and statistics of one server are seen from all its databases. Given servers serve one process alone.
"""

import os
from collections.abc import Generator
from pathlib import Path

import pytest

os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"

from config.local.home import EXPORTS, ROOT, Home, HomeError, join_home, leave_home
from config.local.locks import FileLock

HOMES = 32  # test runs and workers that may go on side by side
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")  # "gw0", "gw1"…; '' in the process that was called
GIVEN = [name for name in EXPORTS if os.environ.get(name)]
# What waits for processes and browsers begins, or one worker would end with it alone.
LONG = tuple(Path(__file__).parent / name for name in ("journeys", "drills", "browser", "config/local"))


def _take_home() -> FileLock | None:
    """Name a home in the environment that no other test run has; None where one is given."""
    if given := os.environ.get("TEST_LIFEGRAPH_HOME"):
        os.environ["LIFEGRAPH_HOME"] = f"{given}-{WORKER}" if WORKER else given
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


def _join_beside() -> tuple[Home | None, FileLock | None]:
    """For a worker, who has inherited the URLs of the process that started it."""
    if WORKER == "gw0":
        return None, None
    for names in EXPORTS.values():
        for name in names:
            os.environ.pop(name, None)
    return _join()


HOME, LOCK = _join_beside() if WORKER else _join()


def pytest_unconfigure() -> None:
    """Stop the servers as soon as the last test is over."""
    if HOME:
        leave_home(HOME)
    if LOCK:
        LOCK.close()


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """How many `-n auto` means: none beside given servers, else one for each core, as xdist counts them."""
    return 0 if GIVEN else None


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(specs: list[object]) -> None:
    if GIVEN and len(specs) > 1:
        raise pytest.UsageError(f"{' and '.join(GIVEN)} cannot serve {len(specs)} workers: unset it, or go without -n.")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(item.path.is_relative_to(folder) for folder in LONG))


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

"""Says at the end which outside programs were missing; in CI a skip is a failure."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

from tests.products import THOROUGH

pytest_plugins = (
    "tests.contracts.postgres",
    "tests.contracts.s3_server",
    "tests.contracts.databases",
    "tests.house",
    "tests.keys.softhsm",
)

# A busy machine is not a finding: how long an example takes never decides a test.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("dev", PATIENT, max_examples=300 if THOROUGH else 50)
# A gate must say the same about the same commit: new examples are drawn on people's machines.
settings.register_profile("ci", PATIENT, max_examples=300 if THOROUGH else 100, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


SELDOM = 20_000
"""New objects between two looks of the collector; its own 700 are for programs that stay small."""
LONG = ("slow", "judge", "journey")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes go first, so that no process is alone with one at the end."""
    long = {item.path for item in items if any(map(item.get_closest_marker, LONG))}
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish() -> None:
    """What was read until now stays, so the collector need not walk through it again and again."""
    gc.freeze()
    gc.set_threshold(SELDOM, *gc.get_threshold()[1:])


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """List every reason for a skip once, with what to do about it."""
    reasons = sorted(
        {
            str(report.longrepr[2]).removeprefix("Skipped: ")
            for report in terminalreporter.stats.get("skipped", [])
            if isinstance(report.longrepr, tuple)
        }
    )
    if reasons:
        terminalreporter.section("not looked at on this machine")
        for reason in reasons:
            terminalreporter.line(f"  {reason}")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Where everything is installed, nothing may be skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter.stats.get("skipped") if reporter else None
    if os.environ.get("CI") and skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED

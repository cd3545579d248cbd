"""Files that no maker of ours had a hand in: none is taken for ours, none brings anything down.

verifier.md goal 16. The files are the official schemas, samples, keys and negative vectors of
ELMO, the European Learning Model and W3C credentials (`ECHT_STANDARDS`): XML, JSON, JWS, SD-JWT,
and what is none of those.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests import judges
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import NUMBER, World
from verifier.ports import Status
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

pytestmark = [pytest.mark.judge, pytest.mark.slow]

HARMLESS = {VerdictCode.NOT_OURS, VerdictCode.NOT_ORIGINAL, VerdictCode.CANNOT_CHECK}
LEAST = 300
"""So many files are there at least: fewer would mean that we looked in the wrong place."""


@pytest.fixture(name="verifier")
def _verifier(world: World, sandbox: Sandbox) -> Verifier:
    statuses = MemoryStatuses({NUMBER: Status.GOOD})
    return a_verifier(world, index=MemoryIndex(), statuses=statuses, reading=sandbox)


def files() -> Iterator[Path]:
    return (path for path in sorted(judges.standards().rglob("*")) if path.is_file())


def test_no_file_of_others_is_ours_and_none_ends_the_room(
    verifier: Verifier, record_testsuite_property: Callable[[str, object], None]
) -> None:
    """The counts stand in the report of the run (`--junitxml`)."""
    counted: Counter[VerdictCode] = Counter()
    for path in files():
        verdict = verifier.verify(path.read_bytes())
        counted[verdict.code] += 1
        assert verdict.code in HARMLESS, path
        assert not {"room_died", "too_slow"} & set(verdict.reasons), path

    assert counted.total() >= LEAST
    assert counted[VerdictCode.NOT_OURS] > 0  # some are signed, by others
    record_testsuite_property("outside_files", {code.value: n for code, n in counted.items()})

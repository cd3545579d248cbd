"""Noticing who walks through our lists, without a trace in an answer (verifier.md 3.8, 4.14)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from tests.verifier.memory import MemoryIndex
from verifier.errors import IndexUnavailable
from verifier.watching import CANARY, OFTEN, WINDOW, Often, Watch, watched

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FILE, PLANTED = b"a file", b"a file that never was"
DIGEST, CANARY_DIGEST = (hashlib.sha256(one).hexdigest() for one in (FILE, PLANTED))
CANARY_NUMBER = "K7QD-3MXF-9TRA"


class OneCanary:
    """Knows one file and one number."""

    def is_file(self, sha256: str) -> bool:
        return sha256 == CANARY_DIGEST

    def is_number(self, text: str) -> bool:
        return text.strip() == CANARY_NUMBER


def a_watch(limit: int = 3, clock: Callable[[], datetime] = lambda: NOON) -> Watch:
    return Watch(OneCanary(), Often(limit, clock), lambda sha256: f"alias of {sha256[:4]}")


def told(watch: Watch) -> list[dict[str, object]]:
    with capture_logs() as logs:
        watch.tell()
    return [dict(one) for one in logs]


def test_a_canary_is_not_known_although_the_index_lists_it() -> None:
    index, watch = MemoryIndex(), a_watch()
    index.add(FILE, "number")
    index.add(PLANTED, "number")
    seen = watched(index, watch)

    assert seen.find(DIGEST) == index.find(DIGEST)
    assert seen.find(CANARY_DIGEST) is None
    assert seen.find("0" * 64) is None
    (alarm,) = told(watch)
    assert alarm == {
        "event": CANARY,
        "kind": "file",
        "request_id": None,
        "count": 1,
        "log_level": "warning",
    }


def test_an_alarm_is_raised_also_while_the_index_is_away() -> None:
    index, watch = MemoryIndex(), a_watch()
    index.available = False

    for sha256 in (CANARY_DIGEST, DIGEST):
        with pytest.raises(IndexUnavailable):
            watched(index, watch).find(sha256)
    with pytest.raises(IndexUnavailable):
        watched(index, watch).knows_covered(DIGEST)

    assert [one["event"] for one in told(watch)] == [CANARY]


def test_nothing_is_written_while_somebody_waits() -> None:
    """verifier.md 4.14: the time of an answer cannot tell a canary, whatever a log costs."""
    watch = a_watch()
    with capture_logs() as logs:
        watch.is_canary(CANARY_DIGEST)
        watch.heard(CANARY_NUMBER.encode())
        for _ in range(3):
            watch.checked(DIGEST)
    assert logs == []

    assert [one["event"] for one in told(watch)] == [CANARY, CANARY, OFTEN]
    assert told(watch) == []


@pytest.mark.parametrize("said", [b"", b"\xff" * 14, b"K7QD-3MXF-9TRB", b" " * 33 + b"K7QD"])
def test_what_is_no_canary_is_heard_and_forgotten(said: bytes) -> None:
    watch = a_watch()
    watch.heard(said)

    assert told(watch) == []


def test_many_alarms_are_counted_and_only_so_many_kept() -> None:
    watch = a_watch()
    for _ in range(1_500):
        watch.is_canary(CANARY_DIGEST)

    alarms = told(watch)
    assert len(alarms) == 1_000
    assert alarms[-1]["count"] == 1_500


def test_an_extract_that_is_checked_often_is_told_once_a_day_under_its_alias() -> None:
    now = [NOON]
    watch = a_watch(3, lambda: now[0])
    for _ in range(10):
        watch.checked(DIGEST)
    (alarm,) = told(watch)
    assert alarm == {
        "event": OFTEN,
        "alias": f"alias of {DIGEST[:4]}",
        "count": 1,
        "log_level": "warning",
    }

    now[0] += WINDOW - timedelta(seconds=1)
    watch.checked(DIGEST)
    assert told(watch) == []
    now[0] += timedelta(seconds=1)
    for _ in range(3):
        watch.checked(DIGEST)
    assert [one["count"] for one in told(watch)] == [2]


def test_checks_of_many_extracts_are_no_checks_of_one() -> None:
    often = Often(3, lambda: NOON)

    assert not any(often.again(f"{n:064x}") for n in range(100) for _ in range(2))


def test_a_clock_that_goes_back_begins_a_new_day() -> None:
    now = [NOON]
    often = Often(2, lambda: now[0])
    assert not often.again(DIGEST)
    now[0] -= timedelta(days=2)

    assert not often.again(DIGEST)
    assert often.again(DIGEST)


def test_counts_are_of_bounded_size_and_hold_no_fingerprint() -> None:
    often = Often(2, lambda: NOON, remembered=10)
    for n in range(1_000):
        often.again(f"{n:064x}")

    assert len(often._counts) == 10
    digests = {bytes.fromhex(f"{n:064x}") for n in range(1_000)}
    assert digests.isdisjoint(often._counts)
    assert Often(2, lambda: NOON)._key != often._key


def test_only_what_we_issued_is_counted() -> None:
    index, watch = MemoryIndex(), a_watch(2)
    for _ in range(5):
        watched(index, watch).find(DIGEST)

    assert told(watch) == []

"""One contract for every store of sessions: memory, SQLite, PostgreSQL (platform.md 4.1.1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from web.sessions import MemorySessions, PendingLogin, Session, SessionStore
from web.store import SqlSessions

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
VISITOR = Session("a" * 64, NOON, NOON)
NOOR = Session("b" * 64, NOON, NOON, user_ref="person-1", level="substantial")
PENDING = PendingLogin("state", "nonce", "verifier", "https://echt.example/login/callback", "nl")


@pytest.fixture(name="store", params=["memory", "sqlite", "postgresql"])
def _store(request: pytest.FixtureRequest) -> SessionStore:
    if request.param == "memory":
        return MemorySessions()
    return SqlSessions(request.getfixturevalue(f"{request.param}_engine"))


def test_a_session_comes_back_exactly(store: SessionStore) -> None:
    store.add(VISITOR)
    store.add(NOOR)

    assert store.find(VISITOR.digest) == VISITOR
    assert store.find(NOOR.digest) == NOOR
    assert store.find("c" * 64) is None


def test_a_sign_of_life_moves_one_session(store: SessionStore) -> None:
    store.add(VISITOR)
    store.add(NOOR)

    store.touch(NOOR.digest, NOON + timedelta(minutes=3))
    store.touch("c" * 64, NOON)

    assert store.find(NOOR.digest) == replace(NOOR, seen=NOON + timedelta(minutes=3))
    assert store.find(VISITOR.digest) == VISITOR


def test_a_login_on_its_way_is_handed_over_once(store: SessionStore) -> None:
    """platform.md 3.6: a replayed code finds no state."""
    store.add(VISITOR)
    store.put_pending(VISITOR.digest, replace(PENDING, state="older"))
    store.put_pending(VISITOR.digest, PENDING)

    assert store.find(VISITOR.digest) == replace(VISITOR, pending=PENDING)
    assert store.take_pending(VISITOR.digest) == PENDING
    assert store.take_pending(VISITOR.digest) is None
    assert store.take_pending("c" * 64) is None


def test_removing_ends_one_session(store: SessionStore) -> None:
    store.add(VISITOR)
    store.add(NOOR)

    store.remove(NOOR.digest)
    store.remove(NOOR.digest)

    assert store.find(NOOR.digest) is None
    assert store.find(VISITOR.digest) == VISITOR


def test_a_session_takes_the_place_of_another(store: SessionStore) -> None:
    """platform.md 3.7: a new secret after logging in, and the old one opens nothing."""
    store.add(VISITOR)

    store.replace(VISITOR.digest, NOOR)

    assert store.find(VISITOR.digest) is None
    assert store.find(NOOR.digest) == NOOR


def test_a_session_takes_the_place_of_one_that_ended_meanwhile(store: SessionStore) -> None:
    store.replace(VISITOR.digest, NOOR)

    assert store.find(NOOR.digest) == NOOR


def test_a_person_sees_and_ends_all_their_sessions(store: SessionStore) -> None:
    """platform.md 3.7: list and revoke."""
    later = replace(NOOR, digest="d" * 64, created=NOON + timedelta(minutes=1))
    other = replace(NOOR, digest="e" * 64, user_ref="person-2")
    for session in (VISITOR, NOOR, later, other):
        store.add(session)

    assert store.of_user("person-1") == (later, NOOR)
    assert store.remove_user("person-1") == 2
    assert store.of_user("person-1") == ()
    assert store.of_user("person-2") == (other,)
    assert store.find(VISITOR.digest) == VISITOR


def test_purging_forgets_the_old_and_the_idle(store: SessionStore) -> None:
    idle = replace(VISITOR, digest="1" * 64, seen=NOON - timedelta(minutes=16))
    old = replace(VISITOR, digest="2" * 64, created=NOON - timedelta(hours=3))
    for session in (VISITOR, idle, old):
        store.add(session)

    assert store.purge(NOON - timedelta(hours=2), NOON - timedelta(minutes=15)) == 2
    assert store.find(VISITOR.digest) == VISITOR
    assert store.find(idle.digest) is None
    assert store.find(old.digest) is None

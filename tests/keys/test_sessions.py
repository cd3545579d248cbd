"""The promise under test: nobody ever shares a session, and a lost token comes back by itself."""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import KeyUnavailable
from keys.pkcs11 import Pkcs11Signer, Token
from keys.sessions import SessionPool, TokenLost
from tests.keys.memory_token import MemoryToken
from tests.keys.softhsm import chain_of

DIGEST = hashlib.sha256(b"a document").digest()


def furnished(**token: float) -> tuple[MemoryToken, Pkcs11Signer]:
    memory = MemoryToken()
    opened = Token(memory, **token)  # type: ignore[arg-type]
    public = opened.generate("seal", "ES256")
    return memory, opened.signer("seal", chain_of(public))


def test_eight_threads_never_share_a_session() -> None:
    """platform.md 4.1.19: many more threads than sessions, and every session is used."""
    memory, signer = furnished(sessions=3)
    memory.during = lambda: time.sleep(0)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(signer.sign_digest, [DIGEST] * 800))

    assert memory.shared == []
    assert memory.connections == 1
    assert sum(session.uses for session in memory.sessions) >= 800


def test_as_many_signatures_run_at_once_as_there_are_sessions() -> None:
    memory, signer = furnished(sessions=3)
    together = threading.Barrier(3)

    def meet() -> None:
        together.wait(20)

    memory.during = meet

    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(signer.sign_digest, [DIGEST] * 3))

    assert len(made) == 3
    assert [session.uses > 0 for session in memory.sessions] == [True] * 3


@pytest.mark.parametrize("mishap", [MemoryToken.drop_sessions, MemoryToken.disconnect])
def test_a_lost_session_is_replaced_without_a_word(mishap: Callable[[MemoryToken], None]) -> None:
    memory, signer = furnished()

    mishap(memory)

    assert signer.sign_digest(DIGEST)
    assert memory.connections == 2


def test_sessions_lost_under_load_cost_no_signature_and_disturb_nobody() -> None:
    """The connection is never ended while a thread is inside one of its sessions."""
    memory, signer = furnished(sessions=4)
    memory.during = lambda: time.sleep(0)
    count = iter(range(10**9))

    def sign(_: int) -> bytes:
        if next(count) % 97 == 0:
            memory.drop_sessions()
        return signer.sign_digest(DIGEST)

    with ThreadPoolExecutor(8) as threads:
        made = [threads.submit(sign, number) for number in range(600)]
    failed = [one for one in made if one.exception() is not None]

    # One attempt more is made; two losses in a row are reported, never a wrong signature.
    assert all(isinstance(one.exception(), KeyUnavailable) for one in failed)
    assert len(failed) < len(made)
    assert (memory.shared, memory.ended_in_use) == ([], 0)


def test_a_token_that_was_pulled_out_is_reported_and_comes_back_without_a_restart() -> None:
    memory, signer = furnished()
    memory.pull()

    for _ in range(3):
        with pytest.raises(KeyUnavailable, match="no token in the slot"):
            signer.sign_digest(DIGEST)
    memory.present = True

    assert signer.sign_digest(DIGEST)


def test_a_key_that_is_gone_is_named() -> None:
    memory, signer = furnished()
    memory.keys.clear()

    with pytest.raises(KeyUnavailable, match=r"cannot sign with seal.*no such key"):
        signer.sign_digest(DIGEST)


def test_a_thread_does_not_wait_for_ever_for_a_session() -> None:
    memory, signer = furnished(sessions=1, patience=0.05)
    inside, go_on = threading.Event(), threading.Event()

    def stay() -> None:
        inside.set()
        go_on.wait(20)

    memory.during = stay
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(signer.sign_digest, DIGEST)
        inside.wait(20)
        with pytest.raises(KeyUnavailable, match="All 1 sessions of the token are busy"):
            signer.sign_digest(DIGEST)
        go_on.set()
        assert slow.result()


def test_a_queue_that_is_full_refuses_at_once() -> None:
    memory, signer = furnished(sessions=1, waiting=1, patience=20.0)
    inside, go_on = threading.Event(), threading.Event()

    def stay() -> None:
        inside.set()
        go_on.wait(20)

    memory.during = stay
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(signer.sign_digest, DIGEST)
        inside.wait(20)
        second = threads.submit(signer.sign_digest, DIGEST)
        while signer._token._pool._waiting == 0:
            time.sleep(0.001)
        with pytest.raises(KeyUnavailable, match="busy"):
            signer.sign_digest(DIGEST)
        go_on.set()
        assert first.result()
        assert second.result()


def test_what_a_token_was_asked_wrongly_does_not_cost_the_session() -> None:
    memory, signer = furnished()

    with pytest.raises(KeyUnavailable, match="already"):
        signer._token.generate("seal", "ES256")

    assert signer.sign_digest(DIGEST)
    assert memory.connections == 1


def test_a_forked_child_refuses_before_it_touches_a_lock() -> None:
    """PKCS#11 v2.40 does not survive a fork; the lock may be held by a thread that is not there."""
    memory, signer = furnished()
    pool: SessionPool = signer._token._pool
    with pool._changed:  # held at the moment of the fork
        child = os.fork()
        if child == 0:  # pragma: no cover - another process
            os._exit(_refuses(signer))
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    assert signer.sign_digest(DIGEST)
    assert memory.connections == 1


def _refuses(signer: Pkcs11Signer) -> int:
    try:
        signer.sign_digest(DIGEST)
    except KeyUnavailable as error:
        return 0 if "fork" in error.reason else 2
    return 1


def test_a_closed_token_is_opened_again_by_the_next_use() -> None:
    memory, signer = furnished()
    signer._token.close()
    assert not memory.connected

    assert signer.sign_digest(DIGEST)


@given(losses=st.lists(st.booleans(), max_size=30))
def test_whatever_is_lost_the_pool_lends_each_session_to_one_at_a_time(losses: list[bool]) -> None:
    memory = MemoryToken()
    pool = SessionPool(memory, size=2, patience=1.0, waiting=4)

    for lost in losses:
        with pytest.raises(TokenLost) if lost else nullcontext(), pool.session() as one:
            with pool.session() as other:
                assert one is not other
            if lost:
                raise TokenLost

    with pool.session() as one, pool.session() as other:
        assert {one, other} <= set(memory.sessions)
    assert memory.ended_in_use == 0

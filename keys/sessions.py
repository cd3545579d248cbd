"""A fixed number of sessions with a token, lent to one thread at a time each.

PKCS#11 allows one operation at a time in a session, and threads that share one mix up
their signatures. So a session is lent out whole, and nobody else can reach it until it
is back. A session that was lost takes all others with it: the pool waits until those
that are out have come back, connects afresh, and goes on.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from keys.custody import PublicKey
from keys.errors import KeysError, KeyUnavailable


class TokenLost(Exception):
    """The token, the session or the key in it went away in the middle of an operation."""


class TokenSession(Protocol):
    """One session with a token that is logged in; for one thread at a time."""

    def sign(self, kid: str, algorithm: str, digest: bytes) -> bytes:
        """The token's own form of a signature: r and s side by side, or PKCS#1 v1.5.

        Raises:
            TokenLost: the session is of no use any more.
            KeyRefused: this key could leave the token, so it is not used.
        """
        ...

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key that never leaves the token.

        Raises:
            TokenLost: the session is of no use any more.
            KeyUnavailable: there is a key of that name already.
        """
        ...


class Driver(Protocol):
    """The library that reaches the token; it is the process's own, so there is one."""

    def connect(self, sessions: int) -> tuple[TokenSession, ...]:
        """End whatever was before, log in once, and open that many sessions.

        Raises:
            KeyUnavailable: the token is out of reach, or does not take the PIN.
        """
        ...

    def disconnect(self) -> None:
        """Log out and close every session; nothing happens where none is open."""


class SessionPool:
    """Lends the sessions of one token.

    Args:
        driver: reaches the token; used by one thread at a time.
        size: how many sessions are held.
        patience: seconds that a thread waits for a session.
        waiting: how many threads may wait; the next one is refused at once.
    """

    def __init__(self, driver: Driver, *, size: int, patience: float, waiting: int) -> None:
        self._driver = driver
        self._size = size
        self._patience = patience
        self._most_waiting = waiting
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._idle: list[TokenSession] = []
        self._lent = 0
        self._waiting = 0
        self._lost = True  # until the first thread connects

    @contextmanager
    def session(self) -> Iterator[TokenSession]:
        """Hold one session alone for the length of the block.

        Raises:
            KeyUnavailable: no session came free in time, the token is out of reach, or
                the process was forked off one that holds the token.
        """
        session = self._take()
        try:
            yield session
        except KeysError:
            self._give_back(session)
            raise
        except BaseException:
            self._give_back(None)
            raise
        self._give_back(session)

    def close(self) -> None:
        """Wait for the sessions that are out and end them all; the next use connects again."""
        with self._changed:
            self._lost = True
            self._idle.clear()
            self._changed.wait_for(lambda: self._lent == 0, self._patience)
            self._driver.disconnect()

    def _take(self) -> TokenSession:
        if os.getpid() != self._process:  # before the lock: a child may inherit it held
            raise KeyUnavailable(
                "A token cannot be used after a fork: start worker processes by spawn."
            )
        with self._changed:
            self._wait()
            self._lent += 1
            if self._idle:
                return self._idle.pop()
        return self._connect()

    def _wait(self) -> None:
        if self._waiting >= self._most_waiting:
            raise _busy(self._size)
        self._waiting += 1
        try:
            free = self._changed.wait_for(self._may_take, self._patience)
        finally:
            self._waiting -= 1
        if not free:
            raise _busy(self._size)

    def _may_take(self) -> bool:
        return self._lent == 0 if self._lost else bool(self._idle)

    def _connect(self) -> TokenSession:
        """Connect afresh: nobody else is out, and nobody gets out until this is done."""
        try:
            first, *others = self._driver.connect(self._size)
        except BaseException:
            self._give_back(None)
            raise
        with self._changed:
            self._idle, self._lost = others, False
            self._changed.notify_all()
        return first

    def _give_back(self, session: TokenSession | None) -> None:
        """Take a session back; None says that it was lost, and all others with it."""
        with self._changed:
            self._lent -= 1
            if session is None:
                self._lost = True
                self._idle.clear()
            elif not self._lost:
                self._idle.append(session)
            self._changed.notify_all()


def _busy(size: int) -> KeyUnavailable:
    return KeyUnavailable(
        f"All {size} sessions of the token are busy: raise ECHT_TOKEN__SESSIONS, "
        "or look why the token is slow."
    )

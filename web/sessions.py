"""Sessions on the server: who is here, since when, and until when.

The browser holds a random secret of 256 bits; we keep only its hash, so a stolen
table opens no session. A session knows a person by the register's random id alone.
It ends after 15 idle minutes, after 2 hours, at logout, or when it is revoked.
"""

from __future__ import annotations

import dataclasses
import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=2)
TOUCH_AFTER = timedelta(minutes=1)
"""A session's clock is moved at most once a minute: a page view need not be a write."""
SWEEP_AFTER = timedelta(minutes=1)
"""Dead sessions are swept up at most once a minute: a login need not look at all of them."""
SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class PendingLogin:
    """What we must remember between sending somebody to log in and seeing them return."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    language: str
    then: str = ""
    """A path of ours to go back to, also after a login that failed; empty is the usual page."""
    since: int = 0
    """Seconds since 1970: who showed who they are before that has to do it again; 0 asks nobody."""


@dataclass(frozen=True, slots=True)
class Session:
    """One session as the store keeps it; `digest` is the hash of the browser's secret."""

    digest: str
    created: datetime
    seen: datetime
    user_ref: str | None = None
    """The register's id of the person; None for a visitor who has not logged in."""
    level: str = ""
    pending: PendingLogin | None = None


class SessionStore(Protocol):
    """Where sessions are kept. Moments are UTC in whole seconds."""

    def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def find(self, digest: str) -> Session | None:
        """The session with that hash, whatever its age."""
        ...

    def touch(self, digest: str, seen: datetime) -> None:
        """Move the last sign of life; nothing happens when the session is gone."""
        ...

    def put_pending(self, digest: str, pending: PendingLogin) -> None:
        """Remember a login on its way, instead of any earlier one."""
        ...

    def take_pending(self, digest: str) -> PendingLogin | None:
        """Hand over the login on its way, once: a second call finds nothing."""
        ...

    def replace(self, old: str, session: Session) -> None:
        """End a session and keep another in its place, together or not at all."""
        ...

    def remove(self, digest: str) -> None:
        """End one session."""
        ...

    def remove_user(self, user_ref: str) -> int:
        """End every session of a person; says how many."""
        ...

    def of_user(self, user_ref: str) -> tuple[Session, ...]:
        """Every session of a person, newest first."""
        ...

    def purge(self, created_before: datetime, seen_before: datetime) -> int:
        """Forget sessions made or last seen before those moments; says how many."""
        ...


class MemorySessions:
    """Sessions of one process: for the verifier, which has no database, and for tests."""

    def __init__(self) -> None:
        self._kept: dict[str, Session] = {}

    def add(self, session: Session) -> None:
        """Keep a new session."""
        self._kept[session.digest] = session

    def find(self, digest: str) -> Session | None:
        """The session with that hash, whatever its age."""
        return self._kept.get(digest)

    def touch(self, digest: str, seen: datetime) -> None:
        """Move the last sign of life."""
        self._change(digest, seen=seen)

    def put_pending(self, digest: str, pending: PendingLogin) -> None:
        """Remember a login on its way."""
        self._change(digest, pending=pending)

    def take_pending(self, digest: str) -> PendingLogin | None:
        """Hand over the login on its way, once."""
        found = self._kept.get(digest)
        self._change(digest, pending=None)
        return found.pending if found else None

    def replace(self, old: str, session: Session) -> None:
        """End a session and keep another in its place."""
        self._kept.pop(old, None)
        self._kept[session.digest] = session

    def remove(self, digest: str) -> None:
        """End one session."""
        self._kept.pop(digest, None)

    def remove_user(self, user_ref: str) -> int:
        """End every session of a person; says how many."""
        return self._drop(lambda session: session.user_ref == user_ref)

    def of_user(self, user_ref: str) -> tuple[Session, ...]:
        """Every session of a person, newest first."""
        found = [session for session in self._kept.values() if session.user_ref == user_ref]
        return tuple(sorted(found, key=lambda session: session.created, reverse=True))

    def purge(self, created_before: datetime, seen_before: datetime) -> int:
        """Forget sessions made or last seen before those moments; says how many."""
        return self._drop(lambda kept: kept.created < created_before or kept.seen < seen_before)

    def _change(self, digest: str, **changes: object) -> None:
        if digest in self._kept:
            self._kept[digest] = dataclasses.replace(self._kept[digest], **changes)  # type: ignore[arg-type]  # the three callers above pass the field's own type

    def _drop(self, unwanted: Callable[[Session], bool]) -> int:
        gone = [digest for digest, session in self._kept.items() if unwanted(session)]
        for digest in gone:
            del self._kept[digest]
        return len(gone)


class Sessions:
    """The rules of a session's life, over any store."""

    def __init__(
        self,
        store: SessionStore,
        *,
        clock: Callable[[], datetime],
        token: Callable[[int], str] = secrets.token_urlsafe,
    ) -> None:
        self._store = store
        self._clock = clock
        self._token = token
        self._swept = datetime.min.replace(tzinfo=UTC)

    def _now(self) -> datetime:
        return self._clock().replace(microsecond=0)

    def begin(self, user_ref: str | None = None, level: str = "") -> tuple[str, Session]:
        """Start a session; returns the browser's secret, which is kept nowhere else."""
        secret, session = self._new(user_ref, level)
        self._store.add(session)
        return secret, session

    def _new(self, user_ref: str | None, level: str) -> tuple[str, Session]:
        secret, now = self._token(SECRET_BYTES), self._now()
        return secret, Session(digest_of(secret), now, now, user_ref, level)

    def resume(self, secret: str) -> Session | None:
        """The living session behind a secret; an expired one is ended on the way."""
        session = self._store.find(digest_of(secret))
        if session is None:
            return None
        now = self._now()
        if now - session.seen >= IDLE or now - session.created >= ABSOLUTE:
            self._store.remove(session.digest)
            return None
        if now - session.seen >= TOUCH_AFTER:
            self._store.touch(session.digest, now)
        return session

    def sign_in(self, old: Session | None, user_ref: str, level: str) -> tuple[str, Session]:
        """Start a session for a person and end the one they came with (fixation).

        Dead sessions are swept up on the way, once a minute, so that nothing else has to.
        """
        # A clock that was put back is away from the last time, too, and must not stop all of it.
        if abs(self._now() - self._swept) >= SWEEP_AFTER:
            self.purge()
        if old is None:
            return self.begin(user_ref, level)
        secret, session = self._new(user_ref, level)
        self._store.replace(old.digest, session)
        return secret, session

    def await_login(self, session: Session, pending: PendingLogin) -> None:
        """Remember that this session was sent away to log in."""
        self._store.put_pending(session.digest, pending)

    def take_login(self, session: Session) -> PendingLogin | None:
        """The login that this session waits for, once."""
        return self._store.take_pending(session.digest)

    def end(self, session: Session) -> None:
        """End this session everywhere."""
        self._store.remove(session.digest)

    def revoke(self, user_ref: str) -> int:
        """End every session of a person; says how many."""
        return self._store.remove_user(user_ref)

    def of_user(self, user_ref: str) -> tuple[Session, ...]:
        """The sessions of a person, newest first."""
        return self._store.of_user(user_ref)

    def purge(self) -> int:
        """Forget every session that can no longer be resumed; says how many."""
        self._swept = now = self._now()
        return self._store.purge(now - ABSOLUTE, now - IDLE)


def digest_of(secret: str) -> str:
    """The hash under which a session is kept. The secret is random: no salt is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def form_token(secret: str) -> str:
    """The synchroniser token of a session's forms: bound to the secret, and not the secret."""
    return hmac.new(secret.encode(), b"echt form token", hashlib.sha256).hexdigest()

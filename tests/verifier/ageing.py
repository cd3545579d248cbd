"""Years go by: keys are replaced, certificates expire, lists are published anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from keys import hierarchy, publishing
from keys.trust import KeyState
from tests.verifier.sealed import publish

YEAR = timedelta(days=365)
SEALS_EXPIRED = timedelta(days=4 * 365)
"""An end certificate of a test hierarchy lives three years."""
SUCCEEDED = ("trust", "tsa", "ocsp")


def succeed(keys: Path, *, at: datetime, purposes: tuple[str, ...] = SUCCEEDED) -> None:
    """New keys take over at that moment, announced a month before; the old ones retire."""
    for purpose in purposes:
        old = hierarchy.open_signer(keys, purpose).key.kid
        new = hierarchy.announce(keys, purpose, now=at - timedelta(days=31))
        publishing.change_state(keys, new, KeyState.ACTIVE, at=at)
        publishing.change_state(keys, old, KeyState.RETIRED, at=at)


def compromise(keys: Path, purpose: str, *, since: datetime) -> None:
    """The key in use for a purpose fell into other hands at that moment."""
    kid = hierarchy.open_signer(keys, purpose).key.kid
    publishing.change_state(keys, kid, KeyState.COMPROMISED, at=since)


def list_of(keys: Path, *, at: datetime) -> bytes:
    """The trust list that is published at that moment."""
    return publish(keys, now=at)

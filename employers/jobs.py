"""The nouns of a batch: a job, its items, and what came of each. No file and no name in them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

MOST_DOCUMENTS = 1_000
"""verifier.md 3.6."""
MAX_BYTES = 256 * 1024 * 1024
"""Of all documents of a job together; our documents have about 100 kB."""
KEPT = timedelta(hours=24)
"""How long results can be fetched after the job was taken in."""
LEASE = timedelta(seconds=20)
"""A job whose process has not said for so long that it lives is over."""


class JobState(StrEnum):
    """How far a job is."""

    RUNNING = "running"
    FINISHED = "finished"
    INTERRUPTED = "interrupted"
    """The process that held the files is gone, and they with it: send the rest again."""


@dataclass(frozen=True, slots=True)
class Item:
    """One document, by its place in the job and its own hash; its name was never looked at."""

    position: int
    """From 1, in the order of sending."""
    sha256: str
    code: str = ""
    """The verdict; empty until there is one."""
    reasons: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One batch of one client."""

    job_id: str
    client_id: str
    created_at: datetime
    total: int
    state: JobState = JobState.RUNNING
    finished_at: datetime | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    """How many documents got each verdict so far."""

    @property
    def done(self) -> int:
        """How many documents have a verdict."""
        return sum(self.counts.values())

    @property
    def expires_at(self) -> datetime:
        """When the results are deleted."""
        return self.created_at + KEPT


def new_job_id() -> str:
    """A random name of 128 bits."""
    return secrets.token_hex(16)

"""Taking a job in: documents into the spool, the job into the books, and only then to work."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from employers.clients import Client
from employers.errors import (
    JobsBusy,
    JobTooLarge,
    KeyMissing,
    NoSuchJob,
    NotDocuments,
    TooManyDocuments,
)
from employers.jobs import MAX_BYTES, MOST_DOCUMENTS, Item, Job, new_job_id
from employers.spool import JobSpool, Spool
from employers.unpacking import MAX_ZIP, documents_in, is_archive
from employers.working import JobRunner
from verifier.intake import MAX_BYTES as MAX_DOCUMENT

KEY = re.compile(r"[\x21-\x7e]{1,128}")


class Book(Protocol):
    """Where jobs are written down."""

    def begin(self, job: Job, key: str, hashes: list[str], quota: int) -> tuple[Job, bool]:
        """A new job, or the one of that key."""
        ...

    def find(self, job_id: str, client_id: str, now: datetime) -> Job | None:
        """A job of this client."""
        ...

    def items(self, job_id: str, first: int, most: int) -> tuple[Item, ...]:
        """Items from a position on."""
        ...


@dataclass(slots=True)
class Batch:
    """The documents of one request, on their way into the spool."""

    spool: JobSpool
    hashes: list[str] = field(default_factory=list)
    size: int = 0
    archive: bytes | None = None
    """A ZIP that came first; it is a batch of its own if nothing follows it."""

    def add(self, data: bytes, sha256: str) -> None:
        """Take a document in. One that is too large was cut: its check says so.

        Raises:
            TooManyDocuments, JobTooLarge: it is more than one job takes.
            JobsBusy: the disk refuses.
        """
        if self.archive is not None:
            first, self.archive = self.archive, None
            self._keep(first[: MAX_DOCUMENT + 1], hashlib.sha256(first).hexdigest())
        if not self.hashes and is_archive(data):
            if len(data) > MAX_ZIP:
                raise JobTooLarge("A ZIP file has at most 64 MB.")
            self.archive = data
            return
        self._keep(data[: MAX_DOCUMENT + 1], sha256)

    def close(self) -> None:
        """Unpack a ZIP that came alone.

        Raises:
            UnreadableArchive, TooManyDocuments, JobTooLarge: it cannot be a job.
            NotDocuments: there is no document at all.
        """
        if self.archive is not None:
            archive, self.archive = self.archive, None
            for document in documents_in(archive):
                self._keep(document, hashlib.sha256(document).hexdigest())
        if not self.hashes:
            raise NotDocuments("Send at least one document.")

    def _keep(self, data: bytes, sha256: str) -> None:
        self.size += len(data)
        if len(self.hashes) == MOST_DOCUMENTS:
            raise TooManyDocuments("A job takes at most 1,000 documents.")
        if self.size > MAX_BYTES:
            raise JobTooLarge("A job takes at most 256 MB.")
        self.hashes.append(sha256)
        with _on_disk():
            self.spool.put(len(self.hashes), data)


@contextmanager
def _on_disk() -> Iterator[None]:
    """Where the disk refuses, jobs wait outside; nothing of this one is kept.

    Raises:
        JobsBusy: the disk is full, or gone.
    """
    try:
        yield
    except OSError as cause:
        raise JobsBusy("Jobs cannot be taken in right now. Try again in a minute.") from cause


@dataclass(frozen=True, slots=True)
class Desk:
    """Where jobs come in, and where they are asked after."""

    book: Book
    spool: Spool
    runner: JobRunner
    clock: Callable[[], datetime]

    def batch(self, key: str) -> Batch:
        """Make ready for the documents of a request.

        Raises:
            KeyMissing: the Idempotency-Key cannot be used.
            JobsBusy: too many jobs wait already, or the disk refuses.
        """
        if not KEY.fullmatch(key):
            raise KeyMissing("Send an Idempotency-Key of 1 to 128 visible characters.")
        self.runner.room()
        with _on_disk():
            return Batch(self.spool.open())

    def submit(self, client: Client, key: str, batch: Batch) -> Job:
        """Write the job down and begin; the same key and documents give the same job.

        Raises:
            KeyReused, QuotaExceeded: see `Book.begin`.
            UnreadableArchive, TooManyDocuments, JobTooLarge, NotDocuments: see `Batch.close`.
        """
        batch.close()
        asked = Job(
            new_job_id(),
            client.client_id,
            self.clock().replace(microsecond=0),
            len(batch.hashes),
        )
        job, is_new = self.book.begin(asked, key, batch.hashes, client.quota)
        if is_new:
            self.runner.add(job, tuple(batch.hashes), batch.spool)
        else:
            batch.spool.close()
        return job

    def job(self, client: Client, job_id: str) -> Job:
        """A job of this client.

        Raises:
            NoSuchJob: there is none of that name; whether somebody else has one is not told.
        """
        found = self.book.find(job_id, client.client_id, self.clock())
        if found is None:
            raise NoSuchJob
        return found

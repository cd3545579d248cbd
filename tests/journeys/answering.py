"""A verifier of which every source answers, on loopback, for a browser to check files at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page

from tests.attacks import originals
from tests.attacks.originals import Originals
from tests.listening import a_place, served
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryHashes, MemoryShares
from tests.verifier.receipts.test_receipts import a_desk
from tests.verifier.site import a_site
from verifier import bucket_api
from verifier.buckets import Buckets
from verifier.ports import Status
from verifier.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Answering:
    """Where it listens, and the documents that it knows."""

    address: str
    made: Originals


@contextmanager
def answering_site(folder: Path) -> Iterator[Answering]:
    """Serve until the end of the block; receipts are signed and buckets are of this moment."""
    made = originals.make(folder)
    index, statuses = made.index(), made.statuses()
    files = {
        made.sealed: Status.GOOD,
        made.archived: Status.GOOD,
        made.superseded: Status.SUPERSEDED,
        made.withdrawn: Status.WITHDRAWN,
    }
    buckets = Buckets(MemoryHashes(files), lambda: datetime.now(UTC))
    desk = a_desk(made.world, index=index, statuses=statuses)
    with Sandbox(size=1) as rooms, a_place() as (listener, address):
        verifier = a_verifier(
            made.world, index=index, statuses=statuses, reading=rooms, shares=MemoryShares()
        )
        site = a_site(verifier, address, desk=desk, buckets=bucket_api.Deps(files=buckets))
        with served(site, listener):
            yield Answering(address, made)


def check_file(page: Page, file: Path) -> None:
    """Choose a file and wait for the first answer, which is of the browser where it can."""
    page.set_input_files("input[type=file]", str(file))
    page.locator("form:has(input[type=file]) button[type=submit]").click()
    page.locator("[data-send], .echt-verdict").first.wait_for()

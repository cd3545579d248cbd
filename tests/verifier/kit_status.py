"""What a status decides: vectors, and the recorded answers by which they are judged.

The answers lie in `status/` as the service gives them (`docs/verify/status.md`): the buckets of
files and of numbers, and of shared links the secrets that still open.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from credentials.extract import Language
from tests.attacks.originals import REPLACED, TAKEN_BACK
from tests.credentials.people import extract
from tests.verifier import coded
from tests.verifier.sealed import ADDRESS, FACTS, NOW, NUMBER, World
from tests.verifier.vectors import CANNOT, CURRENT, GENUINE, Vector
from verifier.buckets import Buckets, prefix_of
from verifier.errors import IndexUnavailable, StatusUnavailable
from verifier.ports import HashStatus, IssuedDocument, Status
from verifier.verdict import VerdictCode

FOLDER = "status"
UNLISTED = "Q4KD-M2PX-7RTA"
"""The number of a document of which nobody can say how it stands."""
STATUSES = {
    NUMBER: Status.GOOD,
    extract("hbo", Language.NL).number: Status.GOOD,
    REPLACED: Status.SUPERSEDED,
    TAKEN_BACK: Status.WITHDRAWN,
}
FILLERS = 330
"""Entries of other documents: so many that there is more than one bucket."""
OPEN, ENDED = "o" * 32, "e" * 32
"""Secrets of shared links."""
DECIDED = {
    "superseded": (REPLACED, VerdictCode.SUPERSEDED),
    "withdrawn": (TAKEN_BACK, VerdictCode.WITHDRAWN),
    "not-listed": (UNLISTED, GENUINE),
}


def vectors(world: World) -> Iterator[Vector]:
    """What is genuine by its seal and something else by the register's word of today."""
    for name, (number, today) in DECIDED.items():
        sealed = world.seal(world.page(facts=FACTS | {"number": number}))
        yield Vector("pdf", f"status-{name}", sealed, GENUINE, today=today)
        text = coded.OURS + coded.letters(coded.statement(world, coded.CLAIMS | {1: number}))
        yield Vector("qr", f"status-{name}", text.encode(), GENUINE, today=today)
    ended = "a link of which nobody offline can say whether it still opens"
    link = f"https://{ADDRESS}/nl/share#"
    yield Vector("share", "ended", (link + ENDED).encode(), CANNOT, ended, VerdictCode.SHARE_ENDED)
    still = "a link that still opens is opened, not checked"
    yield Vector("share", "open", (link + OPEN).encode(), CANNOT, still)


@dataclass(frozen=True, slots=True)
class _Listed:
    """`BucketSource` over what is given."""

    known: Mapping[str, Status]

    def as_of(self) -> datetime:
        return NOW

    def sizes(self) -> Mapping[int, int]:
        return Counter(int(one[:4], 16) for one in self.known)

    def between(self, first: str, last: str) -> Sequence[HashStatus]:
        listed = sorted(self.known.items())
        return [HashStatus(key, status) for key, status in listed if first <= key <= last]


def write(into: Path, made: Sequence[Vector]) -> None:
    """Record what the service answers at the moment of the kit."""
    numbers = {_sha256(number.encode()): status for number, status in STATUSES.items()}
    _record(into, "hash-buckets", dict(_issued(made)))
    _record(into, "status-buckets", numbers)
    (into / "shares.json").write_text(json.dumps({"open": [OPEN]}) + "\n", encoding="utf-8")


def _issued(made: Sequence[Vector]) -> Iterator[tuple[str, Status]]:
    """The sealed files as they were handed out, not what became of them."""
    words = {VerdictCode.SUPERSEDED: Status.SUPERSEDED, VerdictCode.WITHDRAWN: Status.WITHDRAWN}
    words[CURRENT] = Status.GOOD
    for one in made:
        if one.kind == "pdf" and one.known_today in words and "cut-back" not in one.variant:
            yield _sha256(one.data), words[one.known_today]


def _record(into: Path, name: str, known: Mapping[str, Status]) -> None:
    others = {_sha256(f"{name} {n}".encode()): list(Status)[n % 3] for n in range(FILLERS)}
    buckets = Buckets(_Listed({**others, **known}), clock=lambda: NOW)
    bits = buckets.width().bits
    (into / name).mkdir(parents=True, exist_ok=True)
    about = json.dumps(buckets.about()) + "\n"
    (into / f"{name}.json").write_text(about, encoding="utf-8")
    for number in range(1 << bits):
        prefix = prefix_of(f"{number << (256 - bits):064x}", bits)
        (into / name / f"{prefix}.json").write_bytes(buckets.bucket(prefix))


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True, slots=True)
class Recorded:
    """The verifier's ports over those answers, read as the pages of the kit say."""

    folder: Path

    def find(self, sha256: str) -> IssuedDocument | None:
        """Whether a file is in its bucket; buckets tell no number."""
        return None if self._in("hash-buckets", sha256) is None else IssuedDocument(None)

    def knows_covered(self, digest: str) -> bool:
        """No bucket tells which seals were recorded."""
        raise IndexUnavailable(digest)

    def status(self, document_number: str) -> Status:
        """How a document stands."""
        found = self._in("status-buckets", _sha256(document_number.encode()))
        if found is None:
            raise StatusUnavailable("It is not in its bucket.")
        return Status(found)

    def _in(self, name: str, key: str) -> str | None:
        bits = json.loads((self.folder / f"{name}.json").read_bytes())["bits"]
        place = self.folder / name / f"{prefix_of(key, bits)}.json"
        entries = dict(json.loads(place.read_bytes())["entries"])
        found = entries.get(key[bits // 4 : 32])
        return None if found is None else str(found)

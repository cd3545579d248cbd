"""Extracts at every level, with every kind of key, of 1, 2 and 3 pages, in three languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

from credentials.extract import Extract, Language, Purpose
from credentials.pades import SplicePreserver, SpliceSealer
from credentials.sealing import Level, SealProfile
from keys import hierarchy, states
from keys.custody import SealSigner
from keys.revoking import RevocationIssuer, open_issuer
from keys.timestamps import EmbeddedAuthority, Timestamper
from tests.credentials.paper import SAME_KEY, payload, renderer
from tests.credentials.people import ISSUED, sixty_results

RESULTS = {1: 0, 2: 20, 3: 50}
"""How many results of the person with sixty fill that many pages, in every language."""
EXAMPLE_POLICY = "1.3.6.1.4.1.32473.1"
"""A number set aside for examples (RFC 5612): some readers know no longer ones, such as UUIDs."""
SEAL_KEYS = ("seal", "seal-p384", "seal-rsa")


@dataclass(frozen=True, slots=True)
class Document:
    """One file on disk, and what we say of it."""

    path: Path
    level: Level | None
    """None: not sealed."""
    pages: int
    language: Language
    purpose: str = ""
    """Which key sealed it; none where it is not sealed."""

    @property
    def is_last_word(self) -> bool:
        """Whether the seal is the newest update: then it covers the whole file."""
        return self.level in {Level.B_B, Level.B_T}


@dataclass(frozen=True, slots=True)
class Office:
    """Everything that seals, as of one moment."""

    keys: Path
    at: datetime
    revocation: RevocationIssuer
    timestamper: Timestamper

    @classmethod
    def at_work(cls, folder: Path, *, ago: timedelta = timedelta(0)) -> Office:
        """An office at work so long ago, an hour after it opened."""
        now = datetime.now(UTC).replace(microsecond=0) - ago
        keys = folder / "keys"
        hierarchy.make(keys, now=now - timedelta(hours=1))
        return cls.of(keys, now)

    @classmethod
    def of(cls, keys: Path, now: datetime) -> Office:
        """The office of these keys, its clock standing at that moment."""
        revocation = open_issuer(keys, keys.parent / f"pki-{now:%Y%m%d%H%M%S}", clock=lambda: now)
        signer = hierarchy.open_signer(keys, "tsa")
        stamper = EmbeddedAuthority(signer, clock=lambda: now, policy=EXAMPLE_POLICY)
        return cls(keys, now, revocation, stamper)

    @property
    def root(self) -> bytes:
        """The one certificate to trust, in DER."""
        return hierarchy.root_of(self.keys)

    def signer(self, purpose: str) -> SealSigner:
        """The key of that purpose."""
        return hierarchy.open_signer(self.keys, purpose)

    def seal(self, draft: bytes, level: Level, purpose: str = "seal") -> bytes:
        """The draft, sealed at that level."""
        sealer = SpliceSealer(
            self.signer(purpose),
            SealProfile(level=level, reason="Geprüfter Auszug (test)", location="Groningen"),
            clock=lambda: self.at,
            timestamper=self.timestamper,
            revocation=self.revocation,
        )
        return sealer.seal(sealer.prepare(draft))

    def preserve(self, document: bytes) -> bytes:
        """The document with one more archive time-stamp of this moment."""
        chains = [self.signer(purpose).chain for purpose in SEAL_KEYS]
        book = states.load(self.keys)
        stamping = [entry.certificates for entry in book.keys if entry.purpose == "tsa"]
        preserver = SplicePreserver(
            self.timestamper, self.revocation, chains=chains, listed=lambda: stamping
        )
        return preserver.preserve(document)


def draft(pages: int, language: Language) -> bytes:
    """An unsealed extract of that many pages."""
    record = sixty_results()
    results = record.award.results[: RESULTS[pages]]
    shortened = replace(record, award=replace(record.award, results=results))
    stated = Extract("K7QD-3MXF-9TRA", language, Purpose.GENERAL, ISSUED, shortened)
    return renderer().render(stated, payload(stated, SAME_KEY))


def drawn(folder: Path) -> list[Document]:
    """The nine drafts."""
    made = []
    for pages, language in product(RESULTS, Language):
        path = folder / f"draft-{pages}-{language}.pdf"
        path.write_bytes(draft(pages, language))
        made.append(Document(path, None, pages, language))
    return made


def sealed(office: Office, drafts: list[Document]) -> Iterator[Document]:
    """Each draft at every level with every kind of key."""
    for one, level, purpose in product(drafts, Level, SEAL_KEYS):
        path = one.path.with_name(f"{purpose}-{level}-{one.pages}-{one.language}.pdf")
        path.write_bytes(office.seal(one.path.read_bytes(), level, purpose))
        yield replace(one, path=path, level=level, purpose=purpose)


def preserved(office: Office, drafts: list[Document]) -> Iterator[Document]:
    """With each kind of key: made archival afterwards, and at B-LTA from the start and renewed."""
    for (level, updates), purpose in product(((Level.B_T, 1), (Level.B_LTA, 2)), SEAL_KEYS):
        document = office.seal(drafts[0].path.read_bytes(), level, purpose)
        for _ in range(updates):
            document = office.preserve(document)
        path = drafts[0].path.with_name(f"{purpose}-{level}-preserved.pdf")
        path.write_bytes(document)
        yield replace(drafts[0], path=path, level=Level.B_LTA, purpose=purpose)

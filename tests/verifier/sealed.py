"""Genuine sealed files for the verifier's tests, made with our own keys and sealer.

The page is a small one of our own, so that these tests need nothing of the renderer;
the seal is the real one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import typst

from credentials.pades import SplicePreserver, SpliceSealer
from credentials.sealing import Level, SealProfile
from keys import hierarchy, publishing, states
from keys.revocation import RevocationData
from keys.revoking import RevocationIssuer, open_issuer
from keys.timestamps import EmbeddedAuthority

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
SEALED = NOW - timedelta(hours=1)
SEAL_KEYS = ("seal", "seal-p384", "seal-rsa")
ADDRESS = "echt.voorbeeld.nl"
NUMBER = "K7QD-3MXF-9TRA"
FACTS: dict[str, Any] = {
    "format": "echt-extract",
    "version": 1,
    "template": "1",
    "number": NUMBER,
    "issuedAt": "2026-11-21T13:00:00Z",
    "language": "en",
    "holder": {
        "name": "Noor van den Łukasiewicz-Özdemir",
        "birthDate": "2001-05-14",
        "birthPlace": "Zwolle",
        "birthCountry": "NL",
    },
    "award": {"sector": "hbo", "awarded": "2024-07-05", "result": "passed"},
    "programme": {
        "code": "99001",
        "scheme": "croho",
        "title": [
            {"language": "nl", "text": "Bachelor Verpleegkunde"},
            {"language": "en", "text": "Bachelor Nursing"},
        ],
        "nlqf": "6",
        "eqf": 6,
    },
    "institution": {
        "code": "00XX",
        "scheme": "brin",
        "country": "NL",
        "name": "Hogeschool De Horst",
        "nameToday": "Hogeschool IJsselstroom",
        "codeToday": "00XX",
    },
    "results": [
        {
            "subject": [{"language": "nl", "text": "Klinisch redeneren"}],
            "final": "8",
            "credits": "15",
            "counted": True,
        }
    ],
}
_PAGE = """#set document(title: "Extract", date: datetime(year: 2026, month: 11, day: 21))
#set text(lang: "en")
#pdf.attach("extract.json", bytes(sys.inputs.facts), relationship: "data",
  mime-type: "application/json", description: "Facts")
= Extract
#for page in range(int(sys.inputs.pages)) [ #if page > 0 [#pagebreak()] Page #page of marks. ]
"""


@dataclass(frozen=True, slots=True)
class World:
    """A test hierarchy with everything that seals and everything that is published."""

    folder: Path
    keys: Path
    trust: bytes

    def page(self, *, facts: dict[str, Any] | None = None, pages: int = 1) -> bytes:
        """An unsealed page as our renderer's program writes it, machine data inside."""
        source = self.folder / "page.typ"
        source.write_text(_PAGE, encoding="utf-8")
        stated = json.dumps(FACTS if facts is None else facts)
        inputs = {"facts": stated, "pages": str(pages)}
        compiler = typst.Compiler(str(source), sys_inputs=inputs)
        made = compiler.compile(
            format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=int(NOW.timestamp())
        )
        assert isinstance(made, bytes)
        return made + b"\n"

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates of the default seal key in DER, its own first."""
        return hierarchy.open_signer(self.keys, "seal").chain

    def timestamper(self, at: datetime = NOW) -> EmbeddedAuthority:
        """The time-stamp authority of this hierarchy, at that moment."""
        return hierarchy.open_timestamper(self.keys, clock=lambda: at)

    def revocation(self, at: datetime = NOW, purpose: str = "seal") -> RevocationData:
        """What this hierarchy publishes about a seal key at that moment."""
        chain = hierarchy.open_signer(self.keys, purpose).chain
        return self.revocation_source(at).data_for(chain)

    def revocation_source(self, at: datetime = NOW) -> RevocationIssuer:
        """Who signs revocation data at that moment; one folder for each, as each is new."""
        into = self.folder / f"pki-{at:%Y%m%d%H%M%S}"
        return open_issuer(self.keys, into, clock=lambda: at)

    def sealer(
        self, level: Level = Level.B_T, *, purpose: str = "seal", at: datetime = SEALED
    ) -> SpliceSealer:
        """The sealer of this hierarchy at a level, its clock standing still."""
        return SpliceSealer(
            hierarchy.open_signer(self.keys, purpose),
            SealProfile(level=level),
            clock=lambda: at,
            timestamper=self.timestamper(at),
            revocation=self.revocation_source(at),
        )

    def seal(
        self,
        page: bytes,
        level: Level = Level.B_T,
        *,
        purpose: str = "seal",
        at: datetime = SEALED,
    ) -> bytes:
        """Seal a page with a key of this hierarchy, time-stamped at that moment."""
        sealer = self.sealer(level, purpose=purpose, at=at)
        return sealer.seal(sealer.prepare(page))

    def preserve(self, sealed: bytes, *, at: datetime = NOW) -> bytes:
        """Put new validation data and one more archive time-stamp over a file."""
        book = states.load(self.keys).keys
        chains = [one.certificates for one in book if one.purpose == "seal"]
        listed = [one.certificates for one in book if one.purpose == "tsa"]
        stamper, revocation = self.timestamper(at), self.revocation_source(at)
        preserver = SplicePreserver(stamper, revocation, chains=chains, listed=lambda: listed)
        return preserver.preserve(sealed)


def make_world(folder: Path) -> World:
    """Make a hierarchy a day before `NOW` and publish its trust list."""
    keys = folder / "keys"
    hierarchy.make(keys, now=NOW - timedelta(days=1))
    return World(folder, keys, publish(keys))


def publish(keys: Path, *, now: datetime = NOW) -> bytes:
    """Publish the trust list of a key folder, and give it back."""
    publishing.publish(keys, hierarchy.open_signer(keys, "trust"), now=now)
    return (keys / publishing.LIST).read_bytes()

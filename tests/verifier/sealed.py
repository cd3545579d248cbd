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

from credentials.pades import ReferenceSealer
from credentials.sealing import SealProfile
from keys import hierarchy, publishing

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
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

    def seal(self, page: bytes, *, purpose: str = "seal", at: datetime | None = None) -> bytes:
        """Seal a page with a key of this hierarchy, time-stamped at that moment."""
        signer = hierarchy.open_signer(self.keys, purpose)
        moment = at or NOW - timedelta(hours=1)
        stamper = hierarchy.open_timestamper(self.keys, clock=lambda: moment)
        sealer = ReferenceSealer(signer, stamper, SealProfile())
        prepared = sealer.prepare(page)
        if purpose.startswith("seal"):
            return sealer.seal(prepared)
        # A key that may not seal: the sealer's own check would stop it, so that is left out.
        return sealer._fill(prepared, sealer._sign(prepared.covered_digest))


def make_world(folder: Path) -> World:
    """Make a hierarchy a day before `NOW` and publish its trust list."""
    keys = folder / "keys"
    hierarchy.make(keys, now=NOW - timedelta(days=1))
    return World(folder, keys, publish(keys))


def publish(keys: Path) -> bytes:
    """Publish the trust list of a key folder as of `NOW`."""
    publishing.publish(keys, hierarchy.open_signer(keys, "trust"), now=NOW)
    return (keys / publishing.LIST).read_bytes()

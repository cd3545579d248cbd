"""Keys, an authority and revocation data to seal with, and a stranger's library to judge by."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import typst
from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext

from credentials.pades import ReferenceSealer, SplicePreserver, SpliceSealer
from credentials.sealing import Level, SealProfile
from keys import hierarchy
from keys.custody import SealSigner
from keys.revoking import RevocationIssuer, open_issuer
from keys.timestamps import EmbeddedAuthority

NOW = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
PURPOSES = ("seal", "seal-p384", "seal-rsa")
SEALERS: dict[str, type[SpliceSealer | ReferenceSealer]] = {
    "splice": SpliceSealer,
    "reference": ReferenceSealer,
}
_PAGE = """#set document(title: "A page", date: datetime(year: 2026, month: 11, day: 21))
#set text(lang: "en")
#pdf.attach("extract.json", bytes("{}"), relationship: "data",
  mime-type: "application/json", description: "Facts")
= A page
#for page in range(int(sys.inputs.pages)) [ #if page > 0 [#pagebreak()] Page #page of marks. ]
"""


@dataclass(frozen=True, slots=True)
class SealingWorld:
    """One test hierarchy, a clock that stands still, and everything to seal with."""

    folder: Path
    authority: EmbeddedAuthority
    revocation: RevocationIssuer

    def signer(self, purpose: str = "seal") -> SealSigner:
        """A seal key of this hierarchy."""
        return hierarchy.open_signer(self.folder / "keys", purpose)

    def sealer(
        self,
        level: Level = Level.B_T,
        *,
        purpose: str = "seal",
        kind: str = "splice",
        reason: str = "Uittreksel (test)",
        location: str = "",
    ) -> SpliceSealer | ReferenceSealer:
        """A sealer of either make."""
        return SEALERS[kind](
            self.signer(purpose),
            SealProfile(level=level, reason=reason, location=location),
            clock=lambda: NOW,
            timestamper=self.authority,
            revocation=self.revocation,
        )

    def preserver(self) -> SplicePreserver:
        """A preserver that knows all seal keys."""
        chains = [self.signer(purpose).chain for purpose in PURPOSES]
        return SplicePreserver(self.authority, self.revocation, chains=chains)

    def page(self, pages: int = 1) -> bytes:
        """A small file of our renderer's program, without seal."""
        source = self.folder / "page.typ"
        source.write_text(_PAGE, encoding="utf-8")
        compiler = typst.Compiler(str(source), sys_inputs={"pages": str(pages)})
        made = compiler.compile(
            format="pdf", pdf_standards=["a-3a", "ua-1"], timestamp=int(NOW.timestamp())
        )
        assert isinstance(made, bytes)
        return made

    def status(self, sealed: bytes) -> PdfSignatureStatus:
        """What pyHanko finds, offline, with our root and published revocation data only."""
        signatures = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures
        assert len(signatures) == 1
        context = self._context()
        return validate_pdf_signature(signatures[0], context, ts_validation_context=context)

    def _context(self) -> ValidationContext:
        root = hierarchy.root_of(self.folder / "keys")
        published = [self.revocation.data_for(self.signer(one).chain) for one in PURPOSES]
        return ValidationContext(
            trust_roots=[x509.Certificate.load(root)],
            ocsps=[ocsp.OCSPResponse.load(one) for data in published for one in data.ocsps],
            crls=[crl.CertificateList.load(one) for one in published[0].crls],
            moment=NOW,
            best_signature_time=NOW,
            allow_fetching=False,
            revocation_mode="hard-fail",
        )


def make_sealing_world(folder: Path) -> SealingWorld:
    """A hierarchy that is a day old."""
    keys = folder / "keys"
    hierarchy.make(keys, now=NOW - timedelta(days=1))
    clock = lambda: NOW  # noqa: E731 - one line, used twice
    authority = hierarchy.open_timestamper(keys, clock=clock)
    return SealingWorld(folder, authority, open_issuer(keys, folder / "pki", clock=clock))

"""What a seal costs beside pyHanko, level by level and key by key, in one run.

Both seal the same extract with the same keys and the same in-process time-stamp authority,
turn by turn, in processor time, and of all times the lowest tenth counts, on both sides:
so a busy machine changes little. Every timed output is validated by pyHanko afterwards.
"Tuned" pyHanko holds its signer and is told the size of the signature; "reused" only holds
its signer; "fresh" builds everything per document.

A ratio without suffix compares like with like: making a seal, without looking at it again,
which pyHanko does not do. `..._with_self_check` is our whole way from draft to sealed file,
in which it is read back and its signature verified, against the same seal of pyHanko.
Baselines: reused signer and `bytes_reserved` for `bb_p256`, fresh for `blta_p256`, reused for
`bb_rsa3072`;
`hsm_p256` is a seal with the key in a token, divided by one with the key in a file. The last
line is one JSON object.
"""

from __future__ import annotations

import argparse
import enum
import io
import json
import logging
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from asn1crypto import crl, ocsp, pem, x509
from asn1crypto import keys as asn1_keys
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from credentials.extract import Language
from credentials.pades import SpliceSealer
from credentials.pades.reference_parts import PortTimestamper
from credentials.sealing import Level, SealProfile
from keys import certificates, hierarchy
from keys.certificates import whole_seconds
from keys.custody import PublicKey, SealSigner
from keys.revocation import RevocationSource
from keys.revoking import open_issuer
from keys.timestamps import Timestamper
from tests.credentials import paper, people
from tests.keys.softhsm import new_softhsm

REASON, LOCATION = "Official extract from the diploma register", "Groningen, NL"
RESERVED = 16_384
"""Hexadecimal digits that tuned pyHanko keeps free: enough for every seal here."""
LARGEST = 128 * 1024
"""Bytes kept for one sealed file."""
PER_TURN = 25
"""Our seals for each one of pyHanko's: they are that much faster."""


def now() -> datetime:
    """The clock of this run."""
    return datetime.now(UTC)


def quiet(milliseconds: Sequence[float]) -> float:
    """The lowest tenth: on a machine with other guests the rest measures them."""
    return statistics.quantiles(milliseconds, n=10, method="inclusive")[0]


class Timed:
    """Milliseconds of one way to seal; what came out is put aside to be judged.

    It goes into memory that was touched before, so that a seal does not pay for the one before.
    """

    def __init__(self, seals: int) -> None:
        self._kept = bytearray(b"x") * (seals * LARGEST)
        self._sizes: list[int] = []
        self.milliseconds: list[float] = []

    def add(self, work: Callable[[], bytes]) -> None:
        """Time one seal and put it aside."""
        begun = time.process_time()
        made = work()
        self.milliseconds.append((time.process_time() - begun) * 1e3)
        start = len(self._sizes) * LARGEST
        self._kept[start : start + len(made)] = made
        self._sizes.append(len(made))

    def outputs(self) -> Iterator[bytes]:
        """Everything that was timed."""
        for place, size in enumerate(self._sizes):
            yield bytes(self._kept[place * LARGEST : place * LARGEST + size])

    @property
    def quiet(self) -> float:
        """What it costs while nobody else takes the processor's caches."""
        return quiet(self.milliseconds)


@dataclass(frozen=True, slots=True)
class Setting:
    """Keys, authority, revocation data and one extract to seal."""

    keys: Path
    draft: bytes
    authority: Timestamper
    revocation: RevocationSource
    published: dict[str, Any]

    @classmethod
    def make(cls, folder: Path) -> Setting:
        """A hierarchy that is a day old, and a real extract of one page."""
        keys = folder / "keys"
        hierarchy.make(keys, now=now() - timedelta(days=1))
        extract = people.extract("hbo", Language.NL)
        draft = paper.renderer().render(extract, paper.payload(extract, paper.SAME_KEY))
        authority = hierarchy.open_timestamper(keys, clock=now)
        revocation = open_issuer(keys, folder / "pki", clock=now)
        return cls(keys, draft, authority, revocation, published(keys, authority, revocation))

    def splice(self, level: Level, signer: SealSigner) -> Watched:
        """Our sealer."""
        sealer = Watched(
            signer,
            SealProfile(level=level, reason=REASON, location=LOCATION),
            clock=now,
            timestamper=self.authority,
            revocation=self.revocation,
        )
        sealer.checks = []
        return sealer

    def context(self) -> ValidationContext:
        """Our root and everything that is published, parsed before, nothing from the network."""
        return ValidationContext(
            **self.published, allow_fetching=False, revocation_mode="hard-fail"
        )


def published(
    keys: Path, authority: Timestamper, revocation: RevocationSource
) -> dict[str, list[Any]]:
    """Certificates and revocation data of all keys, as pyHanko takes them."""
    chains = [hierarchy.open_signer(keys, one).chain for one in ("seal", "seal-rsa")]
    data = [revocation.data_for(one) for one in (*chains, authority.certificates)]
    return {
        "trust_roots": [x509.Certificate.load(chains[0][-1])],
        "other_certs": [x509.Certificate.load(chains[0][1])],
        "ocsps": [ocsp.OCSPResponse.load(one) for each in data for one in each.ocsps],
        "crls": [crl.CertificateList.load(one) for one in data[0].crls],
    }


class Hanko:
    """pyHanko with one key, as its documentation uses it."""

    def __init__(self, setting: Setting, purpose: str, level: Level) -> None:
        self._setting, self._level = setting, level
        signer = hierarchy.open_signer(setting.keys, purpose)
        self._chain = signer.chain
        self._pem = (setting.keys / f"{signer.key.kid}.key").read_bytes()
        self.draft = setting.draft + b"\n"  # it writes no end-of-line of its own
        self._reused = self._signer()

    def seal(self, *, fresh: bool = False, reserved: int | None = None) -> bytes:
        """One seal."""
        signer = PdfSigner(
            self._metadata(),
            signer=self._signer() if fresh else self._reused,
            timestamper=self._timestamper(),
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(self.draft))
        made: bytes = signer.sign_pdf(writer, bytes_reserved=reserved).getvalue()
        return made

    def check(self, sealed: bytes) -> None:
        """The run ends here unless pyHanko finds the seal whole and trusted."""
        require_genuine(sealed, self._setting.context())

    def _signer(self) -> SimpleSigner:
        own, *issuers = (x509.Certificate.load(one) for one in self._chain)
        store = SimpleCertificateStore()
        store.register_multiple(issuers)
        _, _, private = pem.unarmor(self._pem)
        key = asn1_keys.PrivateKeyInfo.load(private)
        return SimpleSigner(signing_cert=own, signing_key=key, cert_registry=store)

    def _timestamper(self) -> PortTimestamper | None:
        return None if self._level is Level.B_B else PortTimestamper(self._setting.authority)

    def _metadata(self) -> PdfSignatureMetadata:
        archival = self._level is Level.B_LTA
        return PdfSignatureMetadata(
            field_name="Seal",
            md_algorithm="sha256",
            certify=True,
            docmdp_permissions=MDPPerm.NO_CHANGES,
            subfilter=SigSeedSubFilter.PADES,
            reason=REASON,
            location=LOCATION,
            embed_validation_info=archival,
            use_pades_lta=archival,
            validation_context=self._setting.context() if archival else None,
        )


class Watched(SpliceSealer):
    """Our sealer, telling how long the self-check of each seal took."""

    checks: list[float]

    def _require_genuine(self, *given: Any) -> Any:  # noqa: ANN401 - handed on as it comes
        begun = time.process_time()
        checked = super()._require_genuine(*given)
        self.checks.append((time.process_time() - begun) * 1e3)
        return checked

    def _require_stamp(self, *given: Any) -> None:  # type: ignore[override]  # noqa: ANN401 - same
        begun = time.process_time()
        super()._require_stamp(*given)
        self.checks[-1] += (time.process_time() - begun) * 1e3


def require_genuine(sealed: bytes, context: ValidationContext) -> None:
    """The run ends here unless the one seal in this file is whole and trusted."""
    (signature,) = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures
    assert validate_pdf_signature(signature, context).bottom_line


class Rival(enum.StrEnum):
    """How pyHanko is used in the comparison that counts."""

    FRESH = "fresh"
    REUSED = "reused"
    TUNED = "tuned"

    def seal(self, hanko: Hanko) -> bytes:
        """One seal by pyHanko."""
        reserved = RESERVED if self is Rival.TUNED else None
        return hanko.seal(fresh=self is Rival.FRESH, reserved=reserved)


def compare(
    setting: Setting, case: tuple[str, Level, Rival], name: str, turns: int
) -> dict[str, float]:
    """Seal by turns, then validate everything that was timed."""
    purpose, level, rival = case
    sealer = setting.splice(level, hierarchy.open_signer(setting.keys, purpose))
    hanko, theirs, ours = Hanko(setting, purpose, level), Timed(turns), Timed(turns * PER_TURN)
    for _ in range(turns):
        theirs.add(lambda: rival.seal(hanko))
        for _ in range(PER_TURN):
            ours.add(lambda: sealer.seal(sealer.prepare(setting.draft)))
    for made in (*theirs.outputs(), *ours.outputs()):
        hanko.check(made)
    bare = ours.quiet - quiet(sealer.checks)
    return {
        name: round(theirs.quiet / bare, 1),
        f"{name}_with_self_check": round(theirs.quiet / ours.quiet, 1),
        f"{name}_ms": round(ours.quiet, 3),
        f"{name}_pyhanko_{rival}_ms": round(theirs.quiet, 2),
    }


CASES = {
    "bb_p256": (("seal", Level.B_B, Rival.TUNED), 1),
    "blta_p256": (("seal", Level.B_LTA, Rival.FRESH), 1),
    "bb_rsa3072": (("seal-rsa", Level.B_B, Rival.REUSED), 5),
}
"""Key, level and rival of each ratio, and the part of the turns that it gets."""


def certified(public: PublicKey) -> tuple[bytes, ...]:
    """A chain for a key that was made in a token."""
    yesterday = whole_seconds(now() - timedelta(days=1))
    root = certificates.make_root(yesterday)
    ca = certificates.make_ca(root, yesterday)
    own = certificates.certify(certificates.PROFILES["seal"], public, ca, yesterday)
    return own.public_bytes(serialization.Encoding.DER), ca.der, root.der


def hardware(setting: Setting, turns: int) -> dict[str, float]:
    """The same seal with the key in SoftHSM2, a call into another library per signature."""
    in_file, in_token = Timed(turns * PER_TURN), Timed(turns * PER_TURN)
    with new_softhsm() as hsm:
        token = hsm.open()
        kid = hsm.new_kid("seal")
        chain = certified(token.generate(kid, "ES256"))
        file_sealer = setting.splice(Level.B_B, hierarchy.open_signer(setting.keys, "seal"))
        hsm_sealer = setting.splice(Level.B_B, token.signer(kid, chain))
        for _ in range(turns * PER_TURN):
            in_file.add(lambda: file_sealer.seal(file_sealer.prepare(setting.draft)))
            in_token.add(lambda: hsm_sealer.seal(hsm_sealer.prepare(setting.draft)))
        token.close()
    context = ValidationContext(
        trust_roots=[x509.Certificate.load(chain[-1])], allow_fetching=False
    )
    for one in in_token.outputs():
        require_genuine(one, context)
    for one in in_file.outputs():
        require_genuine(one, setting.context())
    return {
        "hsm_p256": round(in_token.quiet / in_file.quiet, 2),
        "hsm_p256_ms": round(in_token.quiet, 3),
        "hsm_p256_file_ms": round(in_file.quiet, 3),
    }


def main() -> None:
    """Measure, print a line each, and the figures as JSON at the end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--turns", type=int, default=12)
    turns = parser.parse_args().turns
    logging.disable(logging.WARNING)  # pyHanko remarks that it may not fetch
    with tempfile.TemporaryDirectory() as folder:
        setting = Setting.make(Path(folder))
        figures = {"draft_kb": round(len(setting.draft) / 1024, 1)}
        for name, (case, share) in CASES.items():
            figures |= compare(setting, case, name, max(3, turns // share))
        figures |= hardware(setting, turns)
    for name, value in figures.items():
        print(f"{name:32} {value}")
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

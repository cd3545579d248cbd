"""The reference sealer: pyHanko behind our port.

It is the yardstick for every faster sealer: slow, general, written by others.
The renderer's metadata is left as it is, because the producer string is a
forensic reference value and the update must change nothing that a reader sees.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Callable
from datetime import datetime

from asn1crypto import cms, crl, ocsp, x509
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, PdfTimeStamper
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import CRLValidationError, PathError

from credentials.errors import PlaceholderOverflow, SealingPaused, SealRejected
from credentials.pades.cms import hash_of
from credentials.pades.levels import needed_revocation, needed_timestamper
from credentials.pades.reference_parts import PortSigner, PortTimestamper, QuietWriter
from credentials.pades.shape import require_own_shape
from credentials.sealing import Level, Prepared, SealProfile
from keys.custody import KeyRef, SealSigner
from keys.errors import KeyUnavailable, RevocationUnavailable, TimestampUnavailable
from keys.revocation import RevocationSource
from keys.timestamps import Timestamper

ROOM = 8_192
"""Bytes kept free for the CMS object and its time-stamp, each written as two hex digits."""
_WHOLE = {
    SignatureCoverageLevel.ENTIRE_FILE: {ModificationLevel.NONE},
    SignatureCoverageLevel.ENTIRE_REVISION: {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES},
}
_NOT_OURS = (
    PdfError,
    SignatureValidationError,
    CRLValidationError,
    PathError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    OSError,
    RecursionError,
)
"""How pyHanko says that bytes are no sealed PDF, or no PDF at all."""


class ReferenceSealer:
    """Seals with pyHanko 0.38, at every baseline level.

    Raises:
        ValueError: the level asks for a time-stamp or revocation data, and there is no source.
    """

    def __init__(
        self,
        signer: SealSigner,
        profile: SealProfile,
        *,
        clock: Callable[[], datetime],
        timestamper: Timestamper | None = None,
        revocation: RevocationSource | None = None,
    ) -> None:
        self._custody = signer
        self._signer = PortSigner(signer)
        self._profile = profile
        self._clock = clock
        self._timestamper = needed_timestamper(profile, timestamper)
        self._revocation = needed_revocation(profile, revocation)
        self._root = x509.Certificate.load(signer.chain[-1])
        self._hash = hash_of(signer.key.algorithm)

    @property
    def key(self) -> KeyRef:
        """The key that seals."""
        return self._custody.key

    @property
    def profile(self) -> SealProfile:
        """The profile that every seal follows."""
        return self._profile

    def prepare(self, draft: bytes) -> Prepared:
        """Lay out the file up to the empty signature. No key is used.

        Raises:
            UnknownShape: the bytes are not a PDF of our own renderer.
        """
        writer = QuietWriter(io.BytesIO(require_own_shape(draft)))
        signer = PdfSigner(self._metadata(), signer=self._signer)
        place, _, output = asyncio.run(
            signer.async_digest_doc_for_signing(writer, bytes_reserved=2 * ROOM)
        )
        gap = (place.reserved_region_start, place.reserved_region_end)
        document: bytes = output.getvalue()
        return Prepared(document, _digest(document, gap, "sha256"), gap)

    def seal(self, prepared: Prepared) -> bytes:
        """Use the key, time-stamp the signature, fill it in, and check the result.

        Raises:
            SealingPaused: key, time-stamp authority or revocation data out of reach.
            PlaceholderOverflow: the signature is larger than its place.
            SealRejected: the result failed its own check.
        """
        try:
            sealed = self._archived(self._fill(prepared, self._sign(prepared)))
        except (KeyUnavailable, RevocationUnavailable, TimestampUnavailable) as cause:
            raise SealingPaused("Sealing is paused. Nothing was issued.") from cause
        except SigningError as cause:  # larger than its place: never truncated
            raise PlaceholderOverflow from cause
        if not self.covers(sealed, prepared.covered_digest):
            raise SealRejected("The seal did not pass our own check. Nothing was handed out.")
        return sealed

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries our valid seal over exactly that digest."""
        try:
            return self._covers(sealed, covered_digest)
        except _NOT_OURS:
            return False

    def _covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        signatures = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures
        if len(signatures) != 1:
            return False
        trust = ValidationContext(
            trust_roots=[self._root], moment=self._clock(), allow_fetching=False
        )
        status = validate_pdf_signature(signatures[0], trust, ts_validation_context=trust)
        start, opening, closing, rest = (int(one) for one in signatures[0].byte_range)
        covered = _digest(sealed[: closing + rest], (opening, closing), "sha256")
        return bool(
            status.bottom_line
            and status.modification_level in _WHOLE.get(status.coverage, set())
            and status.signing_cert.dump() == self._custody.chain[0]
            and (start, covered) == (0, covered_digest)
        )

    def _metadata(self) -> PdfSignatureMetadata:
        return PdfSignatureMetadata(
            field_name=self._profile.field,
            md_algorithm=self._hash,
            certify=True,
            docmdp_permissions=MDPPerm(self._profile.docmdp),
            subfilter=SigSeedSubFilter(f"/{self._profile.subfilter}"),
            reason=self._profile.reason or None,
            location=self._profile.location or None,
        )

    def _sign(self, prepared: Prepared) -> cms.ContentInfo:
        return asyncio.run(
            self._signer.async_sign(
                _digest(prepared.document, prepared.gap, self._hash),
                self._hash,
                use_pades=True,
                timestamper=self._timestamper and PortTimestamper(self._timestamper),
            )
        )

    @staticmethod
    def _fill(prepared: Prepared, signature: cms.ContentInfo) -> bytes:
        output = io.BytesIO(prepared.document)
        place = PreparedByteRangeDigest(prepared.covered_digest, *prepared.gap)
        place.fill_with_cms(output, signature)
        return output.getvalue()

    def _archived(self, sealed: bytes) -> bytes:
        """Add revocation data, and at B-LTA a document time-stamp over all of it."""
        if self._revocation is None:
            return sealed
        data, writer = (
            self._revocation.data_for(self._custody.chain),
            QuietWriter(io.BytesIO(sealed)),
        )
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[x509.Certificate.load(one) for one in reversed(self._custody.chain)],
            ocsps=[ocsp.OCSPResponse.load(one) for one in data.ocsps],
            crls=[crl.CertificateList.load(one) for one in data.crls],
        )
        output = io.BytesIO()
        if self._timestamper is None or self._profile.level is not Level.B_LTA:
            writer.write(output)
            return output.getvalue()
        stamper = PdfTimeStamper(PortTimestamper(self._timestamper), "ArchiveTimestamp1")
        room = 2 * self._timestamper.room
        asyncio.run(
            stamper.async_timestamp_pdf(writer, "sha256", bytes_reserved=room, output=output)
        )
        return output.getvalue()


def _digest(document: bytes, gap: tuple[int, int], hash_name: str) -> bytes:
    view = memoryview(document)
    running = hashlib.new(hash_name, view[: gap[0]])
    running.update(view[gap[1] :])
    return running.digest()

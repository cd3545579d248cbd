"""The reference sealer: pyHanko behind our port.

It is the yardstick for every faster sealer: slow, general, written by others.
The renderer's metadata is left as it is, because the producer string is a
forensic reference value and the update must change nothing that a reader sees.
"""

from __future__ import annotations

import asyncio
import hashlib
import io

from asn1crypto import algos, cms, x509
from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.general import SigningError
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, Signer
from pyhanko.sign.signers.pdf_byterange import PreparedByteRangeDigest
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from credentials.errors import SealingPaused, SealRejected
from credentials.pades.shape import require_own_shape
from credentials.sealing import Prepared, SealProfile
from keys.custody import KeyRef, SealSigner
from keys.errors import KeyUnavailable, TimestampUnavailable
from keys.timestamps import Timestamper

_HASHES = {"ES256": "sha256", "ES384": "sha384", "RS256": "sha256"}
_MECHANISMS = {"ES256": "sha256_ecdsa", "ES384": "sha384_ecdsa", "RS256": "sha256_rsa"}
ROOM = 8_192
"""Bytes kept free for the CMS object and its time-stamp, each written as two hex digits."""


class ReferenceSealer:
    """Seals at PAdES B-T with pyHanko 0.38."""

    def __init__(self, signer: SealSigner, timestamper: Timestamper, profile: SealProfile) -> None:
        self._signer = _PortSigner(signer)
        self._timestamper = _PortTimestamper(timestamper)
        self._profile = profile
        self._key = signer.key
        self._root = x509.Certificate.load(signer.chain[-1])
        self._leaf = x509.Certificate.load(signer.chain[0])

    @property
    def key(self) -> KeyRef:
        """The key that seals."""
        return self._key

    @property
    def profile(self) -> SealProfile:
        """The profile that every seal follows."""
        return self._profile

    def prepare(self, draft: bytes) -> Prepared:
        """Lay out the file up to the empty signature. No key is used.

        Raises:
            UnknownShape: the bytes are not a PDF of our own renderer.
        """
        writer = _QuietWriter(io.BytesIO(require_own_shape(draft)))
        signer = PdfSigner(self._metadata(), signer=self._signer)
        place, _, output = asyncio.run(
            signer.async_digest_doc_for_signing(writer, bytes_reserved=2 * ROOM)
        )
        gap = (place.reserved_region_start, place.reserved_region_end)
        return Prepared(output.getvalue(), place.document_digest, gap)

    def seal(self, prepared: Prepared) -> bytes:
        """Use the key, time-stamp the signature, fill it in, and check the result.

        Raises:
            SealingPaused: key or time-stamp authority out of reach.
            SealRejected: the result failed its own check.
        """
        try:
            sealed = self._fill(prepared, self._sign(prepared.covered_digest))
        except SigningError as cause:  # the signature is larger than its place: never truncate
            raise SealRejected(
                "The seal did not pass our own check. Nothing was handed out."
            ) from cause
        if not self.covers(sealed, prepared.covered_digest):
            raise SealRejected("The seal did not pass our own check. Nothing was handed out.")
        return sealed

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries our valid seal over exactly that digest."""
        signatures = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures
        if len(signatures) != 1:
            return False
        trust = ValidationContext(trust_roots=[self._root], allow_fetching=False)
        status = validate_pdf_signature(signatures[0], trust, ts_validation_context=trust)
        return bool(
            status.bottom_line
            and status.coverage is SignatureCoverageLevel.ENTIRE_FILE
            and status.signing_cert.dump() == self._leaf.dump()
            and signatures[0].compute_digest() == covered_digest
        )

    def _metadata(self) -> PdfSignatureMetadata:
        return PdfSignatureMetadata(
            field_name=self._profile.field,
            md_algorithm=_HASHES[self._key.algorithm],
            certify=True,
            docmdp_permissions=MDPPerm(self._profile.docmdp),
            subfilter=SigSeedSubFilter(f"/{self._profile.subfilter}"),
            reason=self._profile.reason or None,
            location=self._profile.location or None,
        )

    def _sign(self, covered_digest: bytes) -> cms.ContentInfo:
        try:
            return asyncio.run(
                self._signer.async_sign(
                    covered_digest,
                    _HASHES[self._key.algorithm],
                    use_pades=True,
                    timestamper=self._timestamper,
                )
            )
        except (KeyUnavailable, TimestampUnavailable) as cause:
            raise SealingPaused("Sealing is paused. Nothing was issued.") from cause

    @staticmethod
    def _fill(prepared: Prepared, signature: cms.ContentInfo) -> bytes:
        output = io.BytesIO(prepared.document)
        place = PreparedByteRangeDigest(prepared.covered_digest, *prepared.gap)
        place.fill_with_cms(output, signature)
        return output.getvalue()


class _QuietWriter(IncrementalPdfFileWriter):  # type: ignore[misc]  # pyHanko is untyped
    """Adds the seal and changes nothing else: Info, XMP and PDF 1.7 stay as they are."""

    def _update_meta(self) -> None:
        """Leave Info and XMP as our renderer wrote them."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """Stay at PDF 1.7: the file profile (pdf.md 3.1) and PDF/A-3 ask for it."""

    def register_extension(self, ext: DeveloperExtension) -> None:
        """Declare ESIC (PAdES in PDF 1.7) only; the others are extensions of PDF 2.0."""
        if ext.prefix_name == "/ESIC":
            super().register_extension(ext)


class _PortSigner(Signer):  # type: ignore[misc]  # pyHanko is untyped
    """Lets pyHanko build the CMS object while the key stays behind our custody port."""

    def __init__(self, signer: SealSigner) -> None:
        own, *issuers = (x509.Certificate.load(der) for der in signer.chain)
        store = SimpleCertificateStore()
        store.register_multiple(issuers[:-1])  # the root is pinned by the reader, never embedded
        algorithm = {"algorithm": _MECHANISMS[signer.key.algorithm]}
        super().__init__(
            signing_cert=own,
            cert_registry=store,
            signature_mechanism=algos.SignedDigestAlgorithm(algorithm),
            embed_roots=False,
        )
        self._custody = signer

    async def async_sign_raw(
        self,
        data: bytes,
        digest_algorithm: str,
        dry_run: bool = False,  # noqa: FBT001, FBT002 - pyHanko's signature
    ) -> bytes:
        """Hash here, sign in custody; a dry run gets zeros of the longest possible length."""
        if dry_run:
            return bytes(512)
        return self._custody.sign_digest(hashlib.new(digest_algorithm, data).digest())


class _PortTimestamper(TimeStamper):  # type: ignore[misc]  # pyHanko is untyped
    """Lets pyHanko embed the tokens of our time-stamp port."""

    def __init__(self, timestamper: Timestamper) -> None:
        super().__init__()
        self._port = timestamper

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """One token over that digest; the port takes SHA-256 only."""
        if md_algorithm != "sha256":
            raise TimestampUnavailable("Only SHA-256 digests are time-stamped.")
        return cms.ContentInfo.load(self._port.stamp(message_digest))

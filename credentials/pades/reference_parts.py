"""How pyHanko reaches our key, our time-stamps and our way of writing: adapters, nothing more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from asn1crypto import algos, cms, x509
from pyhanko.pdf_utils.extensions import DeveloperExtension
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.attributes import CMSAttributeProvider
from pyhanko.sign.signers import Signer
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from credentials.pades.cms import SIGNATURES
from keys.custody import SealSigner
from keys.errors import TimestampUnavailable
from keys.timestamps import Timestamper


class QuietWriter(IncrementalPdfFileWriter):  # type: ignore[misc]  # pyHanko is untyped
    """Adds the seal and changes nothing else: Info, XMP and PDF 1.7 stay as they are."""

    def _update_meta(self) -> None:
        """Leave Info and XMP as our renderer wrote them."""

    def ensure_output_version(self, version: tuple[int, int]) -> None:
        """Stay at PDF 1.7: the file profile (pdf.md 3.1) and PDF/A-3 ask for it."""

    def register_extension(self, ext: DeveloperExtension) -> None:
        """Declare ESIC (PAdES in PDF 1.7) only; the others are extensions of PDF 2.0."""
        if ext.prefix_name == "/ESIC":
            super().register_extension(ext)


class PortSigner(Signer):  # type: ignore[misc]  # pyHanko is untyped
    """Lets pyHanko build the CMS object while the key stays behind our custody port."""

    def __init__(self, signer: SealSigner) -> None:
        own, *issuers = (x509.Certificate.load(der) for der in signer.chain)
        store = SimpleCertificateStore()
        store.register_multiple(issuers[:-1])  # the root is pinned by the reader, never embedded
        algorithm = {"algorithm": SIGNATURES[signer.key.algorithm]}
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

    def _unsigned_attr_providers(
        self,
        digest_algorithm: str,  # noqa: ARG002 - of the seal; its time-stamp is always SHA-256
        signature: bytes,
        signed_attrs: cms.CMSAttributes,
        timestamper: TimeStamper | None = None,
    ) -> Iterable[CMSAttributeProvider]:
        """The time-stamp's imprint is SHA-256 also over a P-384 seal (pdf.md 3.4)."""
        found: Iterable[CMSAttributeProvider] = super()._unsigned_attr_providers(
            "sha256", signature, signed_attrs, timestamper
        )
        return found


class PortTimestamper(TimeStamper):  # type: ignore[misc]  # pyHanko is untyped
    """Lets pyHanko embed the tokens of our time-stamp port."""

    def __init__(self, timestamper: Timestamper) -> None:
        super().__init__()
        self._port = timestamper

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """One token over that digest."""
        if md_algorithm != "sha256":
            raise TimestampUnavailable("Only SHA-256 digests are time-stamped.")
        return cms.ContentInfo.load(self._port.stamp(message_digest))

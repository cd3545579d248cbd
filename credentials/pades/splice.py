"""The sealer: a signed update spliced onto a PDF of our own renderer (pdf.md 3.3 and 3.4).

It never builds the PDF or the signature container as objects: what is constant was encoded
when the sealer started, what differs is put between. Before a file is handed out it is
read back from its bytes by code that shares nothing with the code that wrote it.
"""

from __future__ import annotations

import hashlib
import secrets
from binascii import hexlify
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from credentials.errors import (
    SealingPaused,
    SealKeyMismatch,
    SealRejected,
    UnknownShape,
)
from credentials.pades import dictionaries, layout, reading, shape
from credentials.pades.archival import Archived, Archivist
from credentials.pades.history import SEAL_FIELD, begin_history
from credentials.pades.layout import Laid, SignaturePlace, Trailer
from credentials.pades.levels import needed_revocation, needed_timestamper
from credentials.pades.reading import SEAL, CoveredDigest, SealedFile
from credentials.pades.selfcheck import SelfCheck, require_archive_stamp
from credentials.pades.shape import Begun, OwnFile
from credentials.press.front import fronts
from credentials.sealing import Level, Prepared, SealProfile
from keys.custody import KeyRef, SealSigner
from keys.errors import KeyUnavailable, TimestampUnavailable
from keys.revocation import RevocationSource
from keys.timestamps import Timestamper

SIGNATURE_ROOM = 1_200
"""Bytes for all of a container but its certificates and time-stamp (pdf.md 3.3): with RSA-3072
a signature of 384, the issuer's name twice, attributes and lengths of 300, and as much again."""
_KEPT = 16 * 1024 * 1024
"""Bytes of freed memory that a process may keep: many times the buffers of one seal."""
IDENTIFIER_SIZE = 16
"""Bytes of a file identifier (ISO 32000-1, 14.4)."""


@dataclass(frozen=True, slots=True)
class LaidOut(Prepared):
    """A prepared file, with what was read of it on the way."""

    draft: OwnFile = field(repr=False, compare=False)
    digests: CoveredDigest = field(repr=False, compare=False)


class _Checked(NamedTuple):
    """A seal that passed its check, and what was read for it."""

    file: SealedFile
    digests: CoveredDigest


class SpliceSealer:
    """Seals PDFs of our own renderer at every baseline level, with one key.

    Raises:
        SealKeyMismatch: the key does not belong to its certificate.
        SealingPaused: the key cannot be reached for its trial signature.
        ValueError: the profile is not the certification that we lay out, or the level asks
            for a time-stamp or revocation data and there is no source.
    """

    def __init__(  # noqa: PLR0913 - a seal stands on these, and each can be replaced
        self,
        signer: SealSigner,
        profile: SealProfile,
        *,
        clock: Callable[[], datetime],
        timestamper: Timestamper | None = None,
        revocation: RevocationSource | None = None,
        token_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        require_profile(profile)
        self._signer = signer
        self._profile = profile
        self._clock = clock
        self._token_bytes = token_bytes
        self._timestamper = needed_timestamper(profile, timestamper)
        self._archivist = _archivist(profile, self._timestamper, revocation)
        self._check = SelfCheck(
            signer.chain,
            signer.key.algorithm,
            stamped=self._timestamper is not None,
            authority=self._authority(),
        )
        self._form = self._check.form
        self._before = dictionaries.signature_before(profile)
        self._try_key()
        _keep_memory()

    @property
    def key(self) -> KeyRef:
        """The key that seals."""
        return self._signer.key

    @property
    def profile(self) -> SealProfile:
        """The profile that every seal follows."""
        return self._profile

    def prepare(self, draft: bytes) -> Prepared:
        """Lay out the file up to the empty signature. No key is used.

        Raises:
            UnknownShape: the bytes are not a PDF of our own renderer.
        """
        own = shape.read_draft(draft, *_beginnings())
        document, gap = self._lay(own, (draft, shape.newline_after(draft)))
        digests = _hashed(own.begun).extended(document)
        return LaidOut(document, digests.around(gap, len(document)), gap, own, digests)

    def seal(self, prepared: Prepared) -> bytes:
        """Use the key, time-stamp the signature, fill it in, and check the result.

        Raises:
            SealingPaused: key, time-stamp authority or revocation data out of reach.
            PlaceholderOverflow: the signature is larger than its place.
            SealRejected: prepared under another profile, or the result failed its own check.
        """
        if not self._has_place(prepared):
            raise _rejected()
        container, token = self._container(prepared)
        sealed = layout.fill(prepared.document, prepared.gap, container)
        try:
            checked = self._require_genuine(sealed, token, prepared)
            if self._archivist is None:
                return sealed
            return self._archived(checked, self._archivist, prepared)
        except UnknownShape as cause:
            raise _rejected() from cause

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries our valid seal over exactly that digest.

        Every bit up to the end of the seal's update counts, the zeros behind the signature
        too. Updates behind it stand under their own time-stamps: they must be laid out as
        updates, but what they say is not asked here.
        """
        try:
            return self._check.covered(reading.read(sealed)) == covered_digest
        except UnknownShape:
            return False

    def _room(self) -> int:
        """Bytes for one signature now; an authority asks for more when its tokens grow."""
        token = self._timestamper.room if self._timestamper else 0
        return len(self._form.certificates) + SIGNATURE_ROOM + token

    def _least_room(self) -> int:
        """Less than this no place of ours has: what an authority asks for rises and falls."""
        listed = self._timestamper.certificates if self._timestamper else ()
        # None is listed while no authority may be asked: stamping says why, not the place.
        return len(self._form.certificates) + SIGNATURE_ROOM + len(next(iter(listed), b""))

    def _has_place(self, prepared: Prepared) -> bool:
        """Whether an empty place for a seal of this profile is where it should be."""
        opening, closing = prepared.gap
        room = (closing - opening - len(b"<>")) // layout.HEXADECIMAL
        empty = layout.empty(room)
        in_place = prepared.document.startswith(empty, opening) and len(empty) == closing - opening
        return in_place and room >= self._least_room()

    def _lay(self, own: OwnFile, file: Sequence[bytes]) -> Laid:
        """Update 1 of pdf.md 3.3: first page, catalog, field, signature."""
        widget, value, page = own.size, own.size + 1, own.page_number
        halves = (own.identifier, b"<%b>" % hexlify(self._token_bytes(IDENTIFIER_SIZE)))
        objects = (
            (page, dictionaries.page_with(own.page, widget)),
            (own.root, dictionaries.catalog_with(own.catalog, [widget], value)),
            (widget, dictionaries.widget(SEAL_FIELD, page, value)),
        )
        before, after = self._before
        place = SignaturePlace(before + dictionaries.date(self._clock()) + after, self._room())
        trailer = Trailer(own.size + 2, own.root, own.info, halves, own.xref)
        return layout.lay_for_signing(file, objects, trailer, (value, place))

    def _container(self, prepared: Prepared) -> tuple[bytes, bytes | None]:
        """Sign the attributes over the byte range, and time-stamp that signature; token apart."""
        attributes = self._form.attributes(self._digest(prepared))
        try:
            signature = self._signer.sign_digest(self._form.to_sign(attributes))
            token = None
            if self._timestamper is not None:
                token = self._timestamper.stamp(hashlib.sha256(signature).digest())
        except (KeyUnavailable, TimestampUnavailable) as cause:
            raise _paused() from cause
        return self._form.assemble(attributes, signature, token), token

    def _digest(self, prepared: Prepared) -> bytes:
        """The byte range under the seal's own hash; SHA-256 over it is known already."""
        if self._form.hash_name == "sha256":
            return prepared.covered_digest
        opening, closing = prepared.gap
        running = hashlib.new(self._form.hash_name, memoryview(prepared.document)[:opening])
        running.update(memoryview(prepared.document)[closing:])
        return running.digest()

    def _require_genuine(self, sealed: bytes, token: bytes | None, prepared: Prepared) -> _Checked:
        """The self-check: the sealed bytes are read back, down to their last bit."""
        checked = _Checked(reading.read(sealed), _digests(prepared).grown(sealed))
        covered = self._check.covered(checked.file, (token,), digests=checked.digests)
        if covered != prepared.covered_digest:
            raise shape.foreign()
        return checked

    def _archived(self, checked: _Checked, archivist: Archivist, prepared: Prepared) -> bytes:
        """The archival update of the same sealing: it keeps the identifier of the first."""
        history = begin_history(checked.file, _draft(prepared, checked.file))
        identifier = history.newest.identifiers[1]
        made = archivist.update(history, self._signer.chain, identifier, checked.digests)
        self._require_stamp(made, checked.file)
        return made.document

    @staticmethod
    def _require_stamp(made: Archived, sealed: SealedFile) -> None:
        """The self-check goes on: the seal stands as it was checked, the time-stamp behind it."""
        file = sealed.grown(made.document)
        if made.token is not None:
            newest = len(file.revisions) - 1
            stamp = file.signed(file.revisions[newest].size - 1, newest)
            digests = made.digests.grown(made.document)
            require_archive_stamp(stamp, digests, vouched=(made.token,))

    def _authority(self) -> tuple[bytes, ...]:
        return self._timestamper.certificates if self._timestamper else ()

    def _try_key(self) -> None:
        """One trial signature: a wrong pair stops here, not at a document."""
        digest = self._form.to_sign(b"")
        try:
            signature = self._signer.sign_digest(digest)
        except KeyUnavailable as cause:
            raise _paused() from cause
        if not self._check.is_ours(signature, digest):
            raise SealKeyMismatch


def require_profile(profile: SealProfile) -> None:
    """Refuse a profile other than the one that is laid out (pdf.md 3.2).

    Raises:
        ValueError: another field, other permissions, another kind of signature.
    """
    if (profile.field, profile.docmdp, profile.subfilter) != ("Seal", 1, "ETSI.CAdES.detached"):
        raise ValueError("only the certification seal of pdf.md 3.2 is laid out")


def _archivist(
    profile: SealProfile, timestamper: Timestamper | None, revocation: RevocationSource | None
) -> Archivist | None:
    """Who adds the archival update; none at a level that has no such update."""
    source = needed_revocation(profile, revocation)
    if source is None:
        return None
    return Archivist(source, timestamper if profile.level is Level.B_LTA else None)


@cache
def _beginnings() -> tuple[Begun, ...]:
    """How documents of the press begin: most of their bytes."""
    return tuple(Begun(one.data, one.rows, one.objects) for one in fronts())


@cache
def _hashed(begun: Begun) -> CoveredDigest:
    """The digest of a beginning, for all files that have it."""
    return CoveredDigest(begun.data).ahead()


def _keep_memory() -> None:
    """Let the C library keep the memory of one file for the next one.

    By default it gives freed memory back above 128 KiB, and a seal would fetch the same
    pages from the system again, which costs as much as its signature. Once a larger block was
    given back, it keeps twice as much (mallopt(3), M_MMAP_THRESHOLD). This one is never touched.
    """
    bytes(_KEPT // 2)


def _digests(prepared: Prepared) -> CoveredDigest:
    """What was hashed of it already; of a file that was prepared elsewhere, nothing."""
    if isinstance(prepared, LaidOut):
        return prepared.digests
    return CoveredDigest(prepared.document)


def _draft(prepared: Prepared, sealed: SealedFile) -> OwnFile:
    """The file under the seal, as it was read when it was laid out."""
    if isinstance(prepared, LaidOut):
        return prepared.draft
    return shape.read_draft(sealed.data[: sealed.revisions[SEAL].start])


def _rejected() -> SealRejected:
    return SealRejected("The seal did not pass our own check. Nothing was handed out.")


def _paused() -> SealingPaused:
    return SealingPaused("Sealing is paused. Nothing was issued.")

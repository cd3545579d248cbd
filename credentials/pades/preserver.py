"""Makes sealed files last, years after they were sealed (pdf.md 3.3, update 2 and later)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from credentials.errors import SealRejected, UnknownShape
from credentials.pades import reading, token
from credentials.pades.archival import Archivist
from credentials.pades.history import History, read_history
from credentials.pades.provenance import Authorities, reading_foreign_bytes
from credentials.pades.reading import CoveredDigest, SealedFile
from credentials.pades.selfcheck import (
    SelfCheck,
    archive_token,
    container_of,
    require_archive_stamp,
)
from credentials.pades.shape import foreign
from credentials.pades.splice import IDENTIFIER_SIZE
from keys.algorithms import algorithm_of
from keys.revocation import RevocationSource
from keys.timestamps import Timestamper


@dataclass(frozen=True, slots=True)
class _Known:
    """A key that seals or once sealed."""

    chain: tuple[bytes, ...]
    check: SelfCheck


class SplicePreserver:
    """Adds archival updates to files that our own sealer made at B-T or higher.

    `chains` are those of every key that ever sealed: own certificate first, root last.
    `listed` tells those of every time-stamp authority that was ever ours; it is asked only
    about a file in which an older one than the time-stamper's stands.
    """

    def __init__(
        self,
        timestamper: Timestamper,
        revocation: RevocationSource,
        *,
        chains: Iterable[tuple[bytes, ...]],
        listed: Callable[[], Iterable[tuple[bytes, ...]]] = tuple,
        token_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        self._archivist = Archivist(revocation, timestamper)
        self._token_bytes = token_bytes
        self._known = {known.check.form.signer: known for known in map(_known, chains)}
        issuing = tuple(known.chain for known in self._known.values())
        self._current = Authorities(issuing, frozenset(timestamper.certificates))
        self._listed = listed

    def preserve(self, sealed: bytes) -> bytes:
        """The same file with one more update: revocation data and a document time-stamp (B-LTA).

        Everything that is in the file already is checked first: a new time-stamp never
        vouches for what an old one does not.

        Raises:
            UnknownShape: not a B-T or B-LTA file of our own sealer.
            SealingPaused: time-stamp authority or revocation data out of reach.
            PlaceholderOverflow: the time-stamp is larger than its place.
            SealRejected: the result failed its own check.
        """
        digests = CoveredDigest(sealed)
        history, known = self._examined(sealed, digests)
        identifier = b"<%b>" % self._token_bytes(IDENTIFIER_SIZE).hex().encode()
        made = self._archivist.update(history, known.chain, identifier, digests)
        try:
            self._require_result(made.document, sealed, made.token)
        except UnknownShape as cause:
            raise SealRejected(
                "The seal did not pass our own check. Nothing was handed out."
            ) from cause
        return made.document

    def require_genuine(self, preserved: bytes) -> None:
        """Everything in a copy is ours and holds, so that it can be kept or built upon.

        Raises:
            UnknownShape: not a B-LTA file of our own sealer, or one that was changed.
        """
        history, _ = self._examined(preserved, CoveredDigest(preserved))
        if not history.stamps:
            raise foreign()

    def lasts_until(self, preserved: bytes) -> datetime:
        """When the certificate of the newest archive time-stamp ends: renew before.

        Raises:
            UnknownShape: not a B-LTA file of our own sealer.
        """
        history = read_history(reading.read(preserved))
        if not history.stamps:
            raise foreign()
        with reading_foreign_bytes():
            newest = token.read(archive_token(history.stamps[-1]))
            return x509.load_der_x509_certificate(newest.certificate).not_valid_after_utc

    def _examined(self, sealed: bytes, digests: CoveredDigest) -> tuple[History, _Known]:
        file = reading.read(sealed)
        known = self._sealed_by(file)
        known.check.covered(file, digests=digests)
        history = read_history(file)
        for stamp in history.stamps:
            require_archive_stamp(stamp, digests)
        with reading_foreign_bytes():
            self._require_ours(history)
        return history, known

    def _require_ours(self, history: History) -> None:
        """Whose form it has says nothing about whose it is."""
        in_seal = container_of(history.file.seal().contents).token
        stamps = [in_seal or b"", *map(archive_token, history.stamps)]

        def stands_behind(ours: Authorities) -> bool:
            return all(map(ours.gave, stamps)) and ours.issued_store(history)

        if stands_behind(self._current):
            return
        if not stands_behind(self._current.with_stamping(self._listed())):
            raise foreign()

    def _sealed_by(self, file: SealedFile) -> _Known:
        known = self._known.get(container_of(file.seal().contents).signer)
        if known is None:
            raise foreign()
        return known

    def _require_result(self, preserved: bytes, sealed: bytes, stamp: bytes | None) -> None:
        """The old bytes stand untouched, and the new time-stamp is genuine and over them all."""
        history = read_history(reading.read(preserved))
        if not preserved.startswith(sealed):
            raise foreign()
        require_archive_stamp(history.stamps[-1], CoveredDigest(preserved), vouched=(stamp,))
        if stamp is None or not self._current.gave(stamp):  # the next renewal would refuse it
            raise foreign()


def _known(chain: tuple[bytes, ...]) -> _Known:
    public = x509.load_der_x509_certificate(chain[0]).public_key()
    return _Known(chain, SelfCheck(chain, algorithm_of(public), stamped=True))

"""The archival update: proofs put into the file, and a time-stamp over all of it.

ETSI EN 319 142-1, 5.4: a document security store with certificates and revocation data
(level B-LT), then a document time-stamp (level B-LTA). Adding a second such update before
the first time-stamp's certificate ends keeps the file provable for as long as one likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from credentials.errors import SealingPaused
from credentials.pades import dictionaries, layout
from credentials.pades.history import History
from credentials.pades.layout import PdfObject, SignaturePlace, Trailer
from credentials.pades.reading import CoveredDigest
from keys.errors import KeyUnavailable, RevocationUnavailable, TimestampUnavailable
from keys.revocation import RevocationData, RevocationSource
from keys.timestamps import Timestamper

Streams = tuple[tuple[bytes, ...], tuple[bytes, ...], tuple[bytes, ...]]
"""Bodies of the DSS streams: certificates, OCSP responses, revocation lists."""


class Archived(NamedTuple):
    """A file with its new update, and the time-stamp token in it as the authority gave it."""

    document: bytes
    token: bytes | None
    digests: CoveredDigest
    """What was read of the document before the time-stamp was filled in."""


@dataclass(frozen=True, slots=True)
class _Packed:
    """The streams of one chain, good as long as the source gives the same data."""

    data: RevocationData
    streams: Streams


class Archivist:
    """Adds archival updates to files of ours."""

    def __init__(self, revocation: RevocationSource, timestamper: Timestamper | None) -> None:
        self._revocation = revocation
        self._timestamper = timestamper
        self._packed: dict[bytes, _Packed] = {}

    def update(
        self,
        history: History,
        chain: tuple[bytes, ...],
        identifier: bytes,
        digests: CoveredDigest,
    ) -> Archived:
        """The file with one more update; without a time-stamper that is level B-LT.

        `digests` remembers what was read of the file already.

        Raises:
            SealingPaused: time-stamp authority or revocation data out of reach.
            PlaceholderOverflow: the time-stamp is larger than its place.
        """
        try:
            streams = self._streams(chain)
            return self._append(history, streams, identifier, digests)
        except (KeyUnavailable, RevocationUnavailable, TimestampUnavailable) as cause:
            raise SealingPaused("Sealing is paused. Nothing was issued.") from cause

    def _streams(self, chain: tuple[bytes, ...]) -> Streams:
        """Packed once per publication: the source gives the same object until then."""
        data = self._revocation.data_for(chain)
        packed = self._packed.get(chain[0])
        if packed is None or packed.data is not data:
            packed = _Packed(data, self._pack(chain, data))
            self._packed[chain[0]] = packed
        return packed.streams

    def _pack(self, chain: tuple[bytes, ...], data: RevocationData) -> Streams:
        """Also what proves the authority that stamps, and who signed the responses.

        When their certificates have expired, a checker believes the older time-stamp and the
        responses only if it finds all of this under a newer one (ETSI EN 319 102-1, 5.6.2).
        """
        stamping = self._timestamper.certificates if self._timestamper else ()
        ocsps = (*data.ocsps, *self._about(stamping))
        above = (*reversed(chain), *reversed(stamping), *responders(ocsps))
        groups = (tuple(dict.fromkeys(above)), ocsps, data.crls)
        certificates, responses, lists = (tuple(map(dictionaries.stream, one)) for one in groups)
        return certificates, responses, lists

    def _about(self, stamping: tuple[bytes, ...]) -> tuple[bytes, ...]:
        """Responses about an authority of ours; a remote one brings its own proofs."""
        try:
            return self._revocation.data_for(stamping).ocsps if stamping else ()
        except RevocationUnavailable:
            return ()

    def _append(
        self, history: History, streams: Streams, identifier: bytes, digests: CoveredDigest
    ) -> Archived:
        stored = _stored(history, streams)
        data, draft, newest = history.file.data, history.draft, history.newest
        objects, number = stored.objects, stored.next
        fields = history.fields if self._timestamper is None else [*history.fields, number]
        catalog = dictionaries.catalog_with(draft.catalog, fields, history.seal, stored.dss)
        objects.append((draft.root, catalog))
        size = number + 2 * (len(fields) - len(history.fields))
        halves = (draft.identifier, identifier)
        trailer = Trailer(size, draft.root, draft.info, halves, newest.xref)
        if self._timestamper is None:
            return Archived(data + layout.lay(len(data), objects, trailer), None, digests)
        page, name = draft.page_number, dictionaries.stamp_field(len(history.stamps) + 1)
        objects.append((page, dictionaries.page_with(history.page, number)))
        objects.append((number, dictionaries.widget(name, page, number + 1)))
        place = SignaturePlace(dictionaries.DOCUMENT_TIME_STAMP, self._timestamper.room)
        laid = layout.lay_for_signing(len(data), objects, trailer, (number + 1, place))
        return _stamped(data + laid.encoded, laid.gap, digests, self._timestamper)


def responders(responses: Iterable[bytes]) -> tuple[bytes, ...]:
    """Certificates that OCSP responses carry: of whoever signed them (RFC 6960 4.2.2.3)."""
    read = map(ocsp.load_der_ocsp_response, responses)
    carried = [one.public_bytes(Encoding.DER) for each in read for one in each.certificates]
    return tuple(dict.fromkeys(carried))


@dataclass(frozen=True, slots=True)
class _Stored:
    """The DSS of an update: its objects, its own number, and the next number that is free."""

    objects: list[PdfObject]
    dss: int
    next: int


def _stored(history: History, streams: Streams) -> _Stored:
    """What the file holds already stays and is not added again; the rest goes behind it."""
    number, objects, lists = history.newest.size, [], []
    known = dict(history.streams)
    for old, group in zip(history.store, streams, strict=True):
        listed = list(old)
        for body in group:
            if body not in known:
                objects.append((number, body))
                known[body] = number
                number += 1
            if known[body] not in listed:
                listed.append(known[body])
        lists.append(listed)
    objects.append((number, dictionaries.document_security_store(*lists)))
    return _Stored(objects, number, number + 1)


def _stamped(
    document: bytes, gap: tuple[int, int], digests: CoveredDigest, timestamper: Timestamper
) -> Archived:
    digests = digests.grown(document)
    token = timestamper.stamp(digests.around(gap, len(document)))
    return Archived(layout.fill(document, gap, token), token, digests)

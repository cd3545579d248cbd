"""The archival update: proofs put into the file, and a time-stamp over all of it.

ETSI EN 319 142-1, 5.4: a document security store with certificates and revocation data
(level B-LT), then a document time-stamp (level B-LTA). Adding a second such update before
the first time-stamp's certificate ends keeps the file provable for as long as one likes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from credentials.errors import SealingPaused
from credentials.pades import dictionaries, layout
from credentials.pades.history import History
from credentials.pades.layout import Laid, PdfObject, SignaturePlace, Trailer
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
        groups = map(dict.fromkeys, (above, ocsps, data.crls))
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
        laid = layout.lay_for_signing((data,), objects, trailer, (number + 1, place))
        return _stamped(laid, digests.extended(laid.document), self._timestamper)


def responders(responses: Iterable[bytes]) -> tuple[bytes, ...]:
    """Certificates that OCSP responses carry: of whoever signed them (RFC 6960 4.2.2.3)."""
    read = map(ocsp.load_der_ocsp_response, responses)
    carried = [one.public_bytes(Encoding.DER) for each in read for one in each.certificates]
    return tuple(dict.fromkeys(carried))


class _Stored(NamedTuple):
    """The DSS of an update: its objects, its own number, and the next number that is free."""

    objects: list[PdfObject]
    dss: int
    next: int


def _stored(history: History, streams: Streams) -> _Stored:
    """What the file holds already stays and is not added again; the rest goes behind it."""
    known, number = history.streams, history.newest.size
    if not known:
        return _first_stored(number, streams)
    added = dict.fromkeys(body for group in streams for body in group if body not in known)
    objects = [*enumerate(added, number)]
    numbers = known | {body: one for one, body in objects}
    lists = [
        [*dict.fromkeys((*old, *(numbers[body] for body in group)))]
        for old, group in zip(history.store, streams, strict=True)
    ]
    dss = number + len(objects)
    objects.append((dss, dictionaries.document_security_store(*lists)))
    return _Stored(objects, dss, dss + 1)


def _first_stored(number: int, streams: Streams) -> _Stored:
    """In a file without archive data all of it is added, one stream behind another."""
    certificates, ocsps, crls = streams
    objects = [*enumerate((*certificates, *ocsps, *crls), number)]
    dss = number + len(objects)
    objects.append((dss, _first_dss(number, len(certificates), len(ocsps), len(crls))))
    return _Stored(objects, dss, dss + 1)


@lru_cache(maxsize=64)
def _first_dss(number: int, *counts: int) -> bytes:
    starts = accumulate(counts, initial=number)
    lists = [range(start, start + count) for start, count in zip(starts, counts, strict=False)]
    return dictionaries.document_security_store(*lists)


def _stamped(laid: Laid, digests: CoveredDigest, timestamper: Timestamper) -> Archived:
    token = timestamper.stamp(digests.around(laid.gap, len(laid.document)))
    return Archived(layout.fill(laid.document, laid.gap, token), token, digests)

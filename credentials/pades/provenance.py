"""Whose is what stands in a file: a new time-stamp vouches for all of it.

The form of an update proves nothing about who wrote it; our programs are public. So every
time-stamp must be by an authority of ours, and every proof in the DSS issued by one.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from credentials.errors import UnknownShape
from credentials.pades import token
from credentials.pades.archival import responders
from credentials.pades.history import History, packed_in
from credentials.pades.shape import foreign
from keys import chains, crl, ocsp
from keys.errors import RevocationUnavailable

MAX_PROOF = 1024 * 1024
"""Bytes of one certificate, response or revocation list, unpacked: as the verifier takes."""
_UNREADABLE = (*chains.UNREADABLE, LookupError, AttributeError, OverflowError)


@contextmanager
def reading_foreign_bytes() -> Iterator[None]:
    """Whatever a library raises about bytes that it cannot read is an `UnknownShape`."""
    try:
        yield
    except _UNREADABLE:
        raise foreign() from None


@dataclass(frozen=True, slots=True)
class Authorities:
    """Those of ours, now or once. All certificates in DER."""

    issuing: tuple[tuple[bytes, ...], ...]
    """Chains of keys that they certified: own first, root last."""
    stamping: frozenset[bytes]
    """Certificates of time-stamp authorities, and those above them."""

    def with_stamping(self, listed: Iterable[tuple[bytes, ...]]) -> Authorities:
        """These, and the time-stamp authorities of these chains."""
        added = tuple(listed)
        every = self.stamping.union(*added)
        return Authorities((*self.issuing, *added), every)

    def gave(self, stamp: bytes) -> bool:
        """Whether one of them made this token, and nobody else's certificate is in it."""
        try:
            token.read(stamp, tuple(self.stamping))
        except UnknownShape:
            return False
        return True

    def issued_store(self, history: History) -> bool:
        """Whether every stream of the DSS is a proof of the kind that it stands under."""
        bodies = {number: body for body, number in history.streams.items()}
        return all(
            number in bodies and _is_proof(self, kind, bodies[number])
            for kind, numbers in zip(_KINDS, history.store, strict=True)
            for number in numbers
        )

    @property
    def known(self) -> frozenset[bytes]:
        """Every certificate of theirs by itself."""
        return self.stamping.union(*self.issuing)

    @property
    def issuers(self) -> tuple[bytes, ...]:
        """Certificates that stand above another one."""
        return tuple(dict.fromkeys(one for chain in self.issuing for one in chain[1:]))


def _is_certificate(ours: Authorities, plain: bytes) -> bool:
    return plain in ours.known or any(
        chains.is_issued(plain, chain[1:], chain[-1:]) for chain in ours.issuing
    )


def _is_response(ours: Authorities, plain: bytes) -> bool:
    carried = all(_is_certificate(ours, one) for one in responders((plain,)))
    return carried and any(_reads(ocsp.read_response, plain, one) for one in ours.issuers)


def _is_list(ours: Authorities, plain: bytes) -> bool:
    return any(_reads(crl.read, plain, one) for one in ours.issuers)


_KINDS = (_is_certificate, _is_response, _is_list)
"""In the order of `History.store`."""


@lru_cache(maxsize=256)
def _is_proof(ours: Authorities, kind: Callable[[Authorities, bytes], bool], body: bytes) -> bool:
    """Remembered: all copies of one publication hold the same streams."""
    with reading_foreign_bytes():
        return kind(ours, _unpacked(packed_in(body)))


def _reads(read: Callable[[bytes, bytes], object], plain: bytes, issuer: bytes) -> bool:
    try:
        read(plain, issuer)
    except RevocationUnavailable:
        return False
    return True


def _unpacked(packed: bytes) -> bytes:
    """Within bounds and to the very end."""
    running = zlib.decompressobj()
    try:
        plain = running.decompress(packed, MAX_PROOF)
    except zlib.error:
        raise foreign() from None
    if not running.eof or running.unused_data:
        raise foreign()
    return plain

"""Whether our certificates are revoked: the port, and a reader of what was published.

The reader opens no key. It serves `/pki/` in a process that has none, and hands a
sealer what it embeds, from files that a process with keys keeps fresh (`keys.revoking`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from keys import crl, ocsp
from keys.errors import RevocationUnavailable
from keys.ocsp import CertificateId, Malformed

CA_LIST, ROOT_LIST = "ca.crl", "root.crl"
LISTS = (ROOT_LIST, CA_LIST)
CERTIFICATES = ("root.cer", "ca.cer")
MARK = "published.json"
"""Written last, whenever responses were signed: its arrival tells readers to look again."""
LOOK = 1.0
"""Seconds between looks at the folder: a look costs a quarter of a seal."""
CHAIN = 3
"""Own certificate, authority, root."""


@dataclass(frozen=True, slots=True)
class RevocationData:
    """What a document embeds so that it can be checked without asking anybody. All in DER."""

    ocsps: tuple[bytes, ...]
    """One response, about the certificate that seals."""
    crls: tuple[bytes, ...]
    """The root's list, then the authority's."""
    fresh_until: datetime
    """The earliest `nextUpdate` among them."""


class RevocationSource(Protocol):
    """Somebody who can say whether a certificate of ours was revoked."""

    def data_for(self, chain: tuple[bytes, ...]) -> RevocationData:
        """Take a chain (DER, own first, root last), give what proves its state now.

        Cheap: the same object comes back until something new is published.

        Raises:
            RevocationUnavailable: the certificate is unknown, or there is no fresh data.
            KeyUnavailable: new data is due, and the key that signs it is out of reach.
        """
        ...


class RevocationService(Protocol):
    """What stands under `/pki/`."""

    def file(self, name: str) -> bytes:
        """A file of `LISTS` or `CERTIFICATES`, in DER.

        Raises:
            RevocationUnavailable: there is none.
        """
        ...

    def respond(self, request: bytes) -> bytes:
        """Answer an OCSPRequest; whatever comes in, an OCSPResponse goes out."""
        ...


class PublishedRevocation:
    """A reader of the folder in which revocation data is published. Safe for threads."""

    def __init__(
        self,
        folder: Path,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._monotonic = monotonic
        self._marked = [folder / name for name in (MARK, *LISTS)]
        self._read = _Read((), {})
        self._look_at = monotonic()

    def data_for(self, chain: tuple[bytes, ...]) -> RevocationData:
        """Give what was published about a chain; see `RevocationSource`."""
        data = self._data(chain)
        if self._clock() >= data.fresh_until:
            self.look()
            data = self._data(chain)
        if self._clock() >= data.fresh_until:
            raise RevocationUnavailable(
                "The published revocation data has run out: is the process that signs it running?"
            )
        return data

    def file(self, name: str) -> bytes:
        """A file of `LISTS` or `CERTIFICATES`; see `RevocationService`."""
        found = self._current().files.get(name) if name in LISTS + CERTIFICATES else None
        if found is None:
            raise RevocationUnavailable("No such revocation file was published.")
        return found

    def respond(self, request: bytes) -> bytes:
        """Answer from responses that were signed before: without nonce (RFC 9654 2.1), one each."""
        try:
            asked = ocsp.read_request(request)
        except Malformed:
            return ocsp.MALFORMED
        if len(asked.certificates) != 1:
            return ocsp.UNAUTHORIZED
        try:
            return self.response(asked.certificates[0]) or ocsp.UNAUTHORIZED
        except RevocationUnavailable:
            return ocsp.TRY_LATER

    def response(self, asked: CertificateId) -> bytes | None:
        """The published response about one certificate, if there is one.

        Raises:
            RevocationUnavailable: nothing was published.
        """
        files = self._current().files
        if not asked.is_issued_by(files["ca.cer"]):
            return None
        return files.get(response_name(asked.serial, asked.hash_name))

    def look(self) -> None:
        """See whether something new was published; happens by itself every `LOOK` seconds.

        Raises:
            RevocationUnavailable: nothing was published, or it cannot be read.
        """
        self._look_at = self._monotonic() + LOOK
        try:
            # Responses bring a new mark with them, a list comes by itself.
            marks = tuple([path.stat().st_mtime_ns for path in self._marked])
            if marks != self._read.marks:
                self._read = _Read(marks, _files(self._folder))
        except OSError as cause:
            raise RevocationUnavailable(
                f"The published revocation data cannot be read ({cause.strerror})."
            ) from cause

    def _current(self) -> _Read:
        if not self._read.files or self._monotonic() >= self._look_at:
            self.look()
        return self._read

    def _data(self, chain: tuple[bytes, ...]) -> RevocationData:
        read = self._current()
        data = read.data.get(chain)
        if data is None:
            data = read.data[chain] = _data(read.files, chain)
        return data


@dataclass(frozen=True, slots=True)
class _Read:
    """What stood in the folder, and what was made of it."""

    marks: tuple[int, ...]
    files: Mapping[str, bytes]
    data: dict[tuple[bytes, ...], RevocationData] = field(default_factory=dict)


def response_name(serial: int, hash_name: str) -> str:
    """File of the response about a serial, for questions that use this hash."""
    return f"{serial:x}.{hash_name}.ocsp"


def _files(folder: Path) -> dict[str, bytes]:
    suffixes = {".crl", ".cer", ".ocsp"}
    files = {one.name: one.read_bytes() for one in folder.iterdir() if one.suffix in suffixes}
    if not set(LISTS + CERTIFICATES) <= set(files):
        raise RevocationUnavailable("The folder of revocation data is not complete.")
    return files


def _data(files: Mapping[str, bytes], chain: tuple[bytes, ...]) -> RevocationData:
    """Put the parts together; each must be signed by the authority that the chain names."""
    if len(chain) != CHAIN:
        raise RevocationUnavailable("A chain is the own certificate, its authority and the root.")
    serial = crl.serial_of(chain[0])
    response = files.get(response_name(serial, ocsp.HASHES[0]))
    if response is None:
        raise RevocationUnavailable("Nothing was published about that certificate.")
    lists = tuple(files[name] for name in LISTS)
    answered = ocsp.read_response(response, chain[1])
    if answered.serial != serial:
        raise RevocationUnavailable("A published OCSP response is about another certificate.")
    ends = [
        crl.read(one, issuer).next_update
        for one, issuer in zip(lists, (chain[2], chain[1]), strict=True)
    ]
    return RevocationData((response,), lists, min(answered.next_update, *ends))

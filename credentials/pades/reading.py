"""Reads a sealed file back, from its last byte to its first (ISO 32000-1, 7.5.5 and 7.5.6).

Independent of the code that writes: it knows the file only as bytes. Every update must
begin where the one before it ended, so nothing stands between them. Bytes that are not
ours are a normal answer here, never a crash.
"""

from __future__ import annotations

import hashlib
import re
from binascii import hexlify, unhexlify
from typing import TYPE_CHECKING, NamedTuple

from credentials.pades.shape import ROW, STRING, TAIL_LENGTH, foreign

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

SEAL = 1
"""The seal is the first update after the renderer's revision 0."""
MAX_REVISIONS = 64
"""As many as our verifier reads: a file is never renewed beyond what can be checked."""
_TAIL = re.compile(
    rb"trailer\n<</Size (\d{1,7})/Root (\d{1,7}) 0 R/Info (\d{1,7}) 0 R"
    rb"/ID\[(" + STRING + rb") ?(" + STRING + rb")\](?:/Prev (\d{1,10}))?>>\n"
    rb"startxref\n(\d{1,10})\n%%EOF\n\Z"
)
_SECTION = re.compile(rb"(\d{1,7}) (\d{1,4})\n((?:\d{10} 00000 n\r\n)+)")
_LIVE = b" 00000 n\r\n"
_CERTIFICATION = re.compile(rb"/Perms<</DocMDP (\d{1,7}) 0 R>>")
_BYTE_RANGE = re.compile(rb"/ByteRange\[0 (\d{1,10}) (\d{1,10}) (\d{1,10})\] *")
_CONTENTS = b"/Contents"
_CLOSING = b">>\nendobj\n"


class Revision(NamedTuple):
    """One update: where it stands, what its trailer says, where its objects are."""

    start: int
    end: int
    xref: int
    size: int
    root: int
    info: int
    identifiers: tuple[bytes, bytes]
    previous: int | None
    rows: dict[int, int]


class Signed(NamedTuple):
    """A signature dictionary as it stands in the file."""

    dictionary: bytes
    """From `<<` up to /ByteRange."""
    gap: tuple[int, int]
    """Offsets of `<` and just after `>`."""
    end: int
    """Just after the last byte that is covered."""
    contents: bytes
    """The bytes between the brackets, decoded: one DER value and zeros."""


_Around = tuple[tuple[int, int], bytes, bytes]
"""A gap, the bytes behind it, and the digest around it."""


class CoveredDigest:
    """SHA-256 over what signatures cover; bytes that several of them cover are hashed once.

    They are asked about in the order of the file.
    """

    __slots__ = ("_at", "_before", "_data", "_last")

    def __init__(
        self, data: bytes, before: Hash | None = None, at: int = 0, last: _Around | None = None
    ) -> None:
        self._data = data
        self._before = before or hashlib.sha256()
        self._at = at
        self._last = last

    def ahead(self) -> CoveredDigest:
        """The same with all of it hashed already: the beginning of other files."""
        self._before.update(self._data)
        self._at = len(self._data)
        return self

    def grown(self, data: bytes) -> CoveredDigest:
        """The same for this file after a place in it was filled or an update was added.

        What was hashed is not hashed again but compared, bit by bit, which proves as much.

        Raises:
            UnknownShape: bytes that were hashed already are not the same.
        """
        if not data.startswith(memoryview(self._data)[: self._at]):
            raise foreign()
        return self.extended(data)

    def extended(self, data: bytes) -> CoveredDigest:
        """The same for a file that was just put together with what was hashed at its beginning."""
        return CoveredDigest(data, self._before.copy(), self._at, self._last)

    def around(self, gap: tuple[int, int], end: int) -> bytes:
        """Digest of everything up to that end but the gap."""
        opening, closing = gap
        rest = self._data[closing:end]
        if self._last is not None and self._last[:2] == (gap, rest):
            return self._last[2]
        self._before.update(memoryview(self._data)[self._at : opening])
        self._at = opening
        running = self._before.copy()
        running.update(rest)
        self._last = gap, rest, running.digest()
        return self._last[2]


class SealedFile(NamedTuple):
    """A file and its revisions, the renderer's first."""

    data: bytes
    revisions: tuple[Revision, ...]

    def body(self, number: int, revision: int) -> bytes:
        """The body of an object that this very revision wrote.

        Raises:
            UnknownShape: it did not, or not as its table says.
        """
        table = self.revisions[revision]
        head = b"%d 0 obj\n" % number
        start = table.rows.get(number, -1)
        end = self.data.find(b"\nendobj\n", start, table.xref)
        if start < 0 or end < 0 or not self.data.startswith(head, start):
            raise foreign()
        return self.data[start + len(head) : end]

    def grown(self, data: bytes) -> SealedFile:
        """This file with one more update behind it.

        Raises:
            UnknownShape: these bytes are something else.
        """
        newest = _revision(data, len(data))
        ours = newest.start == len(self.data) and newest.previous == self.revisions[-1].xref
        if not ours or not data.startswith(self.data):
            raise foreign()
        return SealedFile(data, (*self.revisions, newest))

    def catalog(self, revision: int) -> bytes:
        """The catalog that this revision wrote.

        Raises:
            UnknownShape: it wrote none.
        """
        return self.body(self.revisions[revision].root, revision)

    def seal(self) -> Signed:
        """The certification signature.

        Raises:
            UnknownShape: there is none in its place.
        """
        found = _CERTIFICATION.findall(self.catalog(SEAL))
        if len(found) != 1:
            raise foreign()
        return self.signed(int(found[0]), SEAL)

    def signed(self, number: int, revision: int) -> Signed:
        """A signature dictionary whose byte range ends with its own revision.

        Raises:
            UnknownShape: it leaves out anything but the digits of its own signature.
        """
        table = self.revisions[revision]
        head = b"%d 0 obj\n" % number
        start = table.rows.get(number, -1)
        stated = _BYTE_RANGE.search(self.data, start, table.xref) if start >= 0 else None
        if stated is None or not self.data.startswith(head, start):
            raise foreign()
        opening, closing, rest = map(int, stated.groups())
        in_place = (
            self.data.startswith(_CONTENTS + b"<", stated.end())
            and opening == stated.end() + len(_CONTENTS)
            and self.data.startswith(_CLOSING, closing)
            and closing + len(_CLOSING) == table.xref
            and closing + rest == table.end
        )
        if not in_place:
            raise foreign()
        dictionary = self.data[start + len(head) : stated.start()]
        contents = _decoded(self.data[opening:closing])
        return Signed(dictionary, (opening, closing), table.end, contents)


def read(data: bytes) -> SealedFile:
    """Account for the updates of a file, the last one first.

    Raises:
        UnknownShape: some byte is not as our sealer writes it.
    """
    revisions: list[Revision] = []
    end: int | None = len(data)
    expected: int | None = None
    while end is not None:
        found = _revision(data, end)
        if expected not in {None, found.xref} or len(revisions) == MAX_REVISIONS:
            raise foreign()
        revisions.append(found)
        expected, end = found.previous, found.start if found.previous is not None else None
    return SealedFile(data, tuple(reversed(revisions)))


def _revision(data: bytes, end: int) -> Revision:
    tail = _TAIL.search(data, max(0, end - TAIL_LENGTH), end)
    if tail is None:
        raise foreign()
    size, root, info, xref = map(int, tail.group(1, 2, 3, 7))
    identifiers, stated = (tail[4], tail[5]), tail[6]
    if stated is None:
        return Revision(0, end, xref, size, root, info, identifiers, None, {})
    rows, previous = _rows(data, xref, tail.start()), int(stated)
    offsets = rows.values()
    start = min(offsets)
    if start <= previous or max(offsets) >= xref:
        raise foreign()
    return Revision(start, end, xref, size, root, info, identifiers, previous, rows)


def _rows(data: bytes, xref: int, end: int) -> dict[int, int]:
    """The live objects of one table, subsection by subsection."""
    rows: dict[int, int] = {}
    at = xref + len(b"xref\n")
    for first, count, listed in _SECTION.findall(data, at, end):
        if len(listed) != ROW * int(count):
            raise foreign()
        rows.update(enumerate(map(int, listed.split(_LIVE)[:-1]), int(first)))
        at += len(first) + len(count) + len(b" \n") + len(listed)
    if not rows or at != end or not data.startswith(b"xref\n", xref):
        raise foreign()
    return rows


def _decoded(digits: bytes) -> bytes:
    """A hexadecimal string in lower case without blanks: the only form that we write."""
    inner = digits[1:-1]
    if b"<%b>" % inner != digits:
        raise foreign()
    try:
        found = unhexlify(inner)
    except ValueError:
        raise foreign() from None
    if hexlify(found) != inner:
        raise foreign()
    return found

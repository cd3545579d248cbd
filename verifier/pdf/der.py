"""DER, walked byte by byte (X.690, 8.1 and 10.1): one encoding per value, or none."""

from __future__ import annotations

from dataclasses import dataclass

from verifier.pdf.syntax import Refused

MAX_DEPTH = 40
INTEGER, OCTETS, NULL, OID, TIME = 0x02, 0x04, 0x05, 0x06, 0x18
SEQUENCE, SET = 0x30, 0x31
EXPLICIT_0, EXPLICIT_1 = 0xA0, 0xA1
_CONSTRUCTED = 0x20
_MULTIPLE = 0x1F
_LONG = 0x80
_MAX_OCTETS = 3


@dataclass(frozen=True, slots=True)
class Item:
    """One value: its tag, its encoding whole, and where its contents begin in that."""

    tag: int
    whole: bytes
    head: int

    @property
    def body(self) -> bytes:
        """The contents, without tag and length."""
        return self.whole[self.head :]

    def items(self) -> Items:
        """What a constructed value holds.

        Raises:
            Refused: it is not a row of values in definite, shortest form.
        """
        return Items(_row(self.whole, self.head))


class Items:
    """The values within one value, taken from the first to the last, none passed over."""

    def __init__(self, row: list[Item]) -> None:
        self._row = row
        self._next = 0

    def take(self, tag: int) -> Item:
        """The next value, which must have this tag.

        Raises:
            Refused: it has not, or there is none.
        """
        found = self.take_if(tag)
        if found is None:
            raise Refused("container_shape")
        return found

    def take_if(self, tag: int) -> Item | None:
        """The next value if it has this tag."""
        if self._next >= len(self._row) or self._row[self._next].tag != tag:
            return None
        self._next += 1
        return self._row[self._next - 1]

    def rest(self) -> list[Item]:
        """All that were not taken yet."""
        left, self._next = self._row[self._next :], len(self._row)
        return left

    def require_end(self) -> None:
        """Nothing may be left.

        Raises:
            Refused: something is.
        """
        if self._next < len(self._row):
            raise Refused("container_shape")


def read(data: bytes, tag: int) -> Item:
    """The one value that these bytes are.

    Raises:
        Refused: of another tag, or not exactly one value.
    """
    items = Items(_row(data, 0))
    found = items.take(tag)
    items.require_end()
    return found


def dotted(oid: bytes) -> str:
    """An object identifier in figures and points, from its contents (X.690, 8.19)."""
    numbers, held = list[int](), 0
    for octet in oid:
        held = held << 7 | octet & 0x7F
        if octet < _LONG:
            numbers.append(held)
            held = 0
    if not numbers or not oid or oid[-1] >= _LONG:
        raise Refused("container_shape")
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, (first, numbers[0] - 40 * first, *numbers[1:])))


def length_of(data: bytes, pos: int = 0) -> int:
    """Length of the one value that begins here, tag and length octets included.

    Raises:
        Refused: no value in definite, shortest form begins here.
    """
    return _span(data, pos, len(data))[1] - pos


def require_canonical(data: bytes, pos: int = 0, end: int | None = None, depth: int = 0) -> None:
    """Hold every length in a run of values to its shortest form, all the way down.

    Raises:
        Refused: a length is longer than it need be, or points outside.
    """
    end = len(data) if end is None else end
    if depth > MAX_DEPTH:
        raise Refused("container_not_canonical")
    while pos < end:
        start, stop = _span(data, pos, end)
        if data[pos] & _CONSTRUCTED:
            require_canonical(data, start, stop, depth + 1)
        pos = stop


def _row(data: bytes, pos: int) -> list[Item]:
    found: list[Item] = []
    while pos < len(data):
        start, stop = _span(data, pos, len(data))
        found.append(Item(data[pos], data[pos:stop], start - pos))
        pos = stop
    return found


def _span(data: bytes, pos: int, limit: int) -> tuple[int, int]:
    """Where the contents of the value at `pos` begin and end."""
    # Tag 0 is the end mark of indefinite lengths: in DER it is padding in disguise.
    if pos + 2 > limit or data[pos] & _MULTIPLE == _MULTIPLE or not data[pos]:
        raise Refused("container_not_canonical")
    first, start = data[pos + 1], pos + 2
    length = first
    if first >= _LONG:
        octets = first - _LONG
        length = int.from_bytes(data[start : start + octets], "big")
        if not 1 <= octets <= _MAX_OCTETS or length < max(_LONG, 1 << 8 * (octets - 1)):
            raise Refused("container_not_canonical")
        start += octets
    if start + length > limit:
        raise Refused("container_not_canonical")
    return start, start + length

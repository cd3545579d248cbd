"""What any PDF still tells of itself: objects found by looking, not by following tables.

General readers follow the cross-reference table and repair it when it is wrong. For a
file that our strict reader refuses the table proves nothing, so here every object is
taken where it stands, and the last one of a number counts. Nothing that is found this
way can speak for a file: it only tells "no seal at all" from "somebody else's seal"
from "our seal over changed bytes".

Bounds stand on all that a file could make long: objects, values, unpacked bytes and
things that are not what they begin as.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass, field

from verifier.pdf.syntax import Dictionary, Name, Ref, Refused, Value, Values, skip_space

MAX_OBJECTS = 50_000
MAX_BROKEN = 50
"""Objects that cannot be read; each may cost a look at the whole file."""
MAX_UNPACKED = 8 * 1024 * 1024
"""All object streams of a file together, in bytes. A page of text has some kilobytes of them."""

_ENDING = re.compile(rb"startxref\s{1,9}\d{1,10}\s{1,9}%%EOF")
_ENDING_WITHIN = 1024
"""Readers look for the last line of a file that far from its end (ISO 32000-1, annex H.3.18)."""
_OBJECT = re.compile(rb"(?<![0-9])(\d{1,10})[\x00\t\n\x0c\r ]{1,9}\d{1,5}[\x00\t\n\x0c\r ]{1,9}obj")
_MARK = re.compile(_OBJECT.pattern + rb"|\btrailer(?![A-Za-z])")
_STREAM = re.compile(rb"stream\r?\n?")
_STREAM_END = re.compile(rb"[\x00\t\n\x0c\r ]{0,9}endstream")
_LENGTH = re.compile(_OBJECT.pattern + rb"\s{1,9}(\d{1,10})\s{1,9}endobj")


@dataclass(slots=True)
class Salvaged:
    """The last object of every number, as far as it can be read, and the last trailer."""

    objects: dict[int, Value] = field(default_factory=dict)
    broken: set[int] = field(default_factory=set)
    trailer: Dictionary = field(default_factory=dict)

    def resolve(self, value: Value) -> Value:
        """The value itself, references followed; what is nowhere is null (7.3.10).

        Raises:
            Refused: it is there and cannot be read, or leads in a circle.
        """
        for _ in range(8):
            if not isinstance(value, Ref):
                return value
            if value.number in self.broken:
                raise Refused("damaged")
            value = self.objects.get(value.number)
        raise Refused("damaged")


def salvage(data: bytes) -> Salvaged:
    """Everything in a file that reads as an object.

    Raises:
        Refused: the end of the file is missing, or it is beyond the bounds.
    """
    if _ENDING.search(data, max(0, len(data) - _ENDING_WITHIN)) is None:
        raise Refused("damaged")
    return _Search(data).found()


class _Search:
    """One pass over one file."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._values = Values(data, is_tolerant=True)
        self._lengths = {int(one[1]): int(one[2]) for one in _LENGTH.finditer(data)}
        self._found = Salvaged()
        self._unpacked = 0
        self._failed = 0

    def found(self) -> Salvaged:
        """All that there is, from the first byte to the last."""
        pos = 0
        while (mark := _MARK.search(self._data, pos)) is not None:
            pos = self._object(mark) if mark[1] else self._trailer(mark.end())
        return self._found

    def _trailer(self, pos: int) -> int:
        try:
            value, end = self._values.at(pos)
        except Refused as refusal:
            self._count_failure(refusal)
            return pos
        self._take_trailer(value)
        return end

    def _take_trailer(self, value: Value) -> None:
        if isinstance(value, dict) and "Root" in value:
            # Encryption that one trailer names is there, whatever a later one leaves out.
            secret = {"Encrypt": True} if "Encrypt" in self._found.trailer else {}
            self._found.trailer = {**secret, **value}

    def _object(self, mark: re.Match[bytes]) -> int:
        number = int(mark[1])
        try:
            value, end = self._values.at(mark.end())
        except Refused as refusal:
            self._count_failure(refusal)
            self._found.objects.pop(number, None)
            self._found.broken.add(number)
            return mark.end()
        self._keep(number, value)
        opened = _STREAM.match(self._data, skip_space(self._data, end))
        if opened is None or not isinstance(value, dict):
            return end
        return self._stream(value, opened.end())

    def _keep(self, number: int, value: Value) -> None:
        self._found.objects[number] = value
        self._found.broken.discard(number)
        if len(self._found.objects) > MAX_OBJECTS:
            raise Refused("too_many_objects")

    def _count_failure(self, refusal: Refused) -> None:
        self._failed += 1
        if self._failed > MAX_BROKEN or refusal.reason == "too_many_values":
            raise Refused("damaged") from refusal

    def _stream(self, value: Dictionary, start: int) -> int:
        """Step over the bytes of a stream: what looks like an object in there is none."""
        end = self._end_of_stream(value, start)
        if value.get("Type") == Name("XRef"):
            self._take_trailer(value)
        if value.get("Type") == Name("ObjStm"):
            self._unpack(value, start, end)
        return end

    def _end_of_stream(self, value: Dictionary, start: int) -> int:
        length = value.get("Length")
        if isinstance(length, Ref):
            length = self._lengths.get(length.number)
        if type(length) is int and _STREAM_END.match(self._data, start + length):
            return start + length
        end = self._data.find(b"endstream", start)
        return len(self._data) if end < 0 else end

    def _unpack(self, value: Dictionary, start: int, end: int) -> None:
        """Objects within a stream (ISO 32000-1, 7.5.7)."""
        plain = self._inflated(value, self._data[start:end])
        count, first = value.get("N"), value.get("First")
        if type(count) is not int or type(first) is not int or not 0 <= count <= MAX_OBJECTS:
            raise Refused("damaged")
        try:
            head = [
                int(word) for word in plain[: max(first, 0)].split(None, 2 * count)[: 2 * count]
            ]
        except ValueError as cause:
            raise Refused("damaged") from cause
        values = Values(plain, is_tolerant=True)
        for number, offset in zip(head[::2], head[1::2], strict=False):
            self._packed_object(values, number, first + offset)

    def _packed_object(self, values: Values, number: int, place: int) -> None:
        try:
            self._keep(number, values.at(place)[0])
        except Refused as refusal:
            self._count_failure(refusal)
            self._found.broken.add(number)

    def _inflated(self, value: Dictionary, packed: bytes) -> bytes:
        packing = value.get("Filter")
        if packing is None:
            return packed
        if packing not in (Name("FlateDecode"), [Name("FlateDecode")]) or value.get("DecodeParms"):
            raise Refused("damaged")
        running = zlib.decompressobj()
        try:
            plain = running.decompress(packed, MAX_UNPACKED - self._unpacked + 1)
        except zlib.error as cause:
            raise Refused("damaged") from cause
        self._unpacked += len(plain)
        if self._unpacked > MAX_UNPACKED:
            raise Refused("unpacks_too_large")
        return plain

"""A strict reader of DER (ITU-T X.690): just enough to look at what a sealed file carries.

It shares nothing with the code that writes, so that a mistake there is seen here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from credentials.errors import UnknownShape

_SHORT = 0x80
_LONGEST = 3
"""Bytes of a length: 16 MiB is more than any container of ours."""


class Value(NamedTuple):
    """One value: its tag, and where its encoding and its content stand."""

    data: bytes
    tag: int
    start: int
    content: int
    end: int

    @property
    def encoded(self) -> bytes:
        """Tag, length and content."""
        return self.data[self.start : self.end]

    @property
    def inner(self) -> bytes:
        """The content alone."""
        return self.data[self.content : self.end]

    def members(self, *tags: int) -> list[Value]:
        """What a constructed value holds; where tags are given, exactly those in that order.

        Raises:
            UnknownShape: something else.
        """
        found, at = [], self.content
        while at < self.end:
            found.append(_value(self.data, at, self.end))
            at = found[-1].end
        if tags and [one.tag for one in found] != [*tags]:
            raise malformed()
        return found

    def only(self, tag: int) -> Value:
        """The one value inside this one.

        Raises:
            UnknownShape: none, another, or more.
        """
        (found,) = self.members(tag)
        return found


def malformed() -> UnknownShape:
    """The error for bytes that are not a signature as we write or accept them."""
    return UnknownShape("Only documents of our own renderer are sealed.")


def first(data: bytes, start: int = 0) -> Value:
    """The value that begins there; what follows it is not looked at.

    Raises:
        UnknownShape: not the encoding of one value in its shortest form.
    """
    return _value(data, start, len(data))


def whole(data: bytes) -> Value:
    """The one value that these bytes are.

    Raises:
        UnknownShape: not one value, or bytes behind it.
    """
    found = first(data)
    if found.end != len(data):
        raise malformed()
    return found


class Step(NamedTuple):
    """One value on the way through a structure of fixed form."""

    tag: int
    enter: bool = False
    """Whether the way goes on inside it, and not behind it."""


Span = tuple[int, int, int]
"""Where a value begins, where its content begins, and where both end."""


def follow(data: bytes, way: Iterable[Step], start: int, end: int) -> list[Span]:
    """Every value on a way from there on: for a seal, a third of what `members` costs.

    Raises:
        UnknownShape: a value has another tag, or reaches beyond the one that holds it.
    """
    spans, at = [], start
    for tag, enter in way:
        content = at + 2
        if content > end or data[at] != tag:
            raise malformed()
        size = data[at + 1]
        if size >= _SHORT:
            size, content = _long_form(data, content, size - _SHORT)
        stop = content + size
        if stop > end:
            raise malformed()
        spans.append((at, content, stop))
        if enter:
            at, end = content, stop
        else:
            at = stop
    return spans


def _value(data: bytes, start: int, end: int) -> Value:
    content, stop = _place(data, start, end)
    return tuple.__new__(Value, (data, data[start], start, content, stop))


def _place(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the content of the value that begins there begins and ends."""
    content = start + 2
    if content > end:
        raise malformed()
    size = data[start + 1]
    if size >= _SHORT:
        size, content = _long_form(data, content, size - _SHORT)
    if content + size > end:
        raise malformed()
    return content, content + size


def _long_form(data: bytes, start: int, octets: int) -> tuple[int, int]:
    """A length of more than one byte, and where it ends; never longer than it must be."""
    size = int.from_bytes(data[start : start + octets])
    if not 0 < octets <= _LONGEST or size < _SHORT or size >> 8 * (octets - 1) == 0:
        raise malformed()
    return size, start + octets

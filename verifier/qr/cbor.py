"""Deterministic CBOR (RFC 8949 4.2.1), the few kinds of it that our facts are made of.

One content has exactly one spelling, so whatever is spelled otherwise is refused: longer
lengths than needed, keys out of order or twice, anything after the end.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_DEPTH = 4
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_SMALLEST = {24: 24, 25: 1 << 8, 26: 1 << 16, 27: 1 << 32}
"""Below this a number of that width has a shorter spelling."""


class NotDeterministic(ValueError):
    """The octets are not the one spelling of anything."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value with a tag (RFC 8949 3.4)."""

    tag: int
    value: Value


Value = int | bytes | str | list["Value"] | dict["int | str", "Value"] | Tagged


def decode(data: bytes) -> Value:
    """The one value that these octets spell, to the last octet.

    Raises:
        NotDeterministic: another spelling, another kind of value, or octets left over.
    """
    value, end = _value(data, 0, 0)
    if end != len(data):
        raise NotDeterministic("octets after the end")
    return value


def _value(data: bytes, at: int, depth: int) -> tuple[Value, int]:
    if depth > MAX_DEPTH:
        raise NotDeterministic("too deep")
    kind, number, at = _head(data, at)
    match kind:
        case 0:
            return number, at
        case 1:
            return -1 - number, at
        case 2 | 3:
            return _string(data, at, number, is_text=kind == 3)  # noqa: PLR2004 - major type
        case 4:
            return _array(data, at, number, depth)
        case 5:
            return _map(data, at, number, depth)
        case 6:
            value, at = _value(data, at, depth + 1)
            return Tagged(number, value), at
        case _:
            raise NotDeterministic("a kind of value that no fact has")


def _head(data: bytes, at: int) -> tuple[int, int, int]:
    """Major type, argument, and where the content begins (RFC 8949 3)."""
    if at >= len(data):
        raise NotDeterministic("cut short")
    kind, short = data[at] >> 5, data[at] & 31
    at += 1
    if short < 24:  # noqa: PLR2004 - RFC 8949 3
        return kind, short, at
    if short not in _WIDTHS or at + _WIDTHS[short] > len(data):
        raise NotDeterministic("no length, or cut short")
    number = int.from_bytes(data[at : at + _WIDTHS[short]], "big")
    if number < _SMALLEST[short]:
        raise NotDeterministic("a number with a shorter spelling")
    return kind, number, at + _WIDTHS[short]


def _string(data: bytes, at: int, length: int, *, is_text: bool) -> tuple[Value, int]:
    if at + length > len(data):
        raise NotDeterministic("cut short")
    found = data[at : at + length]
    try:
        return (found.decode() if is_text else found), at + length
    except UnicodeDecodeError as cause:
        raise NotDeterministic("a text that is not UTF-8") from cause


def _array(data: bytes, at: int, length: int, depth: int) -> tuple[Value, int]:
    found: list[Value] = []
    for _ in range(length):
        value, at = _value(data, at, depth + 1)
        found.append(value)
    return found, at


def _map(data: bytes, at: int, length: int, depth: int) -> tuple[Value, int]:
    found: dict[int | str, Value] = {}
    before = b""
    for _ in range(length):
        start = at
        key, at = _value(data, at, depth + 1)
        spelled = data[start:at]
        if spelled <= before or not isinstance(key, int | str):
            raise NotDeterministic("keys out of order, twice, or of another kind")
        found[key], at = _value(data, at, depth + 1)
        before = spelled
    return found, at

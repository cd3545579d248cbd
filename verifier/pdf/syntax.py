"""A strict reader of PDF values (ISO 32000-1, 7.2-7.3): what our own files use, nothing more.

General readers repair; an attack is a file that two readers repair differently.
This one refuses instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

MAX_DEPTH = 64


class Refused(Exception):
    """The bytes are not strictly what they should be; `reason` is a stable key."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Name(str):
    """A PDF name without its slash."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """An indirect reference; generation 0 only, as our sealers write."""

    number: int


@dataclass(frozen=True, slots=True)
class String:
    """A string, and where it stands: the raw span matters for Contents, not for equality."""

    value: bytes
    start: int = field(compare=False)
    end: int = field(compare=False)
    is_hex: bool = field(compare=False)


Value = None | bool | int | float | str | Ref | String | list["Value"] | dict[str, "Value"]
Dictionary = dict[str, Value]

_SPACE = re.compile(rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*)*")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)")
_REF = re.compile(rb"(\d{1,10}) (\d{1,5}) R(?![A-Za-z0-9])")
_NAME = re.compile(rb"/([^\x00\t\n\x0c\r ()<>\[\]{}/%]*)")
_HEX = re.compile(rb"<([0-9A-Fa-f\x00\t\n\x0c\r ]*)>")
_WORDS: tuple[tuple[bytes, Value], ...] = ((b"true", True), (b"false", False), (b"null", None))
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\x00-\xff])")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"} | dict.fromkeys(
    (b"\n", b"\r", b"\r\n"), b""
)
_LITERAL_STEP = re.compile(rb"[^()\\]*")


def same(one: Value, other: Value) -> bool:
    """Whether two values are equal and of one type: Python's True, 1 and 1.0 are three here."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return one == other


def skip_space(data: bytes, pos: int) -> int:
    """The next position that is neither white space nor comment."""
    match = _SPACE.match(data, pos)
    return match.end() if match else pos


def value_at(data: bytes, pos: int, depth: int = 0) -> tuple[Value, int]:
    """The value that begins at or after `pos`, and where it ends.

    Raises:
        Refused: there is no strictly written value.
    """
    if depth > MAX_DEPTH:
        raise Refused("nesting_too_deep")
    pos = skip_space(data, pos)
    lead = data[pos : pos + 1]
    if data.startswith(b"<<", pos):
        return _dictionary(data, pos + 2, depth)
    if lead == b"[":
        return _array(data, pos + 1, depth)
    if lead == b"/":
        return _name(data, pos)
    if lead == b"(":
        return _literal(data, pos)
    if lead == b"<":
        return _hexadecimal(data, pos)
    return _number_or_word(data, pos)


def _dictionary(data: bytes, pos: int, depth: int) -> tuple[Dictionary, int]:
    found: Dictionary = {}
    while True:
        pos = skip_space(data, pos)
        if data.startswith(b">>", pos):
            return found, pos + 2
        if data[pos : pos + 1] != b"/":
            raise Refused("malformed_object")
        key, pos = _name(data, pos)
        value, pos = value_at(data, pos, depth + 1)
        if key in found:
            raise Refused("duplicate_key")
        found[key] = value


def _array(data: bytes, pos: int, depth: int) -> tuple[list[Value], int]:
    found: list[Value] = []
    while True:
        pos = skip_space(data, pos)
        if data[pos : pos + 1] == b"]":
            return found, pos + 1
        value, pos = value_at(data, pos, depth + 1)
        found.append(value)


def _name(data: bytes, pos: int) -> tuple[Name, int]:
    match = _NAME.match(data, pos)
    if match is None:
        raise Refused("malformed_object")
    text = re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), match[1])
    return Name(text.decode("latin-1")), match.end()


def _hexadecimal(data: bytes, pos: int) -> tuple[String, int]:
    match = _HEX.match(data, pos)
    if match is None:
        raise Refused("malformed_object")
    digits = re.sub(rb"[^0-9A-Fa-f]", b"", match[1])
    padded = digits + b"0" * (len(digits) % 2)
    return String(bytes.fromhex(padded.decode()), pos, match.end(), is_hex=True), match.end()


def _literal(data: bytes, pos: int) -> tuple[String, int]:
    """A string in parentheses (7.3.4.2)."""
    start, depth, pos = pos, 1, pos + 1
    while depth:
        match = _LITERAL_STEP.match(data, pos)
        pos = match.end() if match else pos
        mark = data[pos : pos + 1]
        if not mark:
            raise Refused("malformed_object")
        pos += 2 if mark == b"\\" else 1
        depth += {b"(": 1, b")": -1}.get(mark, 0)
    plain = _ESCAPE.sub(_unescaped, data[start + 1 : pos - 1])
    return String(plain, start, pos, is_hex=False), pos


def _unescaped(match: re.Match[bytes]) -> bytes:
    mark = match[1]
    if mark[:1].isdigit():
        return bytes([int(mark, 8) & 0xFF])
    return _ESCAPED.get(mark, mark)


def _number_or_word(data: bytes, pos: int) -> tuple[Value, int]:
    reference = _REF.match(data, pos)
    if reference is not None:
        if int(reference[2]) != 0:
            raise Refused("generation_not_zero")
        return Ref(int(reference[1])), reference.end()
    number = _NUMBER.match(data, pos)
    if number is not None:
        text = number[0]
        return (float(text) if b"." in text else int(text)), number.end()
    for word, value in _WORDS:
        if data.startswith(word, pos):
            return value, pos + len(word)
    raise Refused("malformed_object")

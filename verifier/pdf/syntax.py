"""A strict reader of PDF values (ISO 32000-1, 7.2-7.3): what our own files use, nothing more.

General readers repair; an attack is a file that two readers repair differently.
This one refuses instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

MAX_DEPTH = 64
MAX_VALUES = 60_000
"""In one file of ours: names, numbers, strings and steps within them. Most have some thousands."""
MAX_FOREIGN_VALUES = 200_000
"""In a file of anybody."""


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

_GAP = rb"(?:[\x00\t\n\x0c\r ]|%[^\r\n]*)*+"
_SPACE = re.compile(_GAP)
_LEXEME = re.compile(
    _GAP
    + rb"""(?:
      (?P<reference>(\d{1,10})\ (\d{1,5})\ R(?![A-Za-z0-9]))
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+))
    | /(?P<name>[^\x00\t\n\x0c\r ()<>\[\]{}/%]*)
    | (?P<open><<) | (?P<close>>>)
    | (?P<array>\[) | (?P<end>\])
    | <(?P<hex>[0-9A-Fa-f\x00\t\n\x0c\r ]*+)>
    | (?P<literal>\()
    | (?P<word>true|false|null)
    )""",
    re.VERBOSE,
)
_WORDS: dict[bytes, Value] = {b"true": True, b"false": False, b"null": None}
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|[\x00-\xff])")
_ESCAPED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"} | dict.fromkeys(
    (b"\n", b"\r", b"\r\n"), b""
)
_LITERAL_STEP = re.compile(rb"[^()\\]*+")


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


class Values:
    """Reads values out of one file, and no more of them than an honest file could need.

    `is_tolerant` lets pass what other programs write and ours never do: generations
    other than 0, and a key that stands twice (the last one counts).
    """

    def __init__(self, data: bytes, *, is_tolerant: bool = False) -> None:
        self._data = data
        self._left = MAX_FOREIGN_VALUES if is_tolerant else MAX_VALUES
        self._is_tolerant = is_tolerant
        self._opened: dict[str, Callable[[int, int], tuple[Value, int]]] = {
            "open": self._dictionary,
            "array": self._array,
            "literal": self._literal,
        }

    def at(self, pos: int, depth: int = 0) -> tuple[Value, int]:
        """The value that begins at or after `pos`, and where it ends.

        Raises:
            Refused: there is no strictly written value, or the file has too many.
        """
        if depth > MAX_DEPTH:
            raise Refused("nesting_too_deep")
        self._count()
        found = _LEXEME.match(self._data, pos)
        if found is None:
            raise Refused("malformed_object")
        kind = found.lastgroup or ""
        if kind in _SCALARS:
            return _SCALARS[kind](found), found.end()
        if kind == "reference":
            return self._reference(found), found.end()
        if kind not in self._opened:
            raise Refused("malformed_object")
        return self._opened[kind](found.end(), depth)

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Refused("too_many_values")

    def _reference(self, found: re.Match[bytes]) -> Ref:
        if int(found[3]) != 0 and not self._is_tolerant:
            raise Refused("generation_not_zero")
        return Ref(int(found[2]))

    def _dictionary(self, pos: int, depth: int) -> tuple[Dictionary, int]:
        held: Dictionary = {}
        while True:
            found = _LEXEME.match(self._data, pos)
            kind = found.lastgroup if found is not None else None
            if found is not None and kind == "close":
                return held, found.end()
            if found is None or kind != "name":
                raise Refused("malformed_object")
            key = _name(found["name"])
            value, pos = self.at(found.end(), depth + 1)
            if key in held and not self._is_tolerant:
                raise Refused("duplicate_key")
            held[key] = value

    def _array(self, pos: int, depth: int) -> tuple[list[Value], int]:
        held: list[Value] = []
        while True:
            found = _SPACE.match(self._data, pos)
            pos = found.end() if found else pos
            if self._data.startswith(b"]", pos):
                return held, pos + 1
            value, pos = self.at(pos, depth + 1)
            held.append(value)

    def _literal(self, pos: int, depth: int) -> tuple[String, int]:
        """A string in parentheses (7.3.4.2)."""
        data, depth, start = self._data, 1, pos - 1
        while depth:
            self._count()
            step = _LITERAL_STEP.match(data, pos)
            pos = step.end() if step else pos
            mark = data[pos : pos + 1]
            if not mark:
                raise Refused("malformed_object")
            pos += 2 if mark == b"\\" else 1
            depth += {b"(": 1, b")": -1}.get(mark, 0)
        plain = _ESCAPE.sub(_unescaped, data[start + 1 : pos - 1])
        return String(plain, start, pos, is_hex=False), pos


@lru_cache(maxsize=4096)
def _name(written: bytes) -> Name:
    text = re.sub(rb"#([0-9A-Fa-f]{2})", lambda m: bytes([int(m[1], 16)]), written)
    return Name(text.decode("latin-1"))


def _hexadecimal(found: re.Match[bytes]) -> String:
    digits = found["hex"].translate(None, b"\x00\t\n\x0c\r ")
    padded = digits + b"0" * (len(digits) % 2)
    return String(bytes.fromhex(padded.decode()), found.start("hex") - 1, found.end(), is_hex=True)


def _number(found: re.Match[bytes]) -> int | float:
    text = found["number"]
    return float(text) if b"." in text else int(text)


_SCALARS: dict[str, Callable[[re.Match[bytes]], Value]] = {
    "number": _number,
    "name": lambda found: _name(found["name"]),
    "hex": _hexadecimal,
    "word": lambda found: _WORDS[found["word"]],
}


def _unescaped(match: re.Match[bytes]) -> bytes:
    mark = match[1]
    if mark[:1].isdigit():
        return bytes([int(mark, 8) & 0xFF])
    return _ESCAPED.get(mark, mark)

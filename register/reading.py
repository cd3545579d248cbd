"""Read a file to import, line by line, without ever holding more than a line of it.

A source yields numbered items. Reading never stops at a bad line: what is wrong
with it becomes part of the item, and the import goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from register.errors import UnreadableSource
from register.lines import LINE, MAX_LINE_BYTES, HeaderLine, RecordLine, schema
from register.rules import RefusedLine, rule_of

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Item:
    """A line of the source: its record, or the rule it breaks, and where the next one begins."""

    line: int
    ends_at: int
    size: int
    content: RecordLine | RefusedLine


class Source(Protocol):
    """Something to import, recognised by its content."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 over all of it, in hexadecimal."""
        ...

    @property
    def size(self) -> int:
        """Bytes, or whatever `Item.ends_at` counts in."""
        ...

    def items(self, *, line: int, offset: int) -> Iterator[Item]:
        """Every item after that line, which ended at that offset."""
        ...


def fingerprint_of(path: Path) -> str:
    """SHA-256 over a file.

    Raises:
        UnreadableSource: the file cannot be read.
    """
    with opened(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def opened(path: Path) -> BufferedReader:
    """The file, open for reading bytes.

    Raises:
        UnreadableSource: there is no such file, or it may not be read.
    """
    try:
        return path.open("rb")
    except OSError as cause:
        raise UnreadableSource("This file cannot be opened.") from cause


class JsonLines:
    """A file in the import format. Its header is checked before anything is read.

    Raises:
        UnreadableSource: no readable file, or no header of this format and version.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with opened(path) as file:
            _check_header(file.readline(MAX_LINE_BYTES))
        self.size = path.stat().st_size
        self.fingerprint = fingerprint_of(path)

    def items(self, *, line: int, offset: int) -> Iterator[Item]:
        """Every record after that line; blank lines and the header are passed over."""
        with opened(self._path) as file:
            file.seek(offset)
            while raw := file.readline(MAX_LINE_BYTES + 1):
                line += 1
                too_long = len(raw) > MAX_LINE_BYTES
                offset += len(raw) + (
                    _skip_rest(file) if too_long and not raw.endswith(b"\n") else 0
                )
                if line == 1 or not raw.strip():
                    continue
                content = RefusedLine("line-too-long") if too_long else parsed(raw)
                yield Item(line, offset, len(raw), content)


class Records:
    """Records that a reader of another format made out of a file."""

    def __init__(self, fingerprint: str, records: Iterable[RecordLine]) -> None:
        self.fingerprint = fingerprint
        self._records = tuple(records)
        self.size = len(self._records)

    def items(self, *, line: int, offset: int) -> Iterator[Item]:
        """Every record after that one, counted from 1."""
        for number, record in enumerate(self._records[offset:], start=line + 1):
            yield Item(number, number, 1, record)


def _skip_rest(file: BufferedReader) -> int:
    """Read on to the end of an endless line without keeping it."""
    skipped = 0
    while part := file.readline(_CHUNK):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _check_header(raw: bytes) -> None:
    if not raw:
        raise UnreadableSource("This file is empty.")
    try:
        HeaderLine.model_validate_json(raw.removeprefix(_BYTE_ORDER_MARK))
    except ValidationError as problem:
        places = {error["loc"] for error in problem.errors(include_input=False)}
        if places == {("version",)}:
            raise UnreadableSource("This file has another version of the format than 1.") from None
        raise UnreadableSource(
            'The first line of this file is not {"format":"echt-register","version":1}.'
        ) from None


def parsed(raw: bytes) -> RecordLine | RefusedLine:
    """The record on a line, or the first rule that the line breaks."""
    try:
        return LINE.validate_json(raw)
    except ValidationError as problem:
        error = problem.errors(include_url=False, include_context=False, include_input=False)[0]
    rule = rule_of(error["type"])
    if rule == "wrong-type" and not error["loc"]:
        rule = "not-json"  # JSON, but no object
    if rule == "not-json" and not _is_utf8(raw):
        rule = "not-utf8"
    # The first part names the kind of line, not a member.
    place = [str(part) if isinstance(part, int) else _member(part) for part in error["loc"][1:]]
    return RefusedLine(rule, "/".join(place))


def _member(name: str) -> str:
    return name if name in _members() else "?"


@cache
def _members() -> frozenset[str]:
    """Every member of the format. A place in a report is built from these names alone.

    The name of an unknown member could be anything, also a name or a national number.
    """
    definitions = schema()["$defs"].values()
    return frozenset(name for definition in definitions for name in definition["properties"])


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True

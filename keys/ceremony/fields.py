"""Reading YAML as a closed form: every mistake is told with its line and what belongs there.

YAML offers more than a plan needs, and each extra is a way to make two readers see two
plans: aliases, tags, doubled fields, words that silently become numbers or truth values.
So only the syntax tree is taken from the library (`yaml.SafeLoader`), every value is the
text that stands there, and the field decides what the text means. And what an editor shows
is what stands there: YAML 1.1 ends a line, and so a comment, at characters that are drawn
as nothing (5.4, U+0085, U+2028, U+2029), and others turn the letters behind them round.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime

import yaml

from keys import moments
from keys.errors import CeremonyInvalid

MAX_SIZE = 64 * 1024
MAX_DEPTH = 8


def document(data: bytes) -> Fields:
    """The one mapping that a file holds.

    Raises:
        CeremonyInvalid: too large, not YAML, or YAML that a plan may not use.
    """
    if len(data) > MAX_SIZE:
        raise CeremonyInvalid(f"The plan is larger than {MAX_SIZE // 1024} KB.")
    try:
        text = data.decode()
        for number, row in enumerate(text.split("\n"), 1):
            _require_printable(row, f"Line {number}: the character {{}} may not stand in a plan")
        _refuse_tricks(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except UnicodeDecodeError as cause:
        raise CeremonyInvalid("The plan is not written in UTF-8.") from cause
    except yaml.MarkedYAMLError as cause:
        line = cause.problem_mark.line + 1 if cause.problem_mark else 1
        raise CeremonyInvalid(f"Line {line}: this is not YAML ({cause.problem}).") from cause
    except (yaml.YAMLError, ValueError) as cause:  # unprintable characters, for instance
        raise CeremonyInvalid("The plan is not YAML.") from cause
    if not isinstance(root, yaml.MappingNode):
        raise CeremonyInvalid("The plan is not a list of fields (`ceremony: ...`).")
    return Fields(root, "")


def _require_printable(text: str, complaint: str) -> None:
    """Letters, marks, digits, signs and the space, as Unicode has them; no control of any kind."""
    if not text.isprintable():
        strange = next(one for one in text if not one.isprintable())
        complaint = complaint.format(f"U+{ord(strange):04X}")
        raise CeremonyInvalid(f"{complaint}: lines end in LF, and all else is printable.")


def _refuse_tricks(text: str) -> None:
    """Walk the events before a tree is built of them: depth first of all."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > MAX_DEPTH:
            raise CeremonyInvalid(f"Line {line}: a plan is not nested this deep.")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise CeremonyInvalid(f"Line {line}: write it out: a plan has no anchors and aliases.")
        if getattr(event, "tag", None):
            raise CeremonyInvalid(f"Line {line}: a plan has no tags (`!...`).")
        if isinstance(event, yaml.ScalarEvent):  # between quotes, `\\e` is an escape after all
            text = event.value.replace("\n", "")
            _require_printable(text, f"Line {line}: a text of a plan holds {{}}")


class Fields:
    """One mapping; every field is taken by name, and what nobody took is a mistake."""

    def __init__(self, node: yaml.MappingNode, path: str) -> None:
        self._path = path
        self._line = node.start_mark.line + 1
        self._values = dict(_pairs(node, path))
        self._left = dict.fromkeys(self._values)
        self._known: list[str] = []

    def has(self, name: str) -> bool:
        """Tell whether an optional field is there."""
        self._known.append(name)
        return name in self._values

    def text(self, name: str, pattern: str, expected: str) -> str:
        """A text that matches the pattern whole."""
        node = self._scalar(name, expected)
        if not re.fullmatch(pattern, node.value):
            raise self._wrong(name, node, expected)
        return str(node.value)

    def one_of(self, name: str, *choices: str) -> str:
        """One of a few words."""
        return self.text(name, "|".join(map(re.escape, choices)), f"one of {', '.join(choices)}")

    def whole(self, name: str, low: int, high: int) -> int:
        """A whole number between two others, both included."""
        expected = f"a whole number from {low} to {high}"
        number = int(self.text(name, r"[0-9]{1,6}", expected))
        if not low <= number <= high:
            raise self._wrong(name, self._values[name], expected)
        return number

    def day(self, name: str) -> date:
        """A date, `2026-11-22`."""
        expected = "a date such as 2026-11-22"
        text = self.text(name, "[0-9]{4}-[0-9]{2}-[0-9]{2}", expected)
        try:
            return date.fromisoformat(text)
        except ValueError as cause:
            raise self._wrong(name, self._values[name], expected) from cause

    def moment(self, name: str) -> datetime:
        """A moment in UTC, `2026-11-22T10:00:00Z`."""
        expected = "a moment such as 2026-11-22T10:00:00Z"
        text = self.text(name, r"[0-9TZ:-]{20}", expected)
        try:
            return moments.parse(text)
        except ValueError as cause:
            raise self._wrong(name, self._values[name], expected) from cause

    def fields(self, name: str) -> Fields:
        """A mapping inside this one."""
        node = self._take(name, "fields of its own")
        if not isinstance(node, yaml.MappingNode):
            raise self._wrong(name, node, "fields of its own")
        return Fields(node, f"{self._path}{name}.")

    def names(self) -> tuple[str, ...]:
        """The names of the fields, for a mapping whose names are data."""
        return tuple(self._values)

    def texts(self, name: str, pattern: str, expected: str) -> tuple[str, ...]:
        """A list of texts, each once, at least one."""
        found = []
        for node in self._list(name, f"a list of {expected}"):
            if not isinstance(node, yaml.ScalarNode) or not re.fullmatch(pattern, node.value):
                raise self._wrong(name, node, expected)
            if node.value in found:
                raise self._wrong(name, node, "each one once")
            found.append(node.value)
        return tuple(found)

    def many(self, name: str) -> tuple[Fields, ...]:
        """A list of mappings, at least one."""
        found = []
        for node in self._list(name, "a list"):
            if not isinstance(node, yaml.MappingNode):
                raise self._wrong(name, node, "a list of fields")
            found.append(Fields(node, f"{self._path}{name}."))
        return tuple(found)

    def refuse_rest(self) -> None:
        """End of the form.

        Raises:
            CeremonyInvalid: a field is left that nobody knows.
        """
        for name in self._left:
            node = self._values[name]
            known = ", ".join(self._known)
            raise CeremonyInvalid(
                f"Line {_line(node)}: there is no field {self._path}{name} here; known: {known}."
            )

    def wrong(self, name: str, expected: str) -> CeremonyInvalid:
        """The error about a field that was read and does not fit after all."""
        return self._wrong(name, self._values[name], expected)

    def _scalar(self, name: str, expected: str) -> yaml.ScalarNode:
        node = self._take(name, expected)
        if not isinstance(node, yaml.ScalarNode):
            raise self._wrong(name, node, expected)
        return node

    def _list(self, name: str, expected: str) -> list[yaml.Node]:
        node = self._take(name, expected)
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self._wrong(name, node, expected)
        return list(node.value)

    def _take(self, name: str, expected: str) -> yaml.Node:
        self._known.append(name)
        self._left.pop(name, None)
        if name not in self._values:
            raise CeremonyInvalid(
                f"Line {self._line}: the field {self._path}{name} is missing: {expected}."
            )
        return self._values[name]

    def _wrong(self, name: str, node: yaml.Node, expected: str) -> CeremonyInvalid:
        return CeremonyInvalid(f"Line {_line(node)}: {self._path}{name} must be {expected}.")


def _pairs(node: yaml.MappingNode, path: str) -> Iterator[tuple[str, yaml.Node]]:
    seen: set[str] = set()
    for key, value in node.value:
        name = key.value if isinstance(key, yaml.ScalarNode) else "a list"
        if not name.isprintable():
            raise CeremonyInvalid(f"Line {_line(key)}: the name of a field is one line.")
        if name in seen:
            raise CeremonyInvalid(f"Line {_line(key)}: {path}{name} stands twice.")
        seen.add(name)
        yield name, value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1

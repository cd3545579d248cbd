"""What every part of a page is drawn with: the canvas, the tree, and where headings are found."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from credentials.press.canvas import Canvas
from credentials.press.file import Objects
from credentials.press.paragraphs import Line
from credentials.press.strings import string
from credentials.press.tree import Tree
from credentials.press.words import small_line


class Heading(NamedTuple):
    """A heading: as set, its type, as told, and the name that the outline knows it by."""

    line: Line
    kind: bytes
    told: str
    name: str


class Desk:
    """One page under way. `page` is the object that its marks are on."""

    def __init__(self, language: str, objects: Objects, page: int) -> None:
        self.language = language
        self.new = objects.new
        self.tree = Tree(objects, page)
        self.canvas = Canvas(language)
        self.header_cells: list[int] = []
        self.destinations: dict[str, tuple[float, float]] = {}
        """Place of every heading, by the name that the outline knows it by."""

    def heading(self, heading: Heading, place: tuple[float, float], parent: int) -> int:
        """A heading at that place; its element."""
        element = self.new()
        marks = self.canvas.text(*place, heading.line.spans, element)
        self.tree.leaf(element, heading.kind + b"/T" + string(heading.told), parent, marks)
        self.destinations[heading.name] = place
        return element

    def list(self, element: int, parent: int, items: Sequence[int]) -> int:
        """A list whose numbers are part of its text (ISO 32000-1 14.8.5.5)."""
        return self.tree.node(element, b"L/A[<</O/List/ListNumbering/None>>]", parent, items)

    def item(self, parent: int, kind: bytes = b"LI") -> Item:
        """An item of a list with room for its label and its text."""
        return Item(self, parent, kind)


class Item:
    """A label and a text of an item; whoever draws gives the marks of both (14.8.4.3.3)."""

    def __init__(self, desk: Desk, parent: int, kind: bytes) -> None:
        self._tree, self._parent, self._kind = desk.tree, parent, kind
        self._whole, self._label, self.label, self._body, self.text = (desk.new() for _ in range(5))

    def close(self, label: Sequence[int], text: Sequence[int]) -> int:
        """Write the elements; that of the whole item."""
        tree = self._tree
        tree.leaf(self.label, b"Strong", self._label, label)
        tree.node(self._label, b"Lbl", self._whole, [self.label])
        tree.leaf(self.text, b"P", self._body, text)
        tree.node(self._body, b"LBody", self._whole, [self.text])
        return tree.node(self._whole, self._kind, self._parent, [self._label, self._body])


@lru_cache(maxsize=2048)
def small(text: str, language: str) -> Line:
    """Our own small words, which come back on many sheets."""
    return small_line(text, language)


@lru_cache(maxsize=1024)
def ordinal(n: int, language: str) -> Line:
    """The number of a line."""
    return small_line(str(n), language, tabular=True)

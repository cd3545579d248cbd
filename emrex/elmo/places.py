"""Where an element stands, as people and programs are told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


class Places:
    """The ways to elements of one document: `report[2]/issuer`.

    The children of an element are counted once: asked for each of fifty thousand siblings anew,
    it would take minutes.
    """

    def __init__(self) -> None:
        self._numbers: dict[_Element, dict[_Element, str]] = {}

    def of(self, element: _Element) -> str:
        """The way to this element from below the root; the root has its own name."""
        parts = []
        for one in (element, *element.iterancestors()):
            parent = one.getparent()
            if parent is None:
                break
            if parent not in self._numbers:
                self._numbers[parent] = _numbered(parent)
            parts.append(local_name(one) + self._numbers[parent][one])
        return "/".join(reversed(parts)) or local_name(element)


def _numbered(parent: _Element) -> dict[_Element, str]:
    """A number for each child that has others of its name beside it."""
    many = Counter(child.tag for child in parent)
    seen: Counter[object] = Counter()
    numbers = {}
    for child in parent:
        seen[child.tag] += 1
        numbers[child] = f"[{seen[child.tag]}]" if many[child.tag] > 1 else ""
    return numbers


def local_name(element: _Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]

"""The outline (ISO 32000-1 12.3.3): the title, and the headings under it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from credentials.press.file import Objects
from credentials.press.numbers import PAGE_HEIGHT, number, single
from credentials.press.strings import string

_ABOVE: Final = 10.0
"""A jump to a heading lands so far above its base."""


class Targets(NamedTuple):
    """Where every heading is, by its name, and the object of its page."""

    places: Mapping[str, tuple[float, float]]
    page: int

    def destination(self, name: str) -> bytes:
        """Where a jump lands."""
        x, down = self.places[name]
        above = PAGE_HEIGHT - single(down - _ABOVE)
        return b"[%d 0 R/XYZ %b %b 0]" % (self.page, number(x), number(above))


def put_outline(
    objects: Objects, outlines: int, title: str, under: Mapping[str, str], targets: Targets
) -> None:
    """Write it: one item for the title, and under it one for each heading, one or two."""
    top, *numbers = (objects.new() for _ in range(1 + len(under)))
    neighbours = [b""] if len(numbers) == 1 else [
        b"/Next %d 0 R" % numbers[1], b"/Prev %d 0 R" % numbers[0],
    ]  # fmt: skip
    for number_, (name, told), beside in zip(numbers, under.items(), neighbours, strict=True):
        objects.put(
            number_,
            b"<</Parent %d 0 R%b/Title%b/Dest%b>>"
            % (top, beside, string(told), targets.destination(name)),
        )
    objects.put(
        top,
        b"<</Parent %d 0 R/First %d 0 R/Last %d 0 R/Count -%d/Title%b/Dest%b>>"
        % (
            outlines, numbers[0], numbers[-1], len(numbers), string(title),
            targets.destination("title"),
        ),
    )  # fmt: skip
    objects.put(outlines, b"<</Type/Outlines/First %d 0 R/Last %d 0 R/Count 1>>" % (top, top))

"""Where two pictures of a page differ: a few rectangles around every pixel that does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from verifier.comparing import MAX_AREAS, Area

CELL = 8
"""Pixels are compared in squares of this side."""
REACH = 2
"""Changed squares that close together belong to one area."""

Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Raster:
    """A picture in grey, one byte a pixel, row by row from the top."""

    width: int
    height: int
    pixels: bytes


WHOLE = (Area(0.0, 0.0, 1.0, 1.0),)


def changed_areas(before: Raster | None, after: Raster | None) -> tuple[Area, ...]:
    """Rectangles that hold every pixel that differs; none where nothing does.

    Pages of different size, and a page that one side lacks, differ as a whole.
    """
    if before is None or after is None:
        return () if before is after else WHOLE
    if (before.width, before.height) != (after.width, after.height):
        return WHOLE
    cells = set(_changed_cells(before, after))
    boxes = [_box(group) for group in _groups(cells)]
    if len(boxes) > MAX_AREAS:
        boxes = [_box(cells)]
    return tuple(_area(box, before) for box in sorted(boxes, key=lambda box: (box[1], box[0])))


def _changed_cells(before: Raster, after: Raster) -> Iterator[Cell]:
    """Column and row of every square with a pixel that differs."""
    width = before.width
    for row in range(before.height):
        start = row * width
        old, new = before.pixels[start : start + width], after.pixels[start : start + width]
        if old != new:
            for left in range(0, width, CELL):
                if old[left : left + CELL] != new[left : left + CELL]:
                    yield left // CELL, row // CELL


def _groups(cells: set[Cell]) -> Iterator[set[Cell]]:
    """Squares that are near one another, over and over."""
    left = set(cells)
    while left:
        group, waiting = set[Cell](), [left.pop()]
        while waiting:
            cell = waiting.pop()
            group.add(cell)
            near = left & _around(cell)
            left -= near
            waiting.extend(near)
        yield group


def _around(cell: Cell) -> set[Cell]:
    column, row = cell
    steps = range(-REACH, REACH + 1)
    return {(column + x, row + y) for x in steps for y in steps}


def _box(cells: set[Cell]) -> tuple[int, int, int, int]:
    columns, rows = [column for column, _ in cells], [row for _, row in cells]
    return min(columns), min(rows), max(columns) + 1, max(rows) + 1


def _area(box: tuple[int, int, int, int], page: Raster) -> Area:
    left, top, right, bottom = (edge * CELL for edge in box)
    right, bottom = min(right, page.width), min(bottom, page.height)
    return Area(
        left / page.width,
        top / page.height,
        (right - left) / page.width,
        (bottom - top) / page.height,
    )

"""What the page shows of a comparison: two pictures side by side, and the areas in words."""

from __future__ import annotations

import base64
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from verifier.comparing import Area, Comparison, PageChange

_MOST = 0.6
"""An area of that share of the page's height is the page."""
_MIDDLE = 0.5
_SIZE = struct.Struct(">II")
_SIZE_AT = 16  # in the first chunk of a PNG


@dataclass(frozen=True, slots=True)
class Frame:
    """A rectangle in pixels of its picture."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """One side of a page, carried in the page itself, with what to highlight on it."""

    address: str
    width: int
    height: int
    frames: tuple[Frame, ...]


@dataclass(frozen=True, slots=True)
class ChangedPage:
    """One page of the comparison."""

    number: int
    places: tuple[str, ...]
    """`all`, `upper` or `lower`: each once, from the top."""
    before: Picture | None
    after: Picture | None


def shown(comparison: Comparison | None) -> tuple[ChangedPage, ...]:
    """Everything that the template needs; empty where nothing can be shown."""
    return () if comparison is None else tuple(_page(one) for one in comparison.pages)


def place_of(area: Area) -> str:
    """Where on a page an area is, as people say it."""
    if area.height >= _MOST:
        return "all"
    return "upper" if area.top + area.height / 2 < _MIDDLE else "lower"


def _page(change: PageChange) -> ChangedPage:
    places = tuple(dict.fromkeys(place_of(area) for area in change.areas))
    before, after = (_picture(side, change.areas) for side in (change.before, change.after))
    return ChangedPage(change.page, places, before, after)


def _picture(png: bytes | None, areas: tuple[Area, ...]) -> Picture | None:
    if png is None or len(png) < _SIZE_AT + _SIZE.size:
        return None
    width, height = _SIZE.unpack_from(png, _SIZE_AT)
    frames = tuple(
        Frame(
            round(one.left * width),
            round(one.top * height),
            max(1, round(one.width * width)),
            max(1, round(one.height * height)),
        )
        for one in areas
    )
    return Picture(f"data:image/png;base64,{base64.b64encode(png).decode()}", width, height, frames)

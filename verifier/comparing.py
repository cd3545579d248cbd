"""What changed in a file after we sealed it, to be looked at: pictures and areas, no words.

Both sides come out of the uploaded file itself: the revision that our seal covers, and
the file as it is now. Nothing of the register is in here (`spec/verifier.md` 3.7.3).
"""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from verifier.errors import ReadingFailed

MAX_PAGES = 5
MAX_PICTURE = 300_000
"""One page as PNG, in bytes."""
MAX_AREAS = 8
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle of a page, in fractions of its width and height from the upper left."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class PageChange:
    """One page that looks otherwise now. A side is None where there is no such page."""

    page: int
    """The first page is 1."""
    before: bytes | None
    """PNG."""
    after: bytes | None
    areas: tuple[Area, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every page that changed, among the first few."""

    pages: tuple[PageChange, ...]


def told(comparison: Comparison | None) -> bytes:
    """The comparison on the wire."""
    pages = [] if comparison is None else [_page_told(one) for one in comparison.pages]
    return json.dumps({"pages": pages}).encode()


def understood(body: bytes) -> Comparison | None:
    """A comparison from a process that read hostile bytes: believed in its form alone.

    Raises:
        ReadingFailed: it is not of that form.
    """
    try:
        pages = tuple(_page(one) for one in json.loads(body)["pages"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as cause:
        raise ReadingFailed("answer_not_understood") from cause
    if len(pages) > MAX_PAGES:
        raise ReadingFailed("answer_not_understood")
    return Comparison(pages) if pages else None


def _page_told(change: PageChange) -> dict[str, Any]:
    areas = [[one.left, one.top, one.width, one.height] for one in change.areas]
    sides = {"before": change.before, "after": change.after}
    pictures = {
        name: None if picture is None else base64.b64encode(picture).decode()
        for name, picture in sides.items()
    }
    return {"page": change.page, "areas": areas, **pictures}


def _page(value: Any) -> PageChange:  # noqa: ANN401 - JSON
    page, areas = value["page"], value["areas"]
    if type(page) is not int or not 1 <= page <= MAX_PAGES or len(areas) > MAX_AREAS:
        raise ValueError("not a page")
    sides = _picture(value["before"]), _picture(value["after"])
    return PageChange(page, *sides, tuple(_area(one) for one in areas))


def _picture(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise TypeError("not a picture")
    picture = base64.b64decode(value, validate=True)
    if len(picture) > MAX_PICTURE or not picture.startswith(_PNG):
        raise ValueError("not a picture")
    return picture


def _area(value: Any) -> Area:  # noqa: ANN401 - JSON
    numbers = [float(one) for one in value]
    if not all(0 <= one <= 1 for one in numbers):
        raise ValueError("not within a page")
    left, top, width, height = numbers
    return Area(left, top, width, height)

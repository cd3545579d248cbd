"""The structure tree (ISO 32000-1 14.7): what is a heading, a label, a row for who listens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from credentials.press.file import Objects

_LAST_ROW: Final = (
    b"<</O/Layout/BorderColor[0.47843137 0.54901963 0.5411765]"
    b"/BorderStyle[/None/Solid/None/None]/BorderThickness[0 0.5 0 0]>>"
)


class Tree:
    """Elements of one document. `page` is the object that marks are on."""

    def __init__(self, objects: Objects, page: int) -> None:
        self.objects = objects
        self.page = page
        self._shared: dict[bytes, int] = {}

    def shared(self, body: bytes) -> int:
        """The number of an object that is written once, however many elements name it."""
        if body not in self._shared:
            self._shared[body] = self.objects.add(body)
        return self._shared[body]

    def cell(self, column: int, tongue: str | None, *, last: bool) -> bytes:
        """Type and attributes of a cell (ISO 32000-1 14.8.5.7)."""
        more = _LAST_ROW if last else b""
        attributes = self.shared(b"[<</O/Table/Headers[(U1x%dy0)]>>%b]" % (column, more))
        return b"TD%b/A %d 0 R" % (language(tongue), attributes)

    def leaf(self, number: int, kind: bytes, parent: int, marks: Sequence[int]) -> int:
        """An element with marks. `kind` may hold more entries behind the type."""
        self.objects.put(
            number,
            b"<</S/%b/P %d 0 R/K%b/Pg %d 0 R>>"
            % (kind, parent, _kids([b"%d" % mark for mark in marks]), self.page),
        )
        return number

    def node(self, number: int, kind: bytes, parent: int, kids: Sequence[int]) -> int:
        """An element with elements."""
        self.objects.put(
            number,
            b"<</S/%b/P %d 0 R/K%b>>" % (kind, parent, _kids([b"%d 0 R" % kid for kid in kids])),
        )
        return number


def _kids(kids: Sequence[bytes]) -> bytes:
    """One stands alone, others in an array (ISO 32000-1 14.7.2)."""
    return b" " + kids[0] if len(kids) == 1 else b"[%b]" % b" ".join(kids)


def language(tongue: str | None) -> bytes:
    """The entry that tells a language."""
    return b"/Lang(%b)" % tongue.encode() if tongue else b""


def header_cell(column: int) -> bytes:
    """Type and attributes of the head of a column."""
    return b"TH/ID(U1x%dy0)/A[<</O/Table/Scope/Column/Headers[]>>]" % column

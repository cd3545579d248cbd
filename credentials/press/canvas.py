"""One page as it is written: texts with the marks that tie them to the structure, and rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from credentials.press import figures as f
from credentials.press.numbers import height, number
from credentials.press.paragraphs import Span

_BEGIN: Final = b"/c0 cs " + f.INK + b" scn /c0 CS\n"


class Canvas:
    """Content of one page, and which element each marked text belongs to."""

    def __init__(self, language: str) -> None:
        self._language = language
        self.content: list[bytes] = [_BEGIN]
        self.owners: list[int] = []
        """Number of the structure element of each mark (ISO 32000-1 14.7.4.4)."""
        self._colour = f.INK
        self.fonts: set[int] = set()

    def mark(self, owner: int) -> int:
        """A new mark that belongs to that element."""
        self.owners.append(owner)
        return len(self.owners) - 1

    def show(self, x: float, down: float, span: Span) -> None:
        """A text at that place, without a mark."""
        run, piece = span.run, span.piece
        self.fonts.add(run.font)
        colour = b""
        if piece.colour != self._colour:
            self._colour = piece.colour
            colour = piece.colour + b" scn\n"
        self.content.append(
            b"%bBT /f%d %b Tf 1 0 0 1 %b %b Tm%bTJ\nET\n"
            % (colour, run.font, number(piece.size), number(x + span.x), height(down), run.show)
        )

    def text(
        self, x: float, down: float, spans: Iterable[Span], owner: int, told: str | None = None
    ) -> list[int]:
        """Runs of one line, each with a mark of its own; the marks.

        `told` is the language that the element tells already, if not that of the document.
        """
        marks = []
        for span in spans:
            mark = self.mark(owner)
            language = span.piece.language or self._language
            tell = b"/Lang(%b)" % language.encode() if language != (told or self._language) else b""
            self.content.append(b"/Span<</MCID %d%b>>BDC\n" % (mark, tell))
            self.show(x, down, span)
            self.content.append(b"EMC\n")
            marks.append(mark)
        return marks

    def rule(self, x: float, down: float, length: float, width: bytes, colour: bytes) -> None:
        """A line to the right, no part of the text."""
        self.content.append(
            b"/Artifact BMC\nq %b SCN %b w 1 0 0 1 %b %b cm 0 0 m %b 0 l S Q\nEMC\n"
            % (colour, width, number(x), height(down), number(length))
        )

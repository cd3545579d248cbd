"""The QR code as one vector path: exact at every print size, and small.

The address is one segment in byte mode and the base32 text one in alphanumeric mode,
which packs 11 bits for two letters. The mask is fixed: a search over eight masks costs
more than the whole page, and the readers in `tests/oracles` agree with mask 2.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final, NamedTuple

from credentials.qr_matrix import matrix

QUIET = 4
"""Modules of white around the code (ISO/IEC 18004 6.3.8)."""
_RUN: Final = re.compile("1+0*")


class Code(NamedTuple):
    """A drawn code: its version, its width in modules without the quiet zone, its rows."""

    version: int
    modules: int
    rows: list[str]
    """From the top; 1 is a dark module, 0 a light one."""

    @property
    def svg(self) -> bytes:
        """One rectangle per run of dark modules in a row, as one path."""
        return _svg(self.rows)


def draw(payload: str) -> Code:
    """Draw the payload at error correction M, or at L where M needs too small modules.

    Raises:
        PayloadTooLong: no version holds it.
    """
    version, rows = matrix(payload)
    return Code(version, len(rows), rows)


def _svg(rows: list[str]) -> bytes:
    """One rectangle per run of dark modules in a row, as one path."""
    side = len(rows) + 2 * QUIET
    path = "".join(_row(row, y) for y, row in enumerate(rows, QUIET))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}">'
        f'<path fill="#000" d="{path}" /></svg>'
    ).encode()


def _row(row: str, y: int) -> str:
    """The rectangles of one row; every row of a code has a dark module."""
    light = len(row) - len(row.lstrip("0"))
    return f"M{QUIET + light} {y}" + "".join(map(_run, _RUN.findall(row.rstrip("0"))))


@cache
def _run(run: str) -> str:
    """A rectangle, and from its first corner on to that of the next one."""
    dark = run.count("1")
    step = f"m{len(run)} 0" if dark < len(run) else ""
    return f"h{dark}v1h-{dark}z{step}"

"""Recognises the output of our own renderer, and nothing else (pdf.md 3.3).

Whoever can make us seal foreign bytes can hide content in them beforehand, and
every validator would call the result genuine. So the shape is checked strictly.
"""

from __future__ import annotations

import re

from credentials.errors import UnknownShape

_TAIL = re.compile(
    rb"trailer\n<</Size \d+/Root \d+ 0 R/Info \d+ 0 R/ID\[[^\]]{4,200}\]>>\n"
    rb"startxref\n(\d+)\n%%EOF\n?\Z",
    re.DOTALL,
)
_TAIL_LENGTH = 600


def require_own_shape(pdf: bytes) -> bytes:
    """Give the file back, ending in exactly one newline.

    PDF/A (ISO 19005-3, 6.1.9) wants an end-of-line between `%%EOF` and an update,
    and the renderer writes none.

    Raises:
        UnknownShape: not an untouched file of our renderer.
    """
    match = _TAIL.search(pdf[-_TAIL_LENGTH:])
    fits = (
        pdf.startswith(b"%PDF-1.7\n")
        and match is not None
        and pdf[int(match[1]) :].startswith(b"xref\n0 ")
        and pdf.count(b"startxref") == 1
        and not any(mark in pdf for mark in (b"/AcroForm", b"/Perms", b"/DSS"))
    )
    if not fits:
        raise UnknownShape("Only documents of our own renderer are sealed.")
    return pdf if pdf.endswith(b"\n") else pdf + b"\n"

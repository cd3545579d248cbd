"""The QR code as one vector path: exact at every print size, and small.

The address is one segment in byte mode and the base32 text one in alphanumeric mode,
which packs 11 bits for two letters. The mask is fixed: a search over eight masks costs
more than the whole page, and the readers in `tests/oracles` agree with mask 2.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple
from xml.etree.ElementTree import Element, SubElement, tostring

from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.main import QRCode
from qrcode.util import QRData

_BYTE: Final = 4  # mode indicators of ISO/IEC 18004 table 2
_ALPHANUMERIC: Final = 2
MASK = 2
QUIET = 4
"""Modules of white around the code (ISO/IEC 18004 6.3.8)."""
_LAST_AT_M = 17
"""Above this version a module at 38 mm gets small; less redundancy keeps it larger."""


class Code(NamedTuple):
    """A drawn code: its version, its width in modules without the quiet zone, its SVG."""

    version: int
    modules: int
    svg: bytes


def draw(payload: str) -> Code:
    """Draw the payload at error correction M, or at L where M needs too small modules."""
    code = _fit(payload, ERROR_CORRECT_M)
    if code.version > _LAST_AT_M:
        code = _fit(payload, ERROR_CORRECT_L)
    return Code(code.version, code.modules_count, _svg(code.modules))


def _fit(payload: str, correction: int) -> QRCode[Any]:
    code: QRCode[Any] = QRCode(error_correction=correction, border=QUIET, mask_pattern=MASK)
    address, mark, fragment = payload.partition("#")
    code.add_data(QRData((address + mark).encode(), mode=_BYTE), optimize=0)
    if fragment:
        code.add_data(QRData(fragment.encode(), mode=_ALPHANUMERIC), optimize=0)
    code.make(fit=True)
    return code


def _svg(modules: list[list[bool | None]]) -> bytes:
    side = len(modules) + 2 * QUIET
    root = Element("svg", xmlns="http://www.w3.org/2000/svg", viewBox=f"0 0 {side} {side}")
    SubElement(root, "path", fill="#000", d="".join(_runs(modules)))
    return tostring(root)


def _runs(modules: list[list[bool | None]]) -> list[str]:
    """One rectangle per run of dark modules in a row."""
    path: list[str] = []
    for y, row in enumerate(modules, QUIET):
        begun: int | None = None
        for x, dark in enumerate([*row, False], QUIET):
            if dark and begun is None:
                begun = x
            elif not dark and begun is not None:
                path.append(f"M{begun} {y}h{x - begun}v1h-{x - begun}z")
                begun = None
    return path

"""DER, walked byte by byte (X.690, 8.1 and 10.1): one encoding per value, or none."""

from __future__ import annotations

from verifier.pdf.syntax import Refused

MAX_DEPTH = 40
_CONSTRUCTED = 0x20
_MULTIPLE = 0x1F
_LONG = 0x80
_MAX_OCTETS = 3


def length_of(data: bytes, pos: int = 0) -> int:
    """Length of the one value that begins here, tag and length octets included.

    Raises:
        Refused: no value in definite, shortest form begins here.
    """
    return _span(data, pos, len(data))[1] - pos


def require_canonical(data: bytes, pos: int = 0, end: int | None = None, depth: int = 0) -> None:
    """Hold every length in a run of values to its shortest form, all the way down.

    Raises:
        Refused: a length is longer than it need be, or points outside.
    """
    end = len(data) if end is None else end
    if depth > MAX_DEPTH:
        raise Refused("container_not_canonical")
    while pos < end:
        start, stop = _span(data, pos, end)
        if data[pos] & _CONSTRUCTED:
            require_canonical(data, start, stop, depth + 1)
        pos = stop


def _span(data: bytes, pos: int, limit: int) -> tuple[int, int]:
    """Where the contents of the value at `pos` begin and end."""
    # Tag 0 is the end mark of indefinite lengths: in DER it is padding in disguise.
    if pos + 2 > limit or data[pos] & _MULTIPLE == _MULTIPLE or not data[pos]:
        raise Refused("container_not_canonical")
    first, start = data[pos + 1], pos + 2
    length = first
    if first >= _LONG:
        octets = first - _LONG
        length = int.from_bytes(data[start : start + octets], "big")
        if not 1 <= octets <= _MAX_OCTETS or length < max(_LONG, 1 << 8 * (octets - 1)):
            raise Refused("container_not_canonical")
        start += octets
    if start + length > limit:
        raise Refused("container_not_canonical")
    return start, start + length

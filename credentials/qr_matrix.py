"""Which modules of a QR code are dark, for an address with a text in its fragment.

What depends on the version alone (where the patterns are, in which order the modules of
data are filled, what the mask turns) comes from the `qrcode` library once and is kept;
a payload is then a matter of integers. That costs a tenth of what the library takes,
and the tests hold it to the library, module by module. Clauses are those of ISO/IEC 18004.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple

from qrcode import base, util
from qrcode.constants import ERROR_CORRECT_L, ERROR_CORRECT_M
from qrcode.main import QRCode

_BYTE: Final = 4  # mode indicators of table 2
_ALPHANUMERIC: Final = 2
_LETTERS: Final = {letter: n for n, letter in enumerate(util.ALPHA_NUM.decode())}
_PADDING: Final = b"\xec\x11"  # 7.4.10
_VERSIONS: Final = 40
_SAME_LENGTHS: Final = (range(1, 10), range(10, 27), range(27, _VERSIONS + 1))  # table 3
MASK = 2
_LAST_AT_M = 17
"""Above this version a module at 38 mm gets small; less redundancy keeps it larger."""


class PayloadTooLong(ValueError):
    """More than a QR code can hold."""


def matrix(payload: str) -> tuple[int, list[str]]:
    """The version, and every row of modules as a text of 0 (light) and 1 (dark).

    Raises:
        PayloadTooLong: no version holds it.
    """
    version, correction = _fit(payload, ERROR_CORRECT_M), ERROR_CORRECT_M
    if version > _LAST_AT_M:
        version, correction = _fit(payload, ERROR_CORRECT_L), ERROR_CORRECT_L
    if version > _VERSIONS:
        raise PayloadTooLong("more than a QR code can hold")
    shape = _shape(version, correction)
    data = _codewords(_bits(payload, version), shape.blocks)
    modules = "".join(shape.pick(shape.masked(data)))
    return version, [modules[at : at + shape.side] for at in range(0, len(modules), shape.side)]


class _Shape(NamedTuple):
    """What every code of one version and correction has in common."""

    side: int
    blocks: tuple[tuple[int, int], ...]
    """Codewords in all and of data, per block."""
    mask: int
    """What the mask turns, in the order in which data is filled in."""
    pick: itemgetter[Any]
    """From masked data, with a 0 and a 1 behind it, to the modules row by row."""

    def masked(self, data: bytes) -> str:
        """The bits of the codewords, those that the mask turns turned, then a 0 and a 1."""
        capacity = self.mask.bit_length() - 1  # a leading 1 keeps the zeros in front
        spare = capacity - 8 * len(data)
        bits = (1 << capacity | int.from_bytes(data, "big") << spare) ^ (self.mask ^ 1 << capacity)
        return f"{bits:b}"[1:] + "01"


@cache
def _shape(version: int, correction: int) -> _Shape:
    """Ask the library for the patterns, and walk the rest as it is filled (7.7.3)."""
    code: QRCode[Any] = QRCode(version=version, error_correction=correction, mask_pattern=MASK)
    code.modules_count = side = 17 + 4 * version
    code.modules = [[None] * side for _ in range(side)]
    for row, column in ((0, 0), (side - 7, 0), (0, side - 7)):
        code.setup_position_probe_pattern(row, column)
    code.setup_position_adjust_pattern()
    code.setup_timing_pattern()
    code.setup_type_info(test=False, mask_pattern=MASK)
    if version >= 7:  # noqa: PLR2004 - 7.10: smaller ones do not say their version
        code.setup_type_number(test=False)
    order = [at for at in _walk(side) if code.modules[at[0]][at[1]] is None]
    place = {at: n for n, at in enumerate(order)}
    zero, one = len(order), len(order) + 1
    picks = (
        place[row, column] if dark is None else one if dark else zero
        for row, line in enumerate(code.modules)
        for column, dark in enumerate(line)
    )
    turned = "".join("1" if column % 3 == 0 else "0" for _, column in order)  # mask 2 (7.8.2)
    blocks = tuple((b.total_count, b.data_count) for b in base.rs_blocks(version, correction))
    return _Shape(side, blocks, int("1" + turned, 2), itemgetter(*picks))


def _walk(side: int) -> Iterator[tuple[int, int]]:
    """Two columns at a time from the right, up and down, past the timing column."""
    upward = True
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        for row in range(side - 1, -1, -1) if upward else range(side):
            yield row, right
            yield row, right - 1
        upward = not upward


def _fit(payload: str, correction: int) -> int:
    """The smallest version that holds the payload; one more than there are if none does."""
    for versions in _SAME_LENGTHS:
        size = _size(payload, versions[0])
        for version in versions:
            if size <= 8 * _capacity(version, correction):
                return version
    return _VERSIONS + 1


@cache
def _capacity(version: int, correction: int) -> int:
    return sum(block.data_count for block in base.rs_blocks(version, correction))


def _size(payload: str, version: int) -> int:
    """Bits that the two segments take, headers included."""
    address, fragment = _segments(payload)
    bits = 4 + util.length_in_bits(_BYTE, version) + 8 * len(address)
    if fragment:
        pairs, single = divmod(len(fragment), 2)
        bits += 4 + util.length_in_bits(_ALPHANUMERIC, version) + 11 * pairs + 6 * single
    return bits


def _segments(payload: str) -> tuple[bytes, str]:
    address, mark, fragment = payload.partition("#")
    return (address + mark).encode(), fragment


def _bits(payload: str, version: int) -> str:
    """Mode, length and content of both segments (7.4)."""
    address, fragment = _segments(payload)
    made = [f"{_BYTE:04b}{len(address):0{util.length_in_bits(_BYTE, version)}b}"]
    made.append(f"{int.from_bytes(address, 'big'):0{8 * len(address)}b}" if address else "")
    if fragment:
        length = util.length_in_bits(_ALPHANUMERIC, version)
        made.append(f"{_ALPHANUMERIC:04b}{len(fragment):0{length}b}")
        pairs = (fragment[at : at + 2] for at in range(0, len(fragment), 2))
        made.extend(_PAIRS[pair] for pair in pairs)
    return "".join(made)


_PAIRS: Final = {letter: f"{n:06b}" for letter, n in _LETTERS.items()} | {
    first + second: f"{45 * n + m:011b}"
    for first, n in _LETTERS.items()
    for second, m in _LETTERS.items()
}


def _codewords(bits: str, blocks: tuple[tuple[int, int], ...]) -> bytes:
    """Data, padded, and error correction, interleaved over the blocks (7.4.10, 7.6)."""
    room = sum(data for _, data in blocks)
    bits += "0" * min(4, 8 * room - len(bits))
    bits += "0" * (-len(bits) % 8)
    missing = room - len(bits) // 8
    data = int(bits, 2).to_bytes(len(bits) // 8, "big")
    data += (_PADDING * missing)[:missing]
    parts, corrections, at = [], [], 0
    for total, count in blocks:
        parts.append(data[at : at + count])
        corrections.append(_correction(parts[-1], total - count))
        at += count
    return _interleaved(parts) + _interleaved(corrections)


def _interleaved(parts: list[bytes]) -> bytes:
    """The first octet of every part, the second of every part, ...; shorter parts come first."""
    shortest = len(parts[0])
    rest = b"".join(part[shortest:] for part in parts)  # at most one octet each (table 9)
    return bytes(chain.from_iterable(zip(*parts, strict=False))) + rest


def _correction(data: bytes, count: int) -> bytes:
    """The remainder of the data by the generator of that many codewords (7.5.2)."""
    table, top, rest = _remainders(count), 8 * (count - 1), 0
    keep = (1 << top) - 1
    for octet in data:
        rest = (rest & keep) << 8 ^ table[rest >> top ^ octet]
    return rest.to_bytes(count, "big")


@cache
def _remainders(count: int) -> tuple[int, ...]:
    """For each octet the multiple of the generator that cancels it, without its first term."""
    generator = base.Polynomial([1], 0)
    for power in range(count):
        generator = generator * base.Polynomial([1, base.gexp(power)], 0)
    factors = [generator[n] for n in range(1, count + 1)]
    return tuple(
        int.from_bytes(bytes(_product(octet, factor) for factor in factors), "big")
        for octet in range(256)
    )


def _product(first: int, second: int) -> int:
    """In GF(256) of ISO/IEC 18004."""
    return base.gexp(base.glog(first) + base.glog(second)) if first and second else 0

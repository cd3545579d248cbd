"""Checksums of the two national numbers, so that a wrong one never reaches the vault.

Both numbers use the eleven test over nine digits; they differ in what has to
remain. Nothing here ever repeats a number in an error.
"""

from __future__ import annotations

import enum
import re

from register.errors import InvalidNumber

_DIGITS = re.compile(r"[0-9]{9}")
_SEPARATORS = str.maketrans("", "", " .-")
_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2, -1)


class NumberKind(enum.StrEnum):
    """Which of the two national numbers."""

    BSN = "bsn"
    """Burgerservicenummer: the citizen service number."""
    ONDERWIJSNUMMER = "onderwijsnummer"
    """Education number, for pupils without a BSN; always begins with `10`."""


REMAINDERS = {NumberKind.BSN: 0, NumberKind.ONDERWIJSNUMMER: 5}


def eleven_test(digits: str) -> int:
    """Remainder of the weighted sum of nine digits modulo eleven."""
    return sum(map(int.__mul__, _WEIGHTS, map(int, digits))) % 11


def validated(kind: NumberKind, number: str) -> str:
    """The number as nine digits: separators dropped, leading zeros restored.

    Raises:
        InvalidNumber: wrong length, all zeros, wrong prefix or wrong checksum.
    """
    digits = number.translate(_SEPARATORS).zfill(9)
    if not _DIGITS.fullmatch(digits) or not digits.strip("0"):
        raise InvalidNumber("This number does not have the right form.")
    if kind is NumberKind.ONDERWIJSNUMMER and not digits.startswith("10"):
        raise InvalidNumber("This number does not have the right form.")
    if eleven_test(digits) != REMAINDERS[kind]:
        raise InvalidNumber("This number is not valid: its check digit does not fit.")
    return digits

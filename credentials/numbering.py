"""Document numbers: short enough to say aloud, too many to guess."""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0, 1, I, L or O: they look alike on paper."""
GROUPS, GROUP = 3, 4
_FAIR = 256 - 256 % len(ALPHABET)


def document_number(random_bytes: Callable[[int], bytes]) -> str:
    """Draw a fresh number such as `K7QD-3MXF-9TRA` (59 bits), every letter equally likely."""
    letters: list[str] = []
    while len(letters) < GROUPS * GROUP:
        # Bytes at the uneven end are thrown away, or some letters would come more often.
        letters += [ALPHABET[byte % len(ALPHABET)] for byte in random_bytes(16) if byte < _FAIR]
    return grouped("".join(letters[: GROUPS * GROUP]))


def grouped(letters: str) -> str:
    """Letters as they are printed and said aloud: four by four."""
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))

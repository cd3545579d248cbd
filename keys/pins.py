"""The PIN of a token: read from a file at every login, and never kept or shown."""

from __future__ import annotations

import hashlib
from pathlib import Path

from keys.errors import KeyUnavailable
from keys.files import OTHERS

MAX_PIN = 255


def read_pin(path: Path) -> str:
    """Read the PIN from a file that nobody but its owner can read.

    Raises:
        KeyUnavailable: missing, empty, too long, or readable by others.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PIN + 2).strip()
            mode = path.stat().st_mode
    except OSError as cause:
        raise KeyUnavailable(f"The file with the PIN cannot be read ({cause.strerror}).") from cause
    if mode & OTHERS:
        raise KeyUnavailable("The file with the PIN can be read by others: set its mode to 0600.")
    try:
        pin = data.decode()
    except UnicodeDecodeError:
        pin = ""  # the error would quote the file
    if not 0 < len(data) <= MAX_PIN or not pin:
        raise KeyUnavailable("The file with the PIN must hold the PIN and nothing else.")
    return pin


def fingerprint(pin: str) -> bytes:
    """What tells two PINs apart without keeping either."""
    return hashlib.sha256(pin.encode()).digest()

"""Files of a job that wait for their check: on disk only encrypted, and the key only in memory.

A process that ends takes the keys with it, however it ends, so what it leaves can be read by
nobody: not by an attacker, not by us, and not by the next process. That is why a job does
not go on after a crash but says "interrupted" (docs/decisions/0024-employers.md).
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import threading
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys import durable

_LOCK = "lock"
_NONCE = 12
"""NIST SP 800-38D 5.2.1.1. The place of a document, under a key of that job only."""


class JobSpool:
    """The waiting files of one job."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700)
        self._folder = folder
        self._cipher = AESGCM(AESGCM.generate_key(bit_length=256))

    def put(self, position: int, data: bytes) -> None:
        """Keep a document until it is taken; once for each place.

        Raises:
            OSError: the disk refuses.
        """
        sealed = self._cipher.encrypt(position.to_bytes(_NONCE, "big"), data, None)
        descriptor = os.open(self._file(position), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(sealed)

    def take(self, position: int) -> bytes:
        """Hand a document over and forget it.

        Raises:
            OSError: it is not there.
        """
        path = self._file(position)
        data = self._cipher.decrypt(position.to_bytes(_NONCE, "big"), path.read_bytes(), None)
        path.unlink()
        return data

    def close(self) -> None:
        """Forget whatever is left."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _file(self, position: int) -> Path:
        return self._folder / str(position)


class Spool:
    """The waiting files of this process. What dead processes left is removed first."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: Path | None = None
        self._lock = threading.Lock()
        self._descriptor = -1

    def open(self) -> JobSpool:
        """A place for the files of a new job.

        Raises:
            OSError: the disk refuses.
        """
        with self._lock:
            if self._own is None:
                self._own = self._begin()
            return JobSpool(self._own / secrets.token_hex(8))

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            if self._own is not None:
                shutil.rmtree(self._own, ignore_errors=True)
                os.close(self._descriptor)
                self._own = None

    def _begin(self) -> Path:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with durable.alone(self._folder):
            self._clear()
            own = self._folder / secrets.token_hex(8)
            own.mkdir(mode=0o700)
            self._descriptor = os.open(own / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        return own

    def sweep(self) -> int:
        """Remove what processes left that are gone; says how many folders there were."""
        if not self._folder.is_dir():
            return 0
        with durable.alone(self._folder):
            return self._clear()

    def _clear(self) -> int:
        """The caller is alone, so a folder without a held lock is nobody's."""
        others = [folder for folder in self._folder.iterdir() if folder != self._own]
        gone = [folder for folder in others if not _is_held(folder)]
        for folder in gone:
            shutil.rmtree(folder, ignore_errors=True)
        return len(gone)


def _is_held(folder: Path) -> bool:
    """The kernel lets go of a lock when its process ends, whatever ended it."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDWR)
    except FileNotFoundError:  # its process was ended while it made the folder
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False

"""A process that downloads one extract and kills itself at a chosen step.

Run as `python tests/faults/killable.py HOME AWARD STEP`. The steps are wrapped round
the real ports from outside, so the product has no hook for being killed.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from credentials.archive import FolderArchive
from credentials.downloading import Downloads
from credentials.extract import Language, Purpose
from credentials.issuing import Issuer
from credentials.lint import LINTS
from settings import Settings
from wiring import Instance

STEPS = (
    "before intend",
    "after intend",
    "before seal",
    "after seal",
    "before put",
    "inside put",
    "after put",
    "before conclude",
    "after conclude",
)


def die() -> None:
    """No clean-up, no flush, no goodbye."""
    os.kill(os.getpid(), signal.SIGKILL)


class Mined:
    """A port on which one call is the last thing this process does."""

    def __init__(self, port: Any, step: str) -> None:
        self._port = port
        self._when, self._call = step.split()

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return partial(self._mined, found) if name == self._call else found

    def _mined(self, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        if self._when == "before":
            die()
        result = call(*args, **kwargs)
        if self._when == "after":
            die()
        return result


class HalfWritten(FolderArchive):
    """Dies when the bytes are written but the file does not have its name yet."""

    def put(self, number: str, document: bytes) -> None:
        part = self._path(number).with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(document[: len(document) // 2])
        die()


def main(home: str, award: str, step: str) -> None:
    """Download one extract; with a step, do not survive it."""
    instance = Instance(Settings(home=Path(home)))
    archive = HalfWritten(Path(home) / "archive") if step == "inside put" else instance.archive
    ledger, stored = Mined(instance.ledger, step), Mined(archive, step)
    issuer = Issuer(instance.draw, Mined(instance.sealer, step), ledger, stored, LINTS)
    road = Downloads(issuer, ledger, stored, instance.downloads.draw_number, instance.clock)
    road.extract(instance.register.award(award), Language.EN, Purpose.GENERAL)


if __name__ == "__main__":
    main(*sys.argv[1:])

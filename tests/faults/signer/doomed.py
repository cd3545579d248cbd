"""A signer that kills itself at a chosen step of the first request (see `killable.py`).

Run as `python tests/faults/signer/doomed.py HOME SOCKET STEP`; everything but the mine
in its issuing cycle is the product's own.
"""

from __future__ import annotations

import sys
from functools import cached_property
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import signer
from credentials.archive import Archive
from credentials.downloading import Downloads
from credentials.issuing import Issuer
from credentials.lint import LINTS
from settings import ProcessRole, Settings
from tests.faults.killable import HalfWritten, Mined
from wiring import Instance


class Doomed(Instance):
    """An instance whose issuing cycle ends at a chosen step."""

    step = "never"

    @cached_property
    def downloads(self) -> Downloads:
        """The cycle, with a mine in it."""
        stored: Archive = self.archive
        if self.step == "inside put":
            stored = HalfWritten(self.settings.home / "archive")
        ledger, archive = Mined(self.ledger, self.step), Mined(stored, self.step)
        issuer = Issuer(self.draw, Mined(self.sealer, self.step), ledger, archive, LINTS)
        whole = Instance(self.settings).downloads
        return Downloads(issuer, ledger, archive, whole.draw_number, self.clock)


def main(home: str, socket: str, step: str) -> None:
    """Serve until killed."""
    settings = Settings(home=Path(home), signer_socket=Path(socket), role=ProcessRole.SIGNER)
    Doomed.step = step
    signer.serve(Doomed(settings))


if __name__ == "__main__":
    main(*sys.argv[1:])

"""A verifier as a program of its own that knows of the issuer what the kit tells, and no more.

`python -m tests.attacks.asking TRUST LEDGER FILE…` prints one line of JSON for each file.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tests.verifier.memory import MemoryIndex, MemoryStatuses
from verifier.ports import IssuedDocument, Status
from verifier.reading import ReadingHere
from verifier.verdict import Verdict
from verifier.verifying import Verifier

CODE = ".txt"


def verifier_of(trust: Path, ledger: Path) -> Verifier:
    """One that asks nothing but these two files."""
    told = json.loads(ledger.read_text(encoding="utf-8"))
    index, now = MemoryIndex(), datetime.fromisoformat(told["at"])
    index.files = {sha256: IssuedDocument(number) for sha256, number in told["issued"].items()}
    index.covered = set(told["covered"])
    statuses = {number: Status(status) for number, status in told["statuses"].items()}
    return Verifier(
        index=index,
        statuses=MemoryStatuses(statuses),
        trust=trust.read_bytes,
        reading=ReadingHere(),
        clock=lambda: now,
        address=told["address"],
    )


def _said(verifier: Verifier, file: Path) -> Verdict:
    if file.suffix == CODE:
        return verifier.verify_code(file.read_text(encoding="utf-8"))
    return verifier.verify(file.read_bytes())


def main(arguments: Sequence[str]) -> None:
    """Say of each file what is true of it today."""
    trust, ledger, *files = map(Path, arguments)
    verifier = verifier_of(trust, ledger)
    for file in files:
        told = {"file": str(file), "code": _said(verifier, file).code.value}
        sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Makes the verifier conformance kit: every attack and every accident, and what is true of each.

`python -m tests.attacks.making FOLDER` writes the files, the trust list, what the issuer knows, the
table and a runner. Everything is new at every run; only the table stays.
"""

from __future__ import annotations

import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.attacks import damage, forgeries, originals, papers
from tests.attacks.originals import Originals
from tests.attacks.variants import Variant
from tests.attacks.wrapping import REFUSED, WRAPPINGS, taken_apart
from tests.verifier.sealed import ADDRESS, NOW

TABLE = Path(__file__).with_name("expected.csv")
RUNNER, ABOUT = (Path(__file__).with_name(name) for name in ("runner.py", "KIT.md"))
"""They go along: who has the folder needs nothing else of ours."""
MAKERS = (
    papers.edited,
    papers.updated,
    papers.stripped,
    papers.copied,
    papers.rebuilt,
    forgeries.sealed_by_others,
    forgeries.of_another_person,
    forgeries.codes,
    forgeries.tokens,
    forgeries.old,
    damage.resaved,
    damage.pictured,
    damage.mailed,
)


@dataclass(frozen=True, slots=True)
class Row:
    """What the table says of one file."""

    file: str
    modus: str
    verdict: str
    """With the ledger and today's status at hand."""
    offline: str
    """With nothing but the trust list."""
    note: str


def variants(made: Originals) -> Iterator[Variant]:
    """Everything in the kit."""
    for maker in MAKERS:
        yield from maker(made)
    for name, wrap in (WRAPPINGS | REFUSED).items():
        data = wrap(*taken_apart(made.elmo)).encode()
        yield Variant("F13", "xml", name.replace("_", "-"), data)


def table() -> dict[str, Row]:
    """The one expected verdict of each file, by its path."""
    with TABLE.open(encoding="utf-8", newline="") as source:
        return {row["file"]: Row(**row) for row in csv.DictReader(source)}


def write(into: Path, made: Originals, files: Iterable[Variant]) -> None:
    """The kit as a folder that any verifier can be driven by."""
    for one in files:
        target = into / one.file
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(one.data)
    (into / "trust.json").write_bytes(made.world.trust)
    told = json.dumps(_ledger(made), indent=1) + "\n"
    (into / "kit.json").write_text(told, encoding="utf-8")
    for part in (TABLE, RUNNER):
        shutil.copyfile(part, into / part.name)
    shutil.copyfile(ABOUT, into / "README.md")


def _ledger(made: Originals) -> dict[str, Any]:
    """What the issuer knows of the kit, and the moment at which that is so."""
    index = made.index()
    numbers = {sha256: str(one.number) for sha256, one in sorted(index.files.items())}
    statuses = {number: one.value for number, one in made.statuses().statuses.items()}
    told = {"at": f"{NOW:%Y-%m-%dT%H:%M:%SZ}", "address": ADDRESS}
    return told | {"issued": numbers, "covered": sorted(index.covered), "statuses": statuses}


def main(into: Path) -> None:
    """Make everything anew and write it there."""
    with tempfile.TemporaryDirectory() as folder:
        made = originals.make(Path(folder))
        write(into, made, variants(made))


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Drives any verifier with the kit, and says where it differs from the table.

`python -m tests.attacks.runner KIT PROGRAM ARGUMENT…` calls the program once for each file.
In the arguments `{file}` is the file, `{trust}` the trust list, `{at}` the moment to judge
at; with `{files}` the program is called once and answers a line for each file. An answer is
a line of JSON with a member `code`, or the code alone. Exit code 0: no difference.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

SECONDS = 3_600
COLUMN = "offline"
"""A program on its own has no ledger to ask."""


def differences(kit: Path, command: Sequence[str]) -> Iterator[str]:
    """A line for each file about which the program says something else than the table."""
    with (kit / "expected.csv").open(encoding="utf-8", newline="") as source:
        rows = list(csv.DictReader(source))
    files = [str(kit / row["file"]) for row in rows]
    for row, said in zip(rows, _answers(kit, command, files), strict=True):
        if said != row[COLUMN]:
            yield f"{row['file']}: {row[COLUMN]} expected, {said} given"


def _answers(kit: Path, command: Sequence[str], files: Sequence[str]) -> Iterator[str]:
    told = json.loads((kit / "kit.json").read_text(encoding="utf-8"))
    fixed = {"trust": str(kit / "trust.json"), "at": str(told["at"])}
    filled = [_filled(part, fixed) for part in command]
    if "{files}" in filled:
        place = filled.index("{files}")
        yield from map(_code, _called([*filled[:place], *files, *filled[place + 1 :]]))
        return
    for file in files:
        lines = _called([_filled(part, {"file": file}) for part in filled])
        yield _code(lines[0] if lines else "")


def _filled(part: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        part = part.replace("{" + name + "}", value)
    return part


def _called(command: Sequence[str]) -> list[str]:
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)
    return [line for line in done.stdout.splitlines() if line.strip()]


def _code(line: str) -> str:
    try:
        told = json.loads(line)
    except ValueError:
        return line.strip()
    return str(told.get("code", "")) if isinstance(told, dict) else line.strip()


def main(arguments: Sequence[str]) -> int:
    """Print the differences; 1 where there are any."""
    found = list(differences(Path(arguments[0]), arguments[1:]))
    sys.stdout.writelines(f"{line}\n" for line in found)
    sys.stdout.write(f"{len(found)} differences\n")
    return 1 if found else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
